# SPDX-License-Identifier: BSD-2-Clause
"""The decision procedure: whether authority can ever get from here to there.

Theorem 1: no leak from x to y is possible in any future unless x and y are connected now.
Theorem 2: the authority that a subsystem has over an existing entity never grows.
Theorem 3: entities in disjoint access domains stay in disjoint ones.

`can_leak` is the thesis's answer, the closure of section 6.3, which never misses a leak. Where it
sees one too many, `really_leaks` tells (Decision 6 of docs/MODEL.md, proved like the theorems).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kernel.policy import native
from kernel.policy.graph import Components
from kernel.policy.load import load_state, without
from kernel.policy.statefile import CREATE, GRANT, READ, WRITE, ProtectionState
from sel4emu.errors import InputError

ALL_RIGHTS: Final = READ | WRITE | GRANT | CREATE


@dataclass(frozen=True, slots=True)
class Capability:
    """One capability of a state: who holds it, what it names, which rights it carries."""

    holder: int
    target: int
    rights: int


@dataclass(frozen=True, slots=True)
class Cut:
    """Why authority cannot cross: two components, and what lies between them.

    `between` are the capabilities from one to the other that do not carry the right that joins;
    there are `between_count`, of which the first are listed.
    """

    size_of_first: int
    size_of_second: int
    between: tuple[Capability, ...]
    between_count: int


class Policy:
    """A protection state that questions are asked about; each answer takes constant time.

    Entities are numbers below `state.entities`; another one raises InputError.
    """

    def __init__(self, state: ProtectionState) -> None:
        self.state = state

    @classmethod
    def load(cls, path: str, gone: tuple[int, ...] = ()) -> "Policy":
        """The state in a file, in which the entities `gone` hold nothing. Raises InputError."""
        return cls(without(load_state(path), gone))

    @cached_property
    def leak_graph(self) -> Components:
        """Subsystems: components of the capabilities with Grant (R6.4, R6.5)."""
        return Components(self.state, GRANT)

    @cached_property
    def access_graph(self) -> Components:
        """Access domains: components of those with Grant, Read or Write (R6.9, R6.10)."""
        return Components(self.state, GRANT | READ | WRITE)

    def check(self, entity: int) -> int:
        """The entity, if it exists."""
        if not 0 <= entity < self.state.entities:
            raise InputError(
                f"there is no entity {entity}: the state has 0 to {self.state.entities - 1}"
            )
        return entity

    def can_leak(self, source: int, target: int) -> bool:
        """Whether `source` may ever come to hold Grant over `target` (Theorem 1)."""
        return self.leak_graph.joined(self.check(source), self.check(target))

    def really_leaks(self, source: int, target: int) -> bool:
        """Whether commands exist after which `source` holds Grant over `target` (Decision 6).

        It holds it now; or the two are connected, and somebody holds Grant over each of them.
        """
        if not self.can_leak(source, target):
            return False
        if self._granted[source] and self._granted[target]:
            return True
        return self.grant_to(target, holder=source) is not None

    def grant_to(self, entity: int, *, holder: int | None = None) -> Capability | None:
        """A capability with Grant over an entity, of one holder or of anybody, if there is one."""
        offsets, order = self._by_target
        for place in order[offsets[self.check(entity)] : offsets[entity + 1]]:
            capability = self.capability(int(place))
            if capability.rights & GRANT and holder in (None, capability.holder):
                return capability
        return None

    def isolated(self, one: int, other: int) -> bool:
        """Whether two entities are in disjoint access domains (Theorem 3)."""
        return not self.access_graph.joined(self.check(one), self.check(other))

    def subsystem(self, entity: int) -> NDArray[np.int64]:
        """The entities connected with one, itself among them (R6.5)."""
        return self.leak_graph.members(self.check(entity))

    def domain(self, entity: int) -> NDArray[np.int64]:
        """The access domain of an entity (R6.10)."""
        return self.access_graph.members(self.check(entity))

    def holdings(self, entity: int, target: int) -> list[Capability]:
        """The capabilities to `target` that the subsystem of `entity` holds (R6.6)."""
        self.check(entity)
        offsets, order = self._by_target
        places = order[offsets[self.check(target)] : offsets[target + 1]]
        roots = self.leak_graph.roots
        mine = places[roots[self.state.holders[places]] == roots[entity]]
        return [self.capability(int(place)) for place in mine]

    def held_by(self, entity: int) -> list[Capability]:
        """The capabilities that one entity holds."""
        offsets, order = self._by_holder
        places = order[offsets[self.check(entity)] : offsets[entity + 1]]
        return [self.capability(int(place)) for place in places]

    def authority(self, entity: int, target: int) -> int:
        """All rights that the subsystem of `entity` can ever have over `target` (Theorem 2)."""
        rights = 0
        for capability in self.holdings(entity, target):
            rights |= capability.rights
        return rights

    def capability(self, place: int) -> Capability:
        """Capability number `place` of the state."""
        state = self.state
        return Capability(
            int(state.holders[place]), int(state.targets[place]), int(state.rights[place])
        )

    def leak_path(self, source: int, target: int) -> list[Capability]:
        """The capabilities with Grant that connect two entities of one subsystem."""
        return [self.capability(place) for place in self.leak_graph.path(source, target)]

    def access_path(self, source: int, target: int) -> list[Capability]:
        """The capabilities that connect two entities of one access domain."""
        return [self.capability(place) for place in self.access_graph.path(source, target)]

    def cut(self, graph: Components, one: int, other: int, most: int) -> Cut:
        """What separates two components (linear in the capabilities); lists up to `most`."""
        roots, state = graph.roots, self.state
        holders, targets = roots[state.holders], roots[state.targets]
        first, second = roots[one], roots[other]
        crossing = ((holders == first) & (targets == second)) | (
            (holders == second) & (targets == first)
        )
        places = np.flatnonzero(crossing)
        listed = tuple(self.capability(int(place)) for place in places[:most])
        return Cut(graph.size(one), graph.size(other), listed, len(places))

    @cached_property
    def _granted(self) -> NDArray[np.bool_]:
        """For each entity, whether anybody holds Grant over it."""
        granted = np.zeros(self.state.entities, np.bool_)
        granted[self.state.targets[(self.state.rights & GRANT) != 0]] = True
        return granted

    @cached_property
    def _by_target(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        offsets, order = native.index_by(self.state.targets, self.state.entities)
        return offsets, order

    @cached_property
    def _by_holder(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        offsets, order = native.index_by(self.state.holders, self.state.entities)
        return offsets, order
