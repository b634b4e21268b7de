# SPDX-License-Identifier: BSD-2-Clause
"""The protection state: entities, rights, capabilities and the heap (R5.1 to R5.8)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Flag
from types import MappingProxyType
from typing import Final, NamedTuple, Self


class Right(Flag):
    """A set of rights; each member is the set of one."""

    READ = 1
    WRITE = 2
    GRANT = 4
    CREATE = 8


NO_RIGHTS: Final = Right(0)
ALL_RIGHTS: Final = Right.READ | Right.WRITE | Right.GRANT | Right.CREATE
#: The rights that give access to information, or can arrange for it.
GRW: Final = Right.READ | Right.WRITE | Right.GRANT


class Capability(NamedTuple):
    """What its holder may do to one entity."""

    entity: int
    rights: Right


#: An entity is the set of its capabilities and nothing else.
Entity = frozenset[Capability]
NULL_ENTITY: Final[Entity] = frozenset()


@dataclass(frozen=True)
class State:
    """The entities that hold something, by number, and how many entities there are.

    The heap is total: what is not in the mapping is empty. `of` builds a state in the one form
    in which equal states compare equal, which has no empty entity in the mapping.
    """

    heap: Mapping[int, Entity]
    next_id: int

    @classmethod
    def of(cls, heap: Mapping[int, Iterable[Capability]], next_id: int) -> Self:
        """The state in which each entity of `heap` holds what stands there."""
        entities = {e: frozenset(caps) for e, caps in heap.items()}
        return cls(MappingProxyType({e: caps for e, caps in entities.items() if caps}), next_id)

    def caps(self, e: int) -> Entity:
        """The capabilities of an entity; none where there is no entity."""
        return self.heap.get(e, NULL_ENTITY)

    def is_entity(self, e: int) -> bool:
        return 0 <= e < self.next_id

    def all_caps(self) -> Iterator[tuple[int, Capability]]:
        """Every capability, with its holder."""
        return ((e, c) for e, caps in self.heap.items() for c in caps)


def all_cap(e: int) -> Capability:
    return Capability(e, ALL_RIGHTS)


def no_cap(e: int) -> Capability:
    return Capability(e, NO_RIGHTS)


def grant_cap(e: int) -> Capability:
    return Capability(e, Right.GRANT)


def sane(s: State) -> bool:
    """No capability dangles, and nothing lies beyond the last entity (R5.7)."""
    return all(s.is_entity(e) and s.is_entity(c.entity) for e, c in s.all_caps())


#: The resource manager alone, with all rights to itself (R5.8).
INITIAL_STATE: Final = State.of({0: [all_cap(0)]}, 1)
