# SPDX-License-Identifier: BSD-2-Clause
"""The state that the resource manager left, held against the one that its description promises.

A difference is named by the rule that it breaks: the restrictions of sections 6.4.2 and 6.5.3
(R6.58 to R6.63), or what the manager is there for (R6.44, R6.45, R6.51, R6.53, R6.54). At the end
the live state, with each subsystem as one entity, must be the promised state exactly (R6.46).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import combinations
from operator import and_
from typing import Final, NamedTuple

from kernel.layout import CapType, window_address
from kernel.model.state import NO_RIGHTS, Capability, Right, State
from kernel.model.text import rights_text
from kernel.object.vspace import is_ram
from kernel.policy.description import DeviceGrant
from kernel.policy.entities import PARTS, Abstraction, End, Entity
from kernel.policy.layout import MIB, ChannelKind
from kernel.policy.promise import Kind, Promise

#: What each rule says, in one line.
RULES: Final[Mapping[str, str]] = {
    "R6.25": "who are not connected never will be (Lemma 17, which Theorem 1 rests on)",
    "R6.31": "a subsystem never gains authority over what exists (Theorem 2)",
    "R6.39": "who are isolated stay so (Theorem 3)",
    "R6.44": "each subsystem gets what its description says, and Grant over itself alone",
    "R6.45": "the manager removes its own capabilities and exits",
    "R6.46": "the live state is the promised state",
    "R6.51": "one subsystem clause makes one subsystem",
    "R6.53": "a subsystem has the memory of its resource clause, and no other has it",
    "R6.54": "a comm or notify clause makes one channel in one direction, and nothing else does",
    "R6.58": "no Grant channel between subsystems",
    "R6.59": "no CNode and no page table is shared between subsystems",
    "R6.60": "no TCB capability of one subsystem is in the possession of another",
    "R6.61": "no channel of any kind between isolated domains, nor shared frames",
}
#: Types that the manager may leave in its dead CNode: what it ran in.
_REMAINS: Final = frozenset({CapType.CNODE, CapType.FRAME, CapType.PAGE_TABLE, CapType.ASID_POOL})
_MEMORY: Final = PARTS | {CapType.UNTYPED, CapType.TCB, CapType.FRAME}
_OWN_KINDS: Final = PARTS | {CapType.TCB, CapType.UNTYPED}
_CHANNEL_KINDS: Final = {
    ChannelKind.COMM: CapType.ENDPOINT,
    ChannelKind.NOTIFY: CapType.ASYNC_ENDPOINT,
}


class Violation(NamedTuple):
    """A rule (a requirement's number) and what breaks it."""

    rule: str
    text: str

    def __str__(self) -> str:
        return f"{self.rule} ({RULES[self.rule]}): {self.text}"


@dataclass(frozen=True)
class Part:
    """One subsystem as it was found: its thread, all that it acts through, all that it holds."""

    number: int
    name: str
    thread: Entity
    through: frozenset[Entity]
    holds: Mapping[Entity, Right]


Problems = Iterator[Violation]
#: Numbers of sender and receiver, and the type of the endpoint.
_Channel = tuple[int, int, CapType]


def compare(live: Abstraction, promised: Promise) -> list[Violation]:
    """What is wrong: the violations of the first rule that is broken, none if the states agree.

    Later rules are about systems in which the earlier ones hold.
    """
    problems = list(_threads(live, promised))
    if problems:
        return problems
    return _Comparison(live, promised).problems()


def _threads(live: Abstraction, promised: Promise) -> Problems:
    found = list(live.threads.values())
    for subsystem in promised.description.subsystems:
        count = found.count(subsystem.name)
        if count != 1:
            yield Violation("R6.51", f"there are {count} threads '{subsystem.name}', not 1")


def find_part(live: Abstraction, number: int, name: str) -> Part:
    """A subsystem by the name of its thread."""
    thread = next(entity for entity, its in live.threads.items() if its == name)
    through, holds, pending = {thread}, dict[Entity, Right](), [thread]
    while pending:
        for target, rights in live.caps(pending.pop()).items():
            holds[target] = holds.get(target, NO_RIGHTS) | rights
            if target.kind in PARTS and target not in through:
                through.add(target)
                pending.append(target)
    return Part(number, name, thread, frozenset(through), holds)


class _Comparison:
    def __init__(self, live: Abstraction, promised: Promise) -> None:
        self._live = live
        self._promised = promised
        subsystems = promised.description.subsystems
        self._parts = [find_part(live, i, each.name) for i, each in enumerate(subsystems)]
        self._domain = {number: domain for domain in promised.domains for number in domain}
        self._ends = self._ends_by_endpoint()

    def problems(self) -> list[Violation]:
        """The violations of the first rule that is broken."""
        rules: tuple[Callable[[], Problems], ...] = (
            self._shared_parts, self._threads_of_others, self._grant_channels,
            self._unpromised_channels, self._missing_channels, self._shared_frames,
            self._memory, self._other_things, self._manager, self._whole_state,
        )  # fmt: skip
        return next((found for rule in rules if (found := list(rule()))), [])

    def _same_domain(self, one: int, other: int) -> bool:
        return other in self._domain[one]

    # Parts, threads, frames ------------------------------------------------------------------

    def _holders(self, kinds: frozenset[CapType]) -> Iterator[tuple[Entity, list[Part]]]:
        """Each object of these kinds that more than one subsystem holds."""
        holders: dict[Entity, list[Part]] = {}
        for part in self._parts:
            for entity in part.holds:
                if entity.kind in kinds:
                    holders.setdefault(entity, []).append(part)
        return ((entity, parts) for entity, parts in holders.items() if len(parts) > 1)

    def _shared_parts(self) -> Problems:
        for entity, parts in self._holders(PARTS):
            yield Violation("R6.59", f"{_names(parts)} share the {entity}")

    def _threads_of_others(self) -> Problems:
        owners = {part.thread: part for part in self._parts}
        for part in self._parts:
            for entity in part.holds:
                owner = owners.get(entity)
                if owner is not None and owner is not part:
                    yield Violation("R6.60", f"'{part.name}' holds the thread of '{owner.name}'")

    def _shared_frames(self) -> Problems:
        for entity, parts in self._holders(frozenset({CapType.FRAME})):
            apart = any(
                not self._same_domain(one.number, other.number)
                for one, other in combinations(parts, 2)
            )
            yield Violation("R6.61" if apart else "R6.44", f"{_names(parts)} share the {entity}")

    # Channels --------------------------------------------------------------------------------

    def _ends_by_endpoint(self) -> dict[Entity, list[tuple[int, End]]]:
        """The ends in the hands of subsystems, with the subsystem's number."""
        owners = {entity: part.number for part in self._parts for entity in part.through}
        found: dict[Entity, list[tuple[int, End]]] = {}
        for end in self._live.ends:
            if end.holder in owners:
                found.setdefault(end.endpoint, []).append((owners[end.holder], end))
        return found

    def _grant_channels(self) -> Problems:
        for endpoint, ends in self._ends.items():
            granting = [number for number, end in ends if end.rights & Right.GRANT]
            if granting and len({number for number, _ in ends}) > 1:
                names = _names([self._parts[number] for number in sorted(set(granting))])
                yield Violation("R6.58", f"{names} can pass capabilities on by the {endpoint}")

    def _found_channels(self) -> Counter[_Channel]:
        """How many endpoints lead from one subsystem to another."""
        return Counter(
            channel
            for endpoint, ends in self._ends.items()
            for channel in {
                (sender, receiver, endpoint.kind)
                for sender, out in ends
                if out.rights & Right.WRITE
                for receiver, into in ends
                if into.rights & Right.READ and sender != receiver
            }
        )

    def _promised_channels(self) -> Counter[_Channel]:
        channels = self._promised.description.channels
        return Counter((each.sender, each.receiver, _CHANNEL_KINDS[each.kind]) for each in channels)

    def _channel(self, sender: int, receiver: int, kind: CapType) -> str:
        names = f"'{self._parts[sender].name}' to '{self._parts[receiver].name}'"
        return f"{names} by an {kind.name.lower().replace('_', ' ')}"

    def _unpromised_channels(self) -> Problems:
        for channel in sorted(self._found_channels() - self._promised_channels()):
            rule = "R6.54" if self._same_domain(channel[0], channel[1]) else "R6.61"
            yield Violation(rule, f"there is a channel too many from {self._channel(*channel)}")

    def _missing_channels(self) -> Problems:
        for channel in sorted(self._promised_channels() - self._found_channels()):
            yield Violation("R6.54", f"there is no channel from {self._channel(*channel)}")

    # Memory and devices ----------------------------------------------------------------------

    def _memory_bytes(self, part: Part) -> int:
        return sum(1 << each.bits for each in part.holds if each.kind is CapType.UNTYPED)

    def _memory(self) -> Problems:
        for part in self._parts:
            found, wanted = self._memory_bytes(part), self._wanted_bytes(part)
            if found != wanted:
                yield Violation("R6.53", f"'{part.name}' has {found} bytes, not {wanted}")
        yield from self._overlaps()

    def _wanted_bytes(self, part: Part) -> int:
        return self._promised.description.subsystems[part.number].memory_mib * MIB

    def _overlaps(self) -> Problems:
        """Untyped memory in which somebody else, or its owner, already has something."""
        pieces = sorted(
            (start, start + (1 << entity.bits), part.number, entity)
            for part in self._parts
            for entity in {*part.holds, part.thread}
            if (start := _memory_start(entity)) is not None
        )
        reached, owner, last = 0, 0, None
        for start, end, number, entity in pieces:
            if last is not None and start < reached and CapType.UNTYPED in (entity.kind, last.kind):
                names = _names([self._parts[each] for each in sorted({number, owner})])
                yield Violation("R6.53", f"the {entity} lies in the {last}, of {names}")
            if end > reached:
                reached, owner, last = end, number, entity

    def _other_things(self) -> Problems:
        for part in self._parts:
            devices = self._promised.description.subsystems[part.number].devices
            allowed = {entity for device in devices for entity in _device_entities(device)}
            for entity in part.holds:
                if not self._is_own(entity) and entity not in allowed:
                    yield Violation("R6.44", f"'{part.name}' holds the {entity}")
            for entity in sorted(allowed - part.holds.keys()):
                yield Violation("R6.44", f"'{part.name}' does not hold the {entity}")

    @staticmethod
    def _is_own(entity: Entity) -> bool:
        is_page = entity.kind is CapType.FRAME and is_ram(entity.address)
        return is_page or entity.kind in _OWN_KINDS

    # The manager -----------------------------------------------------------------------------

    def _manager(self) -> Problems:
        inside = {entity for part in self._parts for entity in part.through}
        kept = {entity for part in self._parts for entity in part.holds} | inside
        ours = {part.thread for part in self._parts}
        for thread, name in self._live.threads.items():
            if thread not in ours:
                yield Violation("R6.45", f"the {thread} ('{name}') is still there")
        for holder, target in self._held_outside(inside):
            if target in kept or target.kind not in _REMAINS:
                yield Violation("R6.45", f"the {holder} still holds the {target}")

    def _held_outside(self, inside: set[Entity]) -> Iterator[tuple[Entity, Entity]]:
        """What is held by nothing that a subsystem acts through, endpoints too."""
        for holder, caps in self._live.held.items():
            if holder not in inside and holder.kind is not CapType.IRQ_HANDLER:
                yield from ((holder, target) for target in caps)
        for end in self._live.ends:
            if end.holder not in inside and end.holder.kind is not CapType.IRQ_HANDLER:
                yield end.holder, end.endpoint

    # The whole -------------------------------------------------------------------------------

    def _whole_state(self) -> Problems:
        """With the rules kept this is a second way to the same answer."""
        live = collapse(self._parts, self._found_channels(), self._promised)
        wanted = self._promised.state
        for entity in range(wanted.next_id):
            for capability in live.caps(entity) ^ wanted.caps(entity):
                word = "should not" if capability in live.caps(entity) else "should"
                what = f"{rights_text(capability.rights)} over {capability.entity}"
                yield Violation("R6.46", f"entity {entity} {word} hold {what}")


def collapse(parts: Iterable[Part], channels: Iterable[_Channel], promised: Promise) -> State:
    """The live state in the terms of the promise: each subsystem one entity, its memory another."""
    heap: dict[int, set[Capability]] = {}
    for part in parts:
        own = promised.subsystem(part.number)
        caps = heap.setdefault(own, set())
        if any(rights & Right.GRANT for e, rights in part.holds.items() if e in part.through):
            caps.add(Capability(own, Right.GRANT))
        if any(entity.kind is CapType.UNTYPED for entity in part.holds):
            caps.add(Capability(promised.memory(part.number), Right.CREATE))
        caps.update(_device_caps(part, promised))
    for sender, receiver, _ in channels:
        caps = heap[promised.subsystem(sender)]
        caps.add(Capability(promised.subsystem(receiver), Right.WRITE))
    return State.of(heap, promised.state.next_id)


def _device_caps(part: Part, promised: Promise) -> Iterator[Capability]:
    devices = {d.name: d for d in promised.description.subsystems[part.number].devices}
    for number, entity in enumerate(promised.entities):
        if entity.owner != part.number or entity.kind not in (Kind.DEVICE, Kind.INTERRUPT):
            continue
        kind = CapType.FRAME if entity.kind is Kind.DEVICE else CapType.IRQ_HANDLER
        rights = [
            part.holds.get(each, NO_RIGHTS)
            for each in _device_entities(devices[entity.name])
            if each.kind is kind
        ]
        yield Capability(number, reduce(and_, rights))


def _device_entities(device: DeviceGrant) -> Iterator[Entity]:
    for index in range(device.frames):
        address = device.base + (index << device.frame_bits)
        yield Entity(CapType.FRAME, address, device.frame_bits)
    if device.irq is not None:
        yield Entity(CapType.IRQ_HANDLER, device.irq, 0)


def _memory_start(entity: Entity) -> int | None:
    """The window address of an object in RAM."""
    if entity.kind not in _MEMORY:
        return None
    if entity.kind is CapType.FRAME:
        return window_address(entity.address) if is_ram(entity.address) else None
    return entity.address


def _names(parts: list[Part]) -> str:
    return " and ".join(f"'{part.name}'" for part in parts)
