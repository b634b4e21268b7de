# SPDX-License-Identifier: BSD-2-Clause
"""Delete and revoke: removing capabilities, and destroying an object with its last one.

Before the last capability of an object goes, the object is made inactive and every internal
pointer to it is removed (R4.54). All of it is done in steps, each of bounded work, with a
preemption point between two; what was reached is in the capabilities themselves:

- a capability with descendants becomes a tombstone, which lifts them one by one (`mdb`);
- the last capability of a CNode or TCB becomes a zombie, whose slots are emptied from the last
  to the first, its own slot at the end (R4.81). A container whose last capability is found in
  such a slot is set aside: that capability and the container's first slot change places, so that
  it lies inside itself, and stays there until an ancestor is revoked (R4.82, R4.85). So there is
  no recursion whatever the graph looks like (R4.83);
- the last capability of an endpoint with waiting threads becomes a zombie until all are awake.
"""

from collections.abc import Callable
from typing import Final

from kernel import abi, layout
from kernel.layout import AEP_BADGE_OFFSET, AEP_MESSAGE_OFFSET, CapType, ThreadState
from kernel.object import irq, mdb, queue, reply, vspace, zombie
from kernel.object.capability import Cap, is_empty, read_cap, write_cap
from kernel.preemption import work
from kernel.schedule import enqueue, reschedule_required, set_thread_state
from kernel.state import State
from kernel.thread import suspend


def cancel_first(ks: State, endpoint: int) -> bool:
    """Make the thread that waits longest repeat its call (ABI 7.6); False if there is none."""
    tcb = queue.head(ks, endpoint)
    if not tcb:
        return False
    queue.unlink(ks, endpoint, tcb)
    ks.store(tcb + layout.TCB_FAULT, abi.Fault.NONE)
    set_thread_state(ks, tcb, ThreadState.RESTART)
    enqueue(ks, tcb)
    reschedule_required(ks)
    return True


def cancel_all(ks: State, endpoint: int) -> None:
    """Make every thread that waits at an endpoint repeat its system call; preemptible."""
    while cancel_first(ks, endpoint):
        work(ks)


def clear_async_endpoint(ks: State, endpoint: int) -> None:
    """Forget a stored message and the queue."""
    for offset in (layout.EP_HEAD_OFFSET, AEP_MESSAGE_OFFSET, AEP_BADGE_OFFSET):
        ks.store(endpoint + offset, 0)


def _finalise_async_endpoint(ks: State, cap: Cap, last: bool) -> None:
    if last:
        clear_async_endpoint(ks, cap.get(layout.ENDPOINT_POINTER))


def _finalise_frame(ks: State, cap: Cap, last: bool) -> None:
    if cap.get(layout.FRAME_ASID):
        vspace.unmap_frame(ks, cap)


def _finalise_page_table(ks: State, cap: Cap, last: bool) -> None:
    if last and cap.get(layout.PAGE_TABLE_ASID):
        vspace.unmap_page_table(ks, cap)


def _finalise_page_directory(ks: State, cap: Cap, last: bool) -> None:
    asid = cap.get(layout.PAGE_DIRECTORY_ASID)
    if last and asid:
        vspace.free_asid(ks, asid, cap.get(layout.PAGE_DIRECTORY_POINTER))


def free_pool_asids(ks: State, cap: Cap) -> None:
    """Free every ASID of a pool."""
    base = cap.get(layout.ASID_POOL_BASE)
    for asid in range(base, base + cap.get(layout.ASID_POOL_COUNT)):
        directory = vspace.directory_of_asid(ks, asid)
        if directory:
            vspace.free_asid(ks, asid, directory)


def asid_pool_entry(base: int) -> int:
    """The kernel word that names the pool whose first ASID is `base` (not the boot pool)."""
    index = (base - layout.ASID_BOOT_POOL_COUNT) // layout.ASID_SMALL_POOL_COUNT
    return layout.KV_ASID_POOLS + 4 * index


def _finalise_asid_pool(ks: State, cap: Cap, last: bool) -> None:
    if last:
        free_pool_asids(ks, cap)
        if cap.get(layout.ASID_POOL_POINTER):
            ks.store(asid_pool_entry(cap.get(layout.ASID_POOL_BASE)), 0)


def _finalise_irq_handler(ks: State, cap: Cap, last: bool) -> None:
    if last:
        irq.set_line_state(ks, cap.get(layout.IRQ_HANDLER_IRQ), layout.IRQ_INACTIVE)


#: What a type does, in one step, when one of its capabilities goes.
_FINALISE: Final[dict[CapType, Callable[[State, Cap, bool], None]]] = {
    CapType.ASYNC_ENDPOINT: _finalise_async_endpoint,
    CapType.FRAME: _finalise_frame,
    CapType.PAGE_TABLE: _finalise_page_table,
    CapType.PAGE_DIRECTORY: _finalise_page_directory,
    CapType.ASID_POOL: _finalise_asid_pool,
    CapType.IRQ_HANDLER: _finalise_irq_handler,
}


def _step_alive(ks: State, slot: int, cap: Cap) -> int:
    """First step for a capability: it goes at once, or becomes a zombie with work left."""
    units = mdb.effort(ks, slot)
    last = mdb.is_last_reference(ks, slot)
    if last and _begin_destruction(ks, slot, cap):
        return units
    finalise = _FINALISE.get(cap.type)
    if finalise:
        finalise(ks, cap, last)
    if mdb.is_leaf(ks, slot):
        mdb.remove(ks, slot)
    else:
        mdb.bury(ks, slot)
    return units


def _begin_destruction(ks: State, slot: int, cap: Cap) -> bool:
    """Start what takes more than one step; False where the last capability goes at once."""
    match cap.type:
        case CapType.CNODE | CapType.TCB:
            entomb_container(ks, slot, cap)
        case CapType.ENDPOINT | CapType.ASYNC_ENDPOINT if queue.head(
            ks, cap.get(layout.ENDPOINT_POINTER)
        ):
            write_cap(ks, slot, zombie.of_object(cap, 0))
        case CapType.IRQ_HANDLER:
            endpoint_slot = irq.endpoint_slot(cap.get(layout.IRQ_HANDLER_IRQ))
            if is_empty(ks, endpoint_slot):
                return False
            _step(ks, endpoint_slot)
        case _:
            return False
    return True


def entomb_container(ks: State, slot: int, cap: Cap) -> None:
    """Make the last capability of a CNode or TCB a zombie; a thread is stopped first."""
    if cap.type is CapType.TCB:
        suspend(ks, cap.get(layout.TCB_POINTER))
    write_cap(ks, slot, zombie.of_container(cap))


def empty_container_step(ks: State, slot: int, cap: Cap) -> int:
    """One step of emptying the container whose zombie is in `slot`; 0 when it is empty.

    Returns units of work, like every step here.
    """
    left = cap.get(layout.ZOMBIE_NEXT)
    if left == 0:
        return 0
    held = cap.get(layout.ZOMBIE_POINTER) + layout.SLOT_BYTES * (left - 1)
    if held == slot or is_empty(ks, held):
        write_cap(ks, slot, cap.having(layout.ZOMBIE_NEXT, left - 1))
        return 1
    if zombie.is_container(read_cap(ks, held)):
        _set_aside(ks, held)
        return 1
    return _step(ks, held)


def _set_aside(ks: State, slot: int) -> None:
    """Exchange a container's zombie with the content of the container's first slot (R4.82)."""
    cap = read_cap(ks, slot)
    first = cap.get(layout.ZOMBIE_POINTER)
    content = read_cap(ks, first)
    match content.type:
        case CapType.NULL:
            mdb.move(ks, slot, first, cap)
        case CapType.REPLY:
            reply.move_past(ks, first, slot, cap)
        case _:
            mdb.swap(ks, slot, first, cap, content)


def _step_zombie(ks: State, slot: int, cap: Cap) -> int:
    if zombie.is_container(cap):
        units = empty_container_step(ks, slot, cap)
        if units:
            return units
    elif zombie.is_tombstone(cap):
        units = mdb.effort(ks, slot)
        mdb.pass_descendant(ks, slot)
        return units
    elif _wake_one(ks, zombie.former(cap)):
        return 1
    units = mdb.effort(ks, slot)
    mdb.remove(ks, slot)
    return units


def _wake_one(ks: State, former: Cap) -> bool:
    """One step of a dying endpoint; False when nobody waits any more."""
    if former.type not in (CapType.ENDPOINT, CapType.ASYNC_ENDPOINT):
        return False
    endpoint = former.get(layout.ENDPOINT_POINTER)
    woken = cancel_first(ks, endpoint)
    if not woken and former.type is CapType.ASYNC_ENDPOINT:
        clear_async_endpoint(ks, endpoint)
    return woken


def _step(ks: State, slot: int) -> int:
    """A bounded piece of the work of emptying a slot that is not empty."""
    cap = read_cap(ks, slot)
    match cap.type:
        case CapType.REPLY:
            reply.delete_reply(ks, slot)
            return 1
        case CapType.ZOMBIE:
            return _step_zombie(ks, slot, cap)
    return _step_alive(ks, slot, cap)


def _empty(ks: State, slot: int) -> int:
    """Empty a slot that is not empty; the units of the last step, not yet accounted for."""
    units = _step(ks, slot)
    while not is_empty(ks, slot):
        work(ks, units)
        units = _step(ks, slot)
    return units


def delete(ks: State, slot: int) -> None:
    """CNode_Delete: remove one capability (R4.52); an empty slot is fine. Raises Preempted."""
    if not is_empty(ks, slot):
        _empty(ks, slot)


def _first_leaf_below(ks: State, slot: int) -> tuple[int, int]:
    """The end of the chain of first children, or a tombstone on the way; and the chain's length."""
    entry, links = mdb.next_slot(ks, slot), 1
    while not zombie.is_tombstone(read_cap(ks, entry)) and not mdb.is_leaf(ks, entry):
        entry = mdb.next_slot(ks, entry)
        links += 1
    return entry, links


_NOTHING_TO_REVOKE: Final = frozenset({CapType.NULL, CapType.REPLY, CapType.ZOMBIE})


def revoke(ks: State, slot: int) -> None:
    """CNode_Revoke: delete every descendant, the capability stays (R4.53). Raises Preempted.

    It ends early when the capability itself dies inside a CNode that its revocation destroys.
    """
    while _has_descendants(ks, slot):
        entry, links = _first_leaf_below(ks, slot)
        # A tombstone need not be a descendant: one step of it brings ours before it.
        is_stone = zombie.is_tombstone(read_cap(ks, entry))
        units = _step(ks, entry) if is_stone else _empty(ks, entry)
        if _has_descendants(ks, slot):
            work(ks, links + units)


def _has_descendants(ks: State, slot: int) -> bool:
    return read_cap(ks, slot).type not in _NOTHING_TO_REVOKE and not mdb.is_leaf(ks, slot)
