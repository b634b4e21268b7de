# SPDX-License-Identifier: BSD-2-Clause
"""Live objects as entities of the protection model: their names, numbers, and what they hold.

A new entity gets the next number, as in the model, and no number is used twice. So an object that
is made where another was is a new entity, and the numbers below those of a state tell what existed
in it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from kernel.layout import CapType
from kernel.model.state import Capability, Right
from kernel.model.state import State as ModelState

#: What a thread acts through: the parts of its CSpace and VSpace.
PARTS: Final = frozenset({CapType.CNODE, CapType.PAGE_DIRECTORY, CapType.PAGE_TABLE})


class Entity(NamedTuple):
    """An object: `address` is what tells it from others of its type, of 2^bits bytes."""

    kind: CapType
    address: int
    bits: int

    def __str__(self) -> str:
        return f"{self.kind.name.lower().replace('_', ' ')} 0x{self.address:08x}"


Held = Mapping[Entity, Mapping[Entity, Right]]


class End(NamedTuple):
    """What a holder can do at an endpoint; `rights` are Read to wait, Write to send, Grant."""

    endpoint: Entity
    holder: Entity
    rights: Right


@dataclass(frozen=True)
class Abstraction:
    """The entities that exist by number, what they hold, and the state of the model."""

    numbers: Mapping[Entity, int]
    held: Held
    ends: tuple[End, ...]
    threads: Mapping[Entity, str]
    state: ModelState

    def caps(self, entity: Entity) -> Mapping[Entity, Right]:
        """What an entity holds, endpoints aside."""
        return self.held.get(entity, {})

    def name_of(self, number: int) -> str:
        """An entity in words."""
        entity = next((each for each, its in self.numbers.items() if its == number), None)
        return f"entity {number}" if entity is None else str(entity)


class Numbering:
    """Gives each entity the next number when it is first seen, and no number twice."""

    def __init__(self) -> None:
        self._numbers: dict[Entity, int] = {}
        self.next_id = 0

    def number(self, entities: Iterable[Entity]) -> dict[Entity, int]:
        """Numbers of the entities that exist; the others lose theirs for ever."""
        fresh: dict[Entity, int] = {}
        for entity in sorted(entities):
            known = self._numbers.get(entity)
            if known is None:
                known, self.next_id = self.next_id, self.next_id + 1
            fresh[entity] = known
        self._numbers = fresh
        return dict(fresh)


def assemble(
    held: Held,
    ends: Iterable[End],
    threads: Mapping[Entity, str],
    numbering: Numbering,
    others: Iterable[Entity] = (),
) -> Abstraction:
    """The state in which these things are held; `others` are entities that nobody mentions."""
    ends = tuple(ends)
    entities = {*others, *threads, *held, *(end.holder for end in ends)}
    entities.update(target for caps in held.values() for target in caps)
    numbers = numbering.number(entities)
    heap: dict[int, set[Capability]] = {
        numbers[holder]: {Capability(numbers[t], rights) for t, rights in caps.items()}
        for holder, caps in held.items()
    }
    for holder, target, rights in channels(ends):
        heap.setdefault(numbers[holder], set()).add(Capability(numbers[target], rights))
    state = ModelState.of(heap, numbering.next_id)
    return Abstraction(numbers, held, ends, threads, state)


def channels(ends: Iterable[End]) -> Iterator[tuple[Entity, Entity, Right]]:
    """Who may send to whom, with which rights: every sender with every other holder of Read."""
    by_endpoint: dict[Entity, list[End]] = {}
    for end in ends:
        by_endpoint.setdefault(end.endpoint, []).append(end)
    for meeting in by_endpoint.values():
        receivers = [end.holder for end in meeting if end.rights & Right.READ]
        for end in meeting:
            rights = end.rights & (Right.WRITE | Right.GRANT)
            if end.rights & Right.WRITE:
                yield from ((end.holder, other, rights) for other in receivers)
