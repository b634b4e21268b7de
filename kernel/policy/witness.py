# SPDX-License-Identifier: BSD-2-Clause
"""Command sequences that really lead to a leak, where there are any.

The closure of section 6.3 over-states in systems without any self-grant and without any Create
right. So "yes" is followed by a search: what can be granted along the path is granted until
nothing new comes up, then each entity that can makes one new entity, and so on once more. Every
sequence found is legal command by command, in running order.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from kernel.model import state as model
from kernel.model.operations import SysCreate, SysGrant
from kernel.policy.decide import ALL_RIGHTS, Capability, Policy
from kernel.policy.statefile import CREATE, GRANT

#: The work grows with the cube of the entities that take part, so these are few.
MAX_ENTITIES: Final = 48
#: Entities that hold Grant over the target, which are asked to pass that on.
MAX_HELPERS: Final = 4
#: Rounds of making new entities, and new entities in all.
CREATE_ROUNDS: Final = 2
MAX_CREATED: Final = 16
#: Capabilities that may come up before the search gives up.
MAX_CAPABILITIES: Final = 5000


#: What the search uses of the model's operations.
Command = SysCreate | SysGrant


def _named(capability: Capability) -> model.Capability:
    """The capability as the model has it, without its holder."""
    return model.Capability(capability.target, model.Right(capability.rights))


@dataclass(frozen=True, slots=True)
class _Origin:
    """The command that gave a capability, and the capabilities that it needed."""

    command: Command
    needed: tuple[Capability, Capability]


class _Search:
    """Saturates a small state, remembering where each capability came from."""

    def __init__(
        self, entities: Iterable[int], capabilities: Iterable[Capability], fresh: int
    ) -> None:
        self._actors = set(entities)
        self._held: defaultdict[int, list[Capability]] = defaultdict(list)
        self._origins: dict[Capability, _Origin | None] = {}
        self._waiting: deque[Capability] = deque()
        self._fresh = fresh
        self._created: dict[tuple[int, int], int] = {}
        for capability in capabilities:
            self._add(capability, None)

    def _add(self, capability: Capability, origin: _Origin | None) -> None:
        for held in self._held[capability.holder]:
            if held.target == capability.target and not capability.rights & ~held.rights:
                return
        self._held[capability.holder].append(capability)
        self._origins[capability] = origin
        self._waiting.append(capability)

    def saturate(self, wanted: tuple[int, int]) -> Capability | None:
        """Grant until nothing new comes up, or Grant over wanted[1] has reached wanted[0]."""
        while self._waiting and len(self._origins) < MAX_CAPABILITIES:
            new = self._waiting.popleft()
            if (new.holder, new.target) == wanted and new.rights & GRANT:
                return new
            for channel, moved in self._pairs(new):
                command = SysGrant(new.holder, _named(channel), _named(moved), model.ALL_RIGHTS)
                copy = Capability(channel.target, moved.target, moved.rights)
                self._add(copy, _Origin(command, (channel, moved)))
        return None

    def _pairs(self, new: Capability) -> Iterator[tuple[Capability, Capability]]:
        """Channels and capabilities of one holder, the new one being one or both of them."""
        held = list(self._held[new.holder])
        if new.rights & GRANT and new.target in self._actors:
            yield from ((new, moved) for moved in held)
        for channel in held:
            if channel != new and channel.rights & GRANT and channel.target in self._actors:
                yield channel, new

    def create(self) -> bool:
        """Have every entity that can make a new one, once for each that it can grant to."""
        plans = [
            (holder, maker, channel)
            for holder in sorted(self._actors)
            for maker in self._held[holder]
            if maker.rights & CREATE
            for channel in list(self._held[holder])
            if channel.rights & GRANT and channel.target in self._actors
        ]
        made = False
        for holder, maker, channel in plans:
            key = (holder, channel.target)
            if key in self._created or len(self._created) >= MAX_CREATED:
                continue
            made = True
            number = self._created[key] = self._fresh + len(self._created)
            self._actors.add(number)
            command = SysCreate(holder, _named(maker), _named(channel))
            new = Capability(channel.target, number, ALL_RIGHTS)
            self._add(new, _Origin(command, (maker, channel)))
        return made

    def commands(self, goal: Capability) -> list[Command]:
        """The commands that lead to a capability, each after those that it needs.

        New entities are numbered in the order in which their creation runs.
        """
        ordered: list[tuple[Command, Capability]] = []
        seen: set[Capability] = set()
        stack: list[tuple[Capability, bool]] = [(goal, False)]
        while stack:
            capability, ready = stack.pop()
            origin = self._origins[capability]
            if origin is None or (capability in seen and not ready):
                continue
            if ready:
                ordered.append((origin.command, capability))
                continue
            seen.add(capability)
            stack.append((capability, True))
            stack += [(needed, False) for needed in origin.needed]
        return self._renumbered(ordered)

    def _renumbered(self, ordered: list[tuple[Command, Capability]]) -> list[Command]:
        numbers: dict[int, int] = {}
        for command, given in ordered:
            if isinstance(command, SysCreate):
                numbers[given.target] = self._fresh + len(numbers)

        def renamed(capability: model.Capability) -> model.Capability:
            return capability._replace(entity=numbers.get(capability.entity, capability.entity))

        return [
            replace(
                command,
                e=numbers.get(command.e, command.e),
                c1=renamed(command.c1),
                c2=renamed(command.c2),
            )
            for command, _given in ordered
        ]


def _on_path(policy: Policy, source: int, target: int) -> set[int]:
    path = policy.leak_path(source, target)
    return {source, target} | {c.holder for c in path} | {c.target for c in path}


def _entities(policy: Policy, source: int, target: int) -> set[int]:
    """Who takes part: the path between the two, and paths from those that can name the target."""
    entities = _on_path(policy, source, target)
    for capability in policy.holdings(source, target)[:MAX_HELPERS]:
        if capability.rights & GRANT:
            entities |= _on_path(policy, capability.holder, source)
    return entities


def find_leak(policy: Policy, source: int, target: int) -> list[Command] | None:
    """Commands after which `source` holds Grant over `target`, or None if none were found.

    An empty list: it holds it already.
    """
    entities = _entities(policy, source, target)
    if len(entities) > MAX_ENTITIES:
        return None
    held = [c for entity in sorted(entities) for c in policy.held_by(entity)]
    search = _Search(entities, held, policy.state.entities)
    for _round in range(CREATE_ROUNDS + 1):
        goal = search.saturate((source, target))
        if goal is not None:
            return search.commands(goal)
        if not search.create():
            break
    return None
