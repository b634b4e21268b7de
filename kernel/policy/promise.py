# SPDX-License-Identifier: BSD-2-Clause
"""The state of the protection model that a description promises, and the commands that make it.

Entity 0 is the resource manager, which holds nothing in the end; 1 to n are the subsystems in the
order of the description, the next n their memory (so that the thesis's examples get the thesis's
numbers, R6.46 and R6.48), and then come the devices and their interrupts. A subsystem holds Grant
over itself, Write over those it sends to, Create over its memory, Read and Write over its devices,
Write over their interrupts, and nothing else (R6.44, R6.53, R6.54).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from kernel.model import analysis
from kernel.model.operations import Operation, SysCreate, SysGrant, SysRemove
from kernel.model.state import Capability, Right, State, all_cap
from kernel.model.text import state_lines
from kernel.policy.description import Description


class Kind(Enum):
    """What an entity stands for."""

    MANAGER = "manager"
    SUBSYSTEM = "subsystem"
    MEMORY = "memory"
    DEVICE = "device"
    INTERRUPT = "interrupt"


@dataclass(frozen=True, slots=True)
class PromisedEntity:
    """An entity: `owner` is the number of the subsystem that it is or belongs to, if any.

    `name` is the subsystem's, or the device's.
    """

    kind: Kind
    name: str
    owner: int | None


@dataclass(frozen=True)
class Promise:
    """The entities by number, and what they hold when the resource manager has gone."""

    description: Description
    entities: tuple[PromisedEntity, ...]
    state: State

    def subsystem(self, number: int) -> int:
        """The entity of a subsystem."""
        assert 0 <= number < len(self.description.subsystems)
        return 1 + number

    def memory(self, number: int) -> int:
        """The entity of a subsystem's memory."""
        return self.subsystem(number) + len(self.description.subsystems)

    @cached_property
    def domains(self) -> tuple[tuple[int, ...], ...]:
        """The numbers of the subsystems in each isolation domain (R6.10, R6.11)."""
        access = analysis.access(self.state)
        by_root: dict[int, list[int]] = {}
        for number in range(len(self.description.subsystems)):
            by_root.setdefault(access.find(self.subsystem(number)), []).append(number)
        return tuple(map(tuple, by_root.values()))

    @cached_property
    def joined(self) -> tuple[tuple[int, int], ...]:
        """Pairs of subsystems that are connected, which no description can express (R6.55)."""
        connection = analysis.connection(self.state)
        count = len(self.description.subsystems)
        return tuple(
            (one, other)
            for one in range(count)
            for other in range(one + 1, count)
            if connection.same(self.subsystem(one), self.subsystem(other))
        )

    def text(self) -> str:
        """The state in the form that `sel4emu policy` reads, with the names as comments."""
        names = (
            f"# {number}: {entity.kind.value} {entity.name}".rstrip()
            for number, entity in enumerate(self.entities)
        )
        header, *capabilities = state_lines(self.state)
        return "\n".join((header, *names, *capabilities)) + "\n"


def promise(description: Description) -> Promise:
    """What a description promises."""
    entities = tuple(_entities(description))
    heap: dict[int, list[Capability]] = {}
    for holder, capability in _distribution(description, entities):
        heap.setdefault(holder, []).append(capability)
    return Promise(description, entities, State.of(heap, len(entities)))


def _entities(description: Description) -> Iterator[PromisedEntity]:
    yield PromisedEntity(Kind.MANAGER, "", None)
    for kind in (Kind.SUBSYSTEM, Kind.MEMORY):
        for number, subsystem in enumerate(description.subsystems):
            yield PromisedEntity(kind, subsystem.name, number)
    for number, subsystem in enumerate(description.subsystems):
        for device in subsystem.devices:
            yield PromisedEntity(Kind.DEVICE, device.name, number)
            if device.irq is not None:
                yield PromisedEntity(Kind.INTERRUPT, device.name, number)


_RIGHTS = {
    Kind.SUBSYSTEM: Right.GRANT,
    Kind.MEMORY: Right.CREATE,
    Kind.DEVICE: Right.READ | Right.WRITE,
    Kind.INTERRUPT: Right.WRITE,
}


def _distribution(
    description: Description, entities: tuple[PromisedEntity, ...]
) -> Iterator[tuple[int, Capability]]:
    """(holder, capability) in the order in which the manager gives them: by holder."""
    writes = sorted({(c.sender, c.receiver) for c in description.channels})
    for owner in range(len(description.subsystems)):
        own = [
            (number, entity.kind) for number, entity in enumerate(entities) if entity.owner == owner
        ]
        (holder, _), *rest = own
        yield holder, Capability(holder, _RIGHTS[Kind.SUBSYSTEM])
        for sender, receiver in writes:
            if sender == owner:
                yield holder, Capability(1 + receiver, Right.WRITE)
        for number, kind in rest:
            yield holder, Capability(number, _RIGHTS[kind])


def bootstrap(promised: Promise) -> list[Operation]:
    """Commands of entity 0, in running order, from the initial state to the promised one.

    All entities are created, each subsystem is given what is its own, then the manager removes
    what it holds over them, and over itself at the end (R6.44, R6.45, R6.47, R6.49).
    """
    own = all_cap(0)
    made = range(1, len(promised.entities))
    commands: list[Operation] = [SysCreate(0, own, own) for _ in made]
    for holder, given in _distribution(promised.description, promised.entities):
        commands.append(SysGrant(0, all_cap(holder), all_cap(given.entity), given.rights))
    commands += [SysRemove(0, own, all_cap(entity)) for entity in (*made, 0)]
    return commands
