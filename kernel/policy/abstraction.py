# SPDX-License-Identifier: BSD-2-Clause
"""From live kernel memory to a state of the protection model (tables 5.2 and 5.3, R5.25 to R5.35).

Every object that a capability names is an entity; a TCB, a CNode, a PageDirectory and a PageTable
hold capabilities, the last two those to what they map. A thread holds Grant over its CSpace and its
VSpace, and a CNode that is named in two CSpaces is one entity that both can grant to: so the
closure of leak joins what is one subject in the thesis (R5.34, R5.35), and nothing is repeated.

An endpoint is no entity (R5.27): who may send on it has Write, with the Grant right also Grant,
over whoever may wait on it. A thread that waits in a queue counts as holding what it waits with; a
reply capability is Write and Grant over the thread that waits for the reply.

What a zombie holds is left out: it can be neither invoked, followed nor copied.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, reduce
from operator import or_
from typing import Final, NamedTuple

from kernel import abi, layout
from kernel.layout import CapType, ThreadState, VmRights
from kernel.model.state import Right
from kernel.object import reply, vspace
from kernel.object.capability import (
    Cap,
    object_bytes,
    object_identity,
    read_cap,
)
from kernel.object.mdb import listed_slots
from kernel.policy.entities import Abstraction, End, Entity, Numbering, assemble
from kernel.schedule import thread_state
from kernel.state import State
from kernel.thread import debug_name

#: Bytes of kernel memory: window address, size.
BlockReader = Callable[[int, int], bytes]

#: What has capabilities in slots.
SLOT_HOLDERS: Final = frozenset({CapType.CNODE, CapType.TCB})
_ENDPOINTS: Final = frozenset({CapType.ENDPOINT, CapType.ASYNC_ENDPOINT})
#: Entries of a PageDirectory below the kernel's own.
_USER_ENTRIES: Final = abi.USER_TOP >> abi.SECTION_BITS
_TABLE_BYTES: Final = 1 << abi.PAGE_TABLE_BITS
_NOTHING: Final = Right(0)

#: Rights over the object of a capability, by its type (table 5.2); a Frame's are in the capability.
_RIGHTS: Final[Mapping[CapType, Right]] = {
    CapType.UNTYPED: Right.CREATE,
    CapType.TCB: Right.READ | Right.WRITE | Right.GRANT,
    CapType.CNODE: Right.GRANT,
    CapType.PAGE_DIRECTORY: Right.GRANT,
    CapType.PAGE_TABLE: Right.GRANT,
    CapType.IRQ_CONTROL: Right.GRANT,
    CapType.IRQ_HANDLER: Right.WRITE,
    CapType.ASID_CONTROL: Right.WRITE,
    CapType.ASID_POOL: Right.WRITE,
    CapType.DOMAIN: Right.WRITE,
}
_FRAME_RIGHTS: Final[Mapping[int, Right]] = {
    VmRights.READ_ONLY: Right.READ,
    VmRights.READ_WRITE: Right.READ | Right.WRITE,
}
_END_RIGHTS: Final = (
    (abi.RIGHT_READ, Right.READ),
    (abi.RIGHT_WRITE, Right.WRITE),
    (abi.RIGHT_GRANT, Right.GRANT),
)


class _Slot(NamedTuple):
    address: int
    cap: Cap


@lru_cache(maxsize=1 << 16)
def entity_of(cap: Cap) -> Entity | None:
    """The object that a capability names; None for what is no entity."""
    if cap.type not in _RIGHTS and cap.type is not CapType.FRAME:
        return None
    address = cap.get(layout.UNTYPED_POINTER) if cap.type is CapType.UNTYPED else None
    if address is None:
        address = object_identity(cap)
    return Entity(cap.type, address or 0, max(object_bytes(cap).bit_length() - 1, 0))


class _Table:
    """What a piece of translation table names: kept until its bytes change."""

    def __init__(self, content: bytes, rows: list[tuple[Entity, Right]]) -> None:
        self.content = content
        self.rows = rows


class Abstractor:
    """Abstracts one kernel again and again; `block` reads kernel memory in one piece.

    `take` answers the same object as before when nothing that matters has changed.
    """

    def __init__(self, ks: State, block: BlockReader) -> None:
        self._ks = ks
        self._block = block
        self._numbering = Numbering()
        self._tables: dict[int, _Table] = {}
        #: All memory that the last abstraction depends on: every change of a capability changes it.
        self._read: list[tuple[int, bytes]] = []
        self._last: Abstraction | None = None

    def take(self) -> Abstraction:
        """The present state."""
        if self._last is None or any(
            self._block(address, len(content)) != content for address, content in self._read
        ):
            self._last = self._read_all()
        return self._last

    def _read_all(self) -> Abstraction:
        slots = [_Slot(slot, read_cap(self._ks, slot)) for slot in listed_slots(self._ks)]
        tcbs = sorted({s.cap.get(layout.TCB_POINTER) for s in slots if s.cap.type is CapType.TCB})
        entities = {e for s in slots if (e := entity_of(s.cap))}
        tables = self._read_tables(entities)
        self._read = [(at, self._block(at, size)) for at, size in _extents(entities, tcbs)]
        return _Reading(self._ks, slots, tcbs, tables).abstraction(self._numbering)

    # Translation tables ------------------------------------------------------------------------

    def _read_tables(self, entities: set[Entity]) -> dict[Entity, list[tuple[Entity, Right]]]:
        """What each PageDirectory and PageTable names."""
        owners = {
            address: e
            for e in entities
            if e.kind is CapType.PAGE_TABLE
            for address in range(e.address, e.address + (1 << e.bits), _TABLE_BYTES)
        }
        rows: dict[Entity, list[tuple[Entity, Right]]] = {}
        for address, table in owners.items():
            rows.setdefault(table, []).extend(self._cached(address, _TABLE_BYTES, _pages))
        for directory in (e for e in entities if e.kind is CapType.PAGE_DIRECTORY):
            found = self._cached(directory.address, 4 * _USER_ENTRIES, _directory_rows)
            rows[directory] = [(owners.get(e.address, e), rights) for e, rights in found]
        return rows

    def _cached(
        self, address: int, size: int, decode: Callable[[bytes], list[tuple[Entity, Right]]]
    ) -> list[tuple[Entity, Right]]:
        content = self._block(address, size)
        known = self._tables.get(address)
        if known is None or known.content != content:
            known = self._tables[address] = _Table(content, decode(content))
        return known.rows


def _extents(entities: set[Entity], tcbs: list[int]) -> Iterator[tuple[int, int]]:
    """Where capabilities, mappings and waiting threads are: (address, bytes)."""
    yield layout.KV_MDB_ROOT, abi.WORD_BYTES
    yield layout.IRQ_NODE, layout.SLOT_BYTES * abi.IRQ_COUNT
    for entity in entities:
        if entity.kind is CapType.PAGE_DIRECTORY:
            yield entity.address, 4 * _USER_ENTRIES
        elif entity.kind in (CapType.CNODE, CapType.PAGE_TABLE):
            yield entity.address, 1 << entity.bits
    for tcb in tcbs:
        yield tcb, layout.SLOT_BYTES * len(layout.TCB_SLOTS)
        yield tcb + layout.TCB_STATE, layout.TCB_BLOCKING_FLAGS + 4 - layout.TCB_STATE


def _frame(word: int, bits: int) -> tuple[Entity, Right]:
    access = word >> vspace.SHAPES[bits].ap_shift & 3
    entity = Entity(CapType.FRAME, word & -(1 << bits), bits)
    return entity, _FRAME_RIGHTS.get(access, _NOTHING)


def _words(content: bytes) -> Iterator[int]:
    return (word for word in memoryview(content).cast("I") if word & vspace.L1_TYPE_MASK)


def _directory_rows(content: bytes) -> list[tuple[Entity, Right]]:
    rows: dict[Entity, Right] = {}
    for word in _words(content):
        if word & vspace.L1_TYPE_MASK == vspace.L1_COARSE:
            table = layout.window_address(word & vspace.L1_COARSE_BASE_MASK)
            entity = Entity(CapType.PAGE_TABLE, table, abi.PAGE_TABLE_BITS)
            rows[entity] = Right.GRANT
        else:
            is_super = word & vspace.L1_SUPERSECTION_BIT
            bits = abi.SUPER_SECTION_BITS if is_super else abi.SECTION_BITS
            entity, rights = _frame(word, bits)
            rows[entity] = rows.get(entity, _NOTHING) | rights
    return list(rows.items())


def _pages(content: bytes) -> list[tuple[Entity, Right]]:
    rows: dict[Entity, Right] = {}
    for word in _words(content):
        large = word & vspace.L2_TYPE_MASK == vspace.L2_LARGE
        entity, rights = _frame(word, abi.LARGE_PAGE_BITS if large else abi.SMALL_PAGE_BITS)
        rows[entity] = rows.get(entity, _NOTHING) | rights
    return list(rows.items())


class _Reading:
    """One pass over what was read: who holds what."""

    def __init__(
        self,
        ks: State,
        slots: list[_Slot],
        tcbs: list[int],
        tables: dict[Entity, list[tuple[Entity, Right]]],
    ) -> None:
        self._ks = ks
        self._held: dict[Entity, dict[Entity, Right]] = {}
        self._ends: list[End] = []
        self._threads = {_thread(tcb): debug_name(ks, tcb) for tcb in tcbs}
        self._entities = {e for s in slots if (e := entity_of(s.cap))} | self._threads.keys()
        homes = sorted((e.address, e) for e in self._entities if e.kind in SLOT_HOLDERS)
        self._homes, self._starts = homes, [start for start, _ in homes]
        for slot in slots:
            self._add_slot(slot)
        for holder, rows in tables.items():
            for target, rights in rows:
                self._hold(holder, target, rights)
        for tcb in tcbs:
            self._add_waiting(tcb)

    def abstraction(self, numbering: Numbering) -> Abstraction:
        """The result, numbered."""
        return assemble(self._held, self._ends, self._threads, numbering, self._entities)

    def _home(self, slot: int) -> Entity | None:
        """Whose slot this is; None inside a zombie."""
        line = (slot - layout.IRQ_NODE) // layout.SLOT_BYTES
        if 0 <= line < abi.IRQ_COUNT:
            return Entity(CapType.IRQ_HANDLER, line, 0)
        index = bisect_right(self._starts, slot) - 1
        if index < 0:
            return None
        start, home = self._homes[index]
        return home if slot < start + (1 << home.bits) else None

    def _hold(self, holder: Entity, target: Entity, rights: Right) -> None:
        caps = self._held.setdefault(holder, {})
        caps[target] = caps.get(target, _NOTHING) | rights

    def _add_slot(self, slot: _Slot) -> None:
        home, cap = self._home(slot.address), slot.cap
        if home is None:
            return
        self._entities.add(home)
        target = entity_of(cap)
        if target is not None:
            self._hold(home, target, _rights_of(cap))
        elif cap.type in _ENDPOINTS:
            self._end(home, cap.type, cap.get(layout.ENDPOINT_POINTER), _rights_of(cap))

    def _end(self, holder: Entity, kind: CapType, address: int, rights: Right) -> None:
        self._ends.append(End(Entity(kind, address, abi.ENDPOINT_BITS), holder, rights))

    def _add_waiting(self, tcb: int) -> None:
        """The reply that a thread waits for, and the queue that it is in."""
        ks, thread = self._ks, _thread(tcb)
        slot = reply.outstanding(ks, tcb)
        home = self._home(slot) if slot else None
        if home is not None:
            self._hold(home, thread, Right.WRITE | Right.GRANT)
        endpoint = ks.load(tcb + layout.TCB_BLOCKING_OBJECT)
        match thread_state(ks, tcb):
            case ThreadState.BLOCKED_ON_SEND:
                grants = ks.load(tcb + layout.TCB_BLOCKING_FLAGS) & layout.BLOCKING_CAN_GRANT
                rights = Right.WRITE | (Right.GRANT if grants else _NOTHING)
                self._end(thread, CapType.ENDPOINT, endpoint, rights)
            case ThreadState.BLOCKED_ON_RECEIVE:
                self._end(thread, CapType.ENDPOINT, endpoint, Right.READ)
            case ThreadState.BLOCKED_ON_ASYNC_EVENT:
                self._end(thread, CapType.ASYNC_ENDPOINT, endpoint, Right.READ)


def _thread(tcb: int) -> Entity:
    return Entity(CapType.TCB, tcb, abi.TCB_BITS)


@lru_cache(maxsize=1 << 16)
def _rights_of(cap: Cap) -> Right:
    """The rights of a capability over its object, or at its endpoint."""
    if cap.type is CapType.FRAME:
        return _FRAME_RIGHTS.get(cap.get(layout.FRAME_RIGHTS), _NOTHING)
    if cap.type not in _ENDPOINTS:
        return _RIGHTS[cap.type]
    word = cap.get(layout.ENDPOINT_RIGHTS)
    return reduce(or_, (right for bit, right in _END_RIGHTS if word & bit), _NOTHING)
