# SPDX-License-Identifier: BSD-2-Clause
"""Structural invariants of live kernel memory, each a named predicate; `invs` joins them.

A predicate answers with sentences about what is wrong: none means that it holds. They only read,
and are used by tests after kernel entries.
"""

from collections.abc import Callable, Iterator
from typing import Final

from kernel import abi, layout
from kernel.layout import CapType, QueueState, ThreadState
from kernel.object import mdb, queue, reply
from kernel.object.capability import (
    Cap,
    describe,
    object_address,
    object_bytes,
    read_cap,
    same_object,
)
from kernel.schedule import is_queued, is_runnable, priority, thread_state
from kernel.state import State
from kernel.stuck import all_threads, listed_slots

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
    for slot in listed_slots(ks):
        level = mdb.depth(ks, slot)
        if level > above + 1:
            yield f"slot 0x{slot:08x}: depth {level} follows depth {above}"
        above = level


def mdb_adjacency(ks: State) -> Problems:
    """All capabilities to one object are next to each other (R4.44)."""
    caps = [read_cap(ks, slot) for slot in listed_slots(ks)]
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
    for slot in listed_slots(ks):
        cap = read_cap(ks, slot)
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


def untyped_contains_children(ks: State) -> Problems:
    """What is derived from an Untyped lies in it, below its watermark (R4.31)."""
    stack: list[tuple[int, Cap]] = []
    for slot in listed_slots(ks):
        level, cap = mdb.depth(ks, slot), read_cap(ks, slot)
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
        slot = reply.outstanding(ks, tcb)
        if not slot:
            continue
        cap = read_cap(ks, slot)
        linked_back = mdb.prev_slot(ks, slot) == tcb + layout.TCB_REPLY
        if cap.type is not CapType.REPLY or cap.get(layout.REPLY_TCB) != tcb or not linked_back:
            yield f"thread 0x{tcb:08x}: its reply capability is not at 0x{slot:08x}"
        if thread_state(ks, tcb) is not ThreadState.BLOCKED_ON_REPLY:
            yield f"thread 0x{tcb:08x} does not wait, but somebody may reply to it"


INVARIANTS: Final[tuple[Callable[[State], Problems], ...]] = (
    mdb_links,
    mdb_depths,
    mdb_adjacency,
    object_overlap,
    untyped_contains_children,
    endpoint_queues,
    ready_queues,
    runnable_threads_are_found,
    reply_links,
)


def invs(ks: State) -> list[str]:
    """Everything that is wrong, each sentence with the name of its invariant."""
    return [f"{check.__name__}: {text}" for check in INVARIANTS for text in check(ks)]
