# SPDX-License-Identifier: BSD-2-Clause
"""Structural invariants of live kernel memory, each a named predicate; `invs` joins them.

A predicate answers with sentences about what is wrong: none means that it holds. They only read,
and are used by tests after kernel entries.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from kernel import abi, layout
from kernel.layout import CapType, QueueState, ThreadState
from kernel.object import mdb, queue, reply, zombie
from kernel.object.capability import (
    Cap,
    describe,
    object_address,
    object_bytes,
    object_identity,
    read_cap,
    same_object,
)
from kernel.object.mdb import listed_slots
from kernel.schedule import is_queued, is_runnable, priority, thread_state
from kernel.state import State
from kernel.thread import all_threads

Problems = Iterator[str]


def mdb_links(ks: State) -> Problems:
    """Every entry's successor has it as predecessor, and no listed slot is empty (R4.39)."""
    for slot in listed_slots(ks):
        following = mdb.next_slot(ks, slot)
        if mdb.prev_slot(ks, following) != slot:
            yield f"slot 0x{slot:08x}: the next entry 0x{following:08x} does not point back"
            return
        if read_cap(ks, slot).type in (CapType.NULL, CapType.REPLY):
            yield f"slot 0x{slot:08x} is in the derivation list but has no listed capability"


def mdb_depths(ks: State) -> Problems:
    """The first depth is 0, and an entry is at most one level below its predecessor."""
    above = -1
    for slot, level in mdb.entries(ks):
        if level > above + 1:
            yield f"slot 0x{slot:08x}: depth {level} follows depth {above}"
        above = level


def mdb_adjacency(ks: State) -> Problems:
    """All capabilities to one object are next to each other (R4.44)."""
    caps = [read_cap(ks, slot) for slot, _ in mdb.entries(ks)]
    if not caps:
        return
    seen: set[tuple[CapType, int | None]] = set()
    previous = caps[-1]
    wraps = same_object(caps[0], previous)
    for index, cap in enumerate(caps):
        if cap.type is CapType.UNTYPED or object_address(cap) is None:
            previous = cap
            continue
        key = (cap.type, object_address(cap))
        tail = wraps and same_object(cap, caps[-1])
        if not same_object(cap, previous) and key in seen and not tail:
            yield f"entry {index}: the {describe(cap)} is apart from the others to its object"
        seen.add(key)
        previous = cap


def _ranges(ks: State) -> list[tuple[int, int, Cap]]:
    found: dict[tuple[CapType, int, int], Cap] = {}
    for slot, _ in mdb.entries(ks):
        cap = zombie.former(read_cap(ks, slot))
        address, size = object_address(cap), object_bytes(cap)
        if address is None or not size or cap.type is CapType.UNTYPED:
            continue
        if cap.type is CapType.FRAME:
            if cap.get(layout.FRAME_DEVICE):
                continue
            address = layout.window_address(address)
        found[cap.type, address, size] = cap
    return sorted((at, at + size, cap) for (_, at, size), cap in found.items())


def object_overlap(ks: State) -> Problems:
    """Two typed objects never share a byte (R4.7)."""
    last_end, last = 0, None
    for start, end, cap in _ranges(ks):
        if last is not None and start < last_end:
            yield f"the {describe(cap)} overlaps the {describe(last)}"
        last_end, last = end, cap


def prepared_memory_is_free(ks: State) -> Problems:
    """What a preempted retype has made ready belongs to no typed object (R4.7)."""
    start, end = ks.load(layout.KV_PREPARED_START), ks.load(layout.KV_PREPARED_END)
    for first, behind, cap in _ranges(ks) if end else ():
        if first < end and behind > start:
            yield f"the {describe(cap)} lies in memory that is prepared for other objects"


def untyped_contains_children(ks: State) -> Problems:
    """What is derived from an Untyped lies in it, below its watermark (R4.31)."""
    stack: list[tuple[int, Cap]] = []
    for slot, level in mdb.entries(ks):
        cap = zombie.former(read_cap(ks, slot))
        while stack and stack[-1][0] >= level:
            stack.pop()
        address = object_address(cap)
        if stack and address is not None:
            if cap.type is CapType.FRAME:
                address = layout.window_address(address)
            untyped = stack[-1][1]
            base = untyped.get(layout.UNTYPED_POINTER)
            top = base + untyped.get(layout.UNTYPED_WATERMARK)
            if not base <= address <= address + object_bytes(cap) <= top:
                yield f"the {describe(cap)} is outside the used part of the {describe(untyped)}"
        if cap.type is CapType.UNTYPED:
            stack.append((level, cap))


_WAITING: Final = {
    (CapType.ENDPOINT, QueueState.SENDING): ThreadState.BLOCKED_ON_SEND,
    (CapType.ENDPOINT, QueueState.RECEIVING): ThreadState.BLOCKED_ON_RECEIVE,
    (CapType.ASYNC_ENDPOINT, QueueState.RECEIVING): ThreadState.BLOCKED_ON_ASYNC_EVENT,
}


def endpoint_queues(ks: State) -> Problems:
    """Queue and state agree, and every member waits on this endpoint in the matching state."""
    for slot in listed_slots(ks):
        cap = read_cap(ks, slot)
        if cap.type not in (CapType.ENDPOINT, CapType.ASYNC_ENDPOINT):
            continue
        endpoint = cap.get(layout.ENDPOINT_POINTER)
        members = queue.members(ks, endpoint)
        wanted = _WAITING.get((cap.type, queue.queue_state(ks, endpoint)))
        if bool(members) != (wanted is not None):
            yield f"endpoint 0x{endpoint:08x}: state and queue disagree"
        for tcb in members:
            if thread_state(ks, tcb) is not wanted:
                yield f"endpoint 0x{endpoint:08x}: thread 0x{tcb:08x} does not wait for it"
            if ks.load(tcb + layout.TCB_BLOCKING_OBJECT) != endpoint:
                yield f"thread 0x{tcb:08x} is in the queue of another endpoint"


def ready_queues(ks: State) -> Problems:
    """Ready queues are doubly linked, hold runnable threads of their level, match the bitmap."""
    for level in range(abi.PRIORITY_COUNT):
        at = layout.READY_QUEUES + layout.READY_QUEUE_BYTES * level
        tcb, previous = ks.load(at), 0
        bitmap = ks.load(layout.KV_READY_BITMAP + 4 * (level // abi.WORD_BITS))
        if bool(bitmap >> level % abi.WORD_BITS & 1) != bool(tcb):
            yield f"priority {level}: bitmap and queue disagree"
        while tcb:
            if ks.load(tcb + layout.TCB_SCHED_PREV) != previous:
                yield f"priority {level}: thread 0x{tcb:08x} does not point back"
                return
            if priority(ks, tcb) != level or not is_runnable(ks, tcb):
                yield f"priority {level}: thread 0x{tcb:08x} does not belong here"
            previous, tcb = tcb, ks.load(tcb + layout.TCB_SCHED_NEXT)


def runnable_threads_are_found(ks: State) -> Problems:
    """After an entry a runnable thread is current or in a ready queue, a stopped one in neither."""
    for tcb in all_threads(ks):
        found = tcb == ks.current or is_queued(ks, tcb)
        if found != is_runnable(ks, tcb):
            yield f"thread 0x{tcb:08x} is {thread_state(ks, tcb).name} but the scheduler differs"


def reply_links(ks: State) -> Problems:
    """A reply capability and its master point at each other; its thread waits for the reply."""
    for tcb in all_threads(ks):
        yield from _caller_link(ks, tcb)
        slot = reply.outstanding(ks, tcb)
        if not slot:
            continue
        cap = read_cap(ks, slot)
        linked_back = mdb.prev_slot(ks, slot) == tcb + layout.TCB_REPLY
        if cap.type is not CapType.REPLY or cap.get(layout.REPLY_TCB) != tcb or not linked_back:
            yield f"thread 0x{tcb:08x}: its reply capability is not at 0x{slot:08x}"
        if thread_state(ks, tcb) is not ThreadState.BLOCKED_ON_REPLY:
            yield f"thread 0x{tcb:08x} does not wait, but somebody may reply to it"


def _caller_link(ks: State, tcb: int) -> Problems:
    slot = tcb + layout.TCB_CALLER
    cap = read_cap(ks, slot)
    if cap.type is CapType.NULL:
        return
    if cap.type is not CapType.REPLY or cap.get(layout.REPLY_MASTER):
        yield f"thread 0x{tcb:08x}: its caller slot holds a {describe(cap)}"
    elif reply.outstanding(ks, cap.get(layout.REPLY_TCB)) != slot:
        yield f"thread 0x{tcb:08x}: its caller does not know of the reply capability"


def last_references(ks: State) -> Problems:
    """The test from the two neighbours agrees with a count of all capabilities (R4.47, R4.48)."""
    listed = [(slot, read_cap(ks, slot)) for slot, _ in mdb.entries(ks)]
    keys = Counter((cap.type, object_identity(cap)) for _, cap in listed)
    for slot, cap in listed:
        identity = object_identity(cap)
        alone = identity is None or keys[cap.type, identity] == 1
        if mdb.is_last_reference(ks, slot) != alone:
            yield f"slot 0x{slot:08x}: the neighbours of the {describe(cap)} tell a wrong count"


def tombstones(ks: State) -> Problems:
    """A tombstone has a descendant left, and a depth that no leaf test takes for a leaf's."""
    for slot in listed_slots(ks):
        if not zombie.is_tombstone(read_cap(ks, slot)):
            continue
        if ks.get(slot, layout.MDB_DEPTH) != layout.MDB_MAX_DEPTH:
            yield f"slot 0x{slot:08x}: the tombstone's depth can be mistaken for a leaf's"
        if mdb.is_leaf(ks, slot):
            yield f"slot 0x{slot:08x}: the tombstone has no descendant"


def zombies(ks: State) -> Problems:
    """A zombie is the last capability of its object, and what it says is emptied is empty."""
    listed = [(slot, read_cap(ks, slot)) for slot, _ in mdb.entries(ks)]
    alive = {(cap.type, object_identity(cap)) for _, cap in listed}
    for slot, cap in listed:
        if cap.type is not CapType.ZOMBIE:
            continue
        former = zombie.former(cap)
        if (former.type, object_identity(former)) in alive:
            yield f"slot 0x{slot:08x}: the zombie of the {describe(former)} is not alone"
        if zombie.is_container(cap):
            yield from _emptied(ks, slot, cap)


def _emptied(ks: State, slot: int, cap: Cap) -> Problems:
    former, left = zombie.former(cap), cap.get(layout.ZOMBIE_NEXT)
    if former.type is CapType.TCB and thread_state(ks, former.get(layout.TCB_POINTER)) not in (
        ThreadState.INACTIVE,
        ThreadState.IDLE,
    ):
        yield f"slot 0x{slot:08x}: the thread of a zombie is not stopped"
    first = cap.get(layout.ZOMBIE_POINTER)
    total = zombie.slot_count(former)
    for index in range(left, total):
        held = first + layout.SLOT_BYTES * index
        if held != slot and read_cap(ks, held).type is not CapType.NULL:
            yield f"slot 0x{slot:08x}: the zombie has passed a slot that is not empty"


def slot_homes(ks: State) -> Problems:
    """Every listed capability lies in a CNode or TCB that some capability names."""
    homes = [(layout.IRQ_NODE, layout.IRQ_NODE + abi.IRQ_COUNT * layout.SLOT_BYTES)]
    for slot, _ in mdb.entries(ks):
        cap = zombie.former(read_cap(ks, slot))
        address = object_address(cap)
        if cap.type in zombie.CONTAINERS and address is not None:
            homes.append((address, address + zombie.slot_count(cap) * layout.SLOT_BYTES))
    homes.sort()
    starts = [start for start, _ in homes]
    for slot in listed_slots(ks):
        index = bisect_right(starts, slot) - 1
        if index < 0 or slot >= homes[index][1]:
            yield f"slot 0x{slot:08x} lies in no object that exists"


INVARIANTS: Final[tuple[Callable[[State], Problems], ...]] = (
    mdb_links,
    mdb_depths,
    mdb_adjacency,
    object_overlap,
    prepared_memory_is_free,
    untyped_contains_children,
    endpoint_queues,
    ready_queues,
    runnable_threads_are_found,
    reply_links,
    last_references,
    tombstones,
    zombies,
    slot_homes,
)


def invs(ks: State) -> list[str]:
    """Everything that is wrong, each sentence with the name of its invariant."""
    return [f"{check.__name__}: {text}" for check in INVARIANTS for text in check(ks)]
