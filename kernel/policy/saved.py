# SPDX-License-Identifier: BSD-2-Clause
"""A saved machine as a protection state: tables 5.2 and 5.3 on its kernel memory.

`abstraction.py` reads the objects one by one. Here threads are put together with what they act
through, as the tables have it: threads with one CSpace are one entity (R5.34), of which those
CNodes, PageDirectories and PageTables are part that only this CSpace and VSpace lead to. What two
entities lead to is an entity of its own, over which both hold Grant (R5.35).

That a thread has its CSpace and VSpace is no capability that it could invoke: inside an entity it
is no Grant. A CNode capability in a thread's own CSpace is one: it is Grant over itself.

The memory may hold anything. So before it is abstracted, everything that is followed later is
looked at once: addresses, the ring of capabilities, that objects do not overlap, and how much
there is of everything.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise
from typing import Final, cast

import numpy as np

from kernel import abi, layout
from kernel.layout import CapType, ThreadState
from kernel.model.state import Right
from kernel.object import mdb, vspace
from kernel.object.capability import Cap, cnode_radix, object_address, object_bytes, read_cap
from kernel.policy.abstraction import Abstractor
from kernel.policy.entities import Abstraction, End, Entity, channels
from kernel.policy.savedfile import SavedMachine, damaged, unpack
from kernel.policy.statefile import ProtectionState
from kernel.port import Port
from kernel.state import State
from sel4emu.errors import InputError

#: How many slots, mappings and channels there may be, each; far more than a board's worth of use.
MOST: Final = 1 << 20

#: Entities are numbered in this order of their kinds, then by address.
KINDS: Final = (
    CapType.TCB,
    CapType.CNODE,
    CapType.PAGE_DIRECTORY,
    CapType.PAGE_TABLE,
    CapType.UNTYPED,
    CapType.FRAME,
    CapType.IRQ_CONTROL,
    CapType.IRQ_HANDLER,
    CapType.ASID_CONTROL,
    CapType.ASID_POOL,
    CapType.DOMAIN,
)
_ORDER: Final = {kind: place for place, kind in enumerate(KINDS)}

#: How a thread leads to the parts of its CSpace and VSpace.
_LEADS: Final = frozenset(
    {
        (CapType.TCB, CapType.CNODE),
        (CapType.TCB, CapType.PAGE_DIRECTORY),
        (CapType.CNODE, CapType.CNODE),
        (CapType.PAGE_DIRECTORY, CapType.PAGE_TABLE),
    }
)
#: Those of them that are no capabilities in the CSpace.
_STRUCTURE: Final = _LEADS - {(CapType.CNODE, CapType.CNODE)}
#: Objects whose memory is read.
_READ: Final = frozenset({CapType.TCB, CapType.CNODE, CapType.PAGE_DIRECTORY, CapType.PAGE_TABLE})
_TABLES: Final = frozenset({CapType.PAGE_DIRECTORY, CapType.PAGE_TABLE})
_ENDPOINTS: Final = frozenset({CapType.ENDPOINT, CapType.ASYNC_ENDPOINT})
_MOST_RADIX: Final = abi.WORD_BITS - abi.SLOT_BITS
#: Senders (0) and receivers (1) at an endpoint, in a count of both.
_MEETINGS: Final = {
    ThreadState.BLOCKED_ON_SEND: 0,
    ThreadState.BLOCKED_ON_RECEIVE: 1,
    ThreadState.BLOCKED_ON_ASYNC_EVENT: 1,
}


@dataclass(frozen=True, slots=True)
class SavedEntity:
    """An entity of a saved machine: what it is, where, and the names of its threads."""

    number: int
    entity: Entity
    names: tuple[str, ...]
    #: addresses of its threads' TCBs; empty where it is no thread
    threads: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SavedState:
    """A saved machine in the terms of the model."""

    machine: SavedMachine
    entities: tuple[SavedEntity, ...]
    state: ProtectionState


def read_saved(data: bytes, file: str) -> SavedState:
    """The state of a saved machine. Raises InputError naming the file if it is damaged."""
    machine = unpack(data, file)
    memory = _Memory(machine.ram, file)
    ks = State(cast(Port, memory), machine.options)
    _Check(ks, memory).all()
    live = Abstractor(ks, memory.block).take()
    return _Subjects(live).state(machine)


class _Memory:
    """The part of `kernel.port.Port` that reads; every address is looked at."""

    def __init__(self, ram: bytes, file: str) -> None:
        self._words = memoryview(ram).cast("I")
        self._ram = ram
        self.file = file

    def load(self, address: int) -> int:
        """The word at a window address."""
        place = address - layout.WINDOW_BASE
        if place & 3 or not 0 <= place < len(self._ram):
            raise self.damaged(f"a pointer leads to 0x{address:08x}")
        return self._words[place >> 2]

    def store(self, address: int, value: int) -> None:
        """Nobody changes a saved machine."""
        raise AssertionError((hex(address), hex(value)))

    def block(self, address: int, size: int) -> bytes:
        """Bytes at a window address."""
        place = address - layout.WINDOW_BASE
        if not 0 <= place <= place + size <= len(self._ram):
            raise self.damaged(f"an object lies at 0x{address:08x}")
        return self._ram[place : place + size]

    def damaged(self, reason: str) -> InputError:
        """The error for memory that no kernel leaves."""
        return damaged(self.file, reason)

    def too_much(self, what: str) -> InputError:
        """The error for a machine that is too large."""
        return InputError(f"{self.file}: expected a machine with at most {MOST} {what}")


class _Check:
    """Looks at all memory that an abstraction follows; raises InputError."""

    def __init__(self, ks: State, memory: _Memory) -> None:
        self._ks = ks
        self._memory = memory

    def all(self) -> None:
        """Everything; linear in the size of what is there."""
        caps = [read_cap(self._ks, slot) for slot in self._ring()]
        objects = {self._object(cap) for cap in caps if cap.type in _READ}
        in_order = sorted(objects)
        for (start, size, _), (behind, _, _) in pairwise(in_order):
            if start + size > behind:
                raise self._memory.damaged(f"two objects overlap at 0x{behind:08x}")
        self._count_mappings(in_order)
        self._count_channels(caps, [at for at, _, kind in in_order if kind is CapType.TCB])

    def _ring(self) -> list[int]:
        """The slots of the derivation list, which has to close."""
        slot = first = self._ks.load(layout.KV_MDB_ROOT)
        if not first:
            raise InputError(f"{self._memory.file}: the kernel in this machine had not booted yet")
        slots: list[int] = []
        while slot != first or not slots:
            if len(slots) == MOST:
                raise self._memory.too_much("capabilities")
            slots.append(slot)
            slot = mdb.next_slot(self._ks, slot)
        self._memory.block(min(slots), layout.SLOT_BYTES)
        self._memory.block(max(slots), layout.SLOT_BYTES)
        return slots

    def _object(self, cap: Cap) -> tuple[int, int, CapType]:
        """Address, size and type of an object in memory."""
        if cap.type is CapType.CNODE and not 0 < cnode_radix(cap) <= _MOST_RADIX:
            raise self._memory.damaged("a CNode has no possible size")
        address, size = object_address(cap), object_bytes(cap)
        assert address is not None, cap
        self._memory.block(address, 0)
        self._memory.block(address + size, 0)
        return address, size, cap.type

    def _count_mappings(self, objects: Iterable[tuple[int, int, CapType]]) -> None:
        count = 0
        for address, size, kind in objects:
            if kind in _TABLES:
                words = np.frombuffer(self._memory.block(address, size), "<u4")
                count += int(np.count_nonzero(words & vspace.L1_TYPE_MASK))
        if count > MOST:
            raise self._memory.too_much("mappings")

    def _count_channels(self, caps: Iterable[Cap], tcbs: Iterable[int]) -> None:
        """Every sender makes a channel with every receiver."""
        counts: tuple[Counter[int], Counter[int]] = (Counter(), Counter())
        for cap in caps:
            if cap.type in _ENDPOINTS:
                rights = cap.get(layout.ENDPOINT_RIGHTS)
                for side, right in enumerate((abi.RIGHT_WRITE, abi.RIGHT_READ)):
                    counts[side][cap.get(layout.ENDPOINT_POINTER)] += bool(rights & right)
        for tcb in tcbs:
            place = _MEETINGS.get(self._thread_state(tcb))
            if place is not None:
                counts[place][self._ks.load(tcb + layout.TCB_BLOCKING_OBJECT)] += 1
        senders, receivers = counts
        if sum(count * receivers[at] for at, count in senders.items()) > MOST:
            raise self._memory.too_much("channels")

    def _thread_state(self, tcb: int) -> ThreadState:
        word = self._ks.load(tcb + layout.TCB_STATE)
        if word > max(ThreadState):
            raise self._memory.damaged(f"the thread 0x{tcb:08x} is in no possible state")
        return ThreadState(word)


class _Subjects:
    """Puts the objects of an abstraction together into entities."""

    def __init__(self, live: Abstraction) -> None:
        self._live = live
        self._roots = _cspace_roots(live)
        #: What each thread, CNode and table is part of; None if it is part of several.
        self._owners: dict[Entity, Entity | None] = {}
        self._find_owners()

    def _find_owners(self) -> None:
        """An owner is handed on to all that an object leads to; each changes twice at most."""
        first_by_root: dict[Entity, Entity] = {}
        for thread in sorted(self._live.threads):
            held = self._live.caps(thread)
            root = next((each for each in held if each.kind is CapType.CNODE), thread)
            self._owners[thread] = first_by_root.setdefault(root, thread)
        waiting = list(self._owners)
        while waiting:
            holder = waiting.pop()
            for part in self._parts(holder):
                is_new, known = part not in self._owners, self._owners.get(part)
                owner = self._owners[holder] if is_new or known == self._owners[holder] else None
                if is_new or owner != known:
                    self._owners[part] = owner
                    waiting.append(part)

    def _parts(self, holder: Entity) -> Iterator[Entity]:
        """The parts that an object leads to; the CSpace of a thread is no part of another's."""
        for target in self._live.caps(holder):
            foreign = holder.kind is CapType.CNODE and target in self._roots
            if (holder.kind, target.kind) in _LEADS and not foreign:
                yield target

    def _of(self, each: Entity) -> Entity:
        return self._owners.get(each) or each

    def _edges(self) -> Iterator[tuple[Entity, Entity, Right]]:
        """Who holds what, between entities."""
        for holder, caps in self._live.held.items():
            for target, rights in caps.items():
                one, other = self._of(holder), self._of(target)
                if one != other or (holder.kind, target.kind) not in _STRUCTURE:
                    yield one, other, rights
        ends = {End(end.endpoint, self._of(end.holder), end.rights) for end in self._live.ends}
        yield from channels(sorted(ends, key=_end_order))

    def state(self, machine: SavedMachine) -> SavedState:
        """The state, numbered."""
        found = sorted({self._of(each) for each in self._live.numbers}, key=_entity_order)
        numbers = {each: number for number, each in enumerate(found)}
        rows: dict[tuple[int, int], int] = {}
        for holder, target, rights in self._edges():
            pair = numbers[holder], numbers[target]
            rows[pair] = rows.get(pair, 0) | rights.value
        entities = tuple(self._described(number, each) for each, number in numbers.items())
        return SavedState(machine, entities, _protection_state(len(numbers), rows))

    def _described(self, number: int, entity: Entity) -> SavedEntity:
        threads = self._threads.get(entity, ())
        names = (self._live.threads[each] for each in threads)
        shown = tuple(name for name in names if name)
        return SavedEntity(number, entity, shown, tuple(each.address for each in threads))

    @cached_property
    def _threads(self) -> dict[Entity, list[Entity]]:
        """The threads of each entity."""
        found: dict[Entity, list[Entity]] = {}
        for thread in sorted(self._live.threads):
            found.setdefault(self._of(thread), []).append(thread)
        return found


def _cspace_roots(live: Abstraction) -> frozenset[Entity]:
    held = chain.from_iterable(live.caps(thread) for thread in live.threads)
    return frozenset(each for each in held if each.kind is CapType.CNODE)


def _entity_order(entity: Entity) -> tuple[int, int, int]:
    return _ORDER[entity.kind], entity.address, entity.bits


def _end_order(end: End) -> tuple[Entity, Entity, int]:
    return end.endpoint, end.holder, end.rights.value


def _protection_state(entities: int, rows: dict[tuple[int, int], int]) -> ProtectionState:
    """Capabilities in the order of holder and target."""
    table = np.array([(*pair, rights) for pair, rights in sorted(rows.items())], np.int64)
    columns = table.reshape(-1, 3)
    holders, targets = (columns[:, n].astype(np.int32) for n in (0, 1))
    return ProtectionState(entities, holders, targets, columns[:, 2].astype(np.uint8))
