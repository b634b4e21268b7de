# SPDX-License-Identifier: BSD-2-Clause
"""Delete and revoke: removing capabilities, and destroying an object with its last one.

Before the last capability of an object goes, the object is made inactive and every internal
pointer to it is removed (R4.54). What a dying CNode or TCB holds is worked off from a list, not
by recursion (R4.83).
"""

from collections.abc import Callable, Iterable
from typing import Final

from kernel import abi, layout
from kernel.layout import AEP_BADGE_OFFSET, AEP_MESSAGE_OFFSET, CapType, ThreadState
from kernel.object import irq, mdb, queue, reply, vspace
from kernel.object.capability import Cap, cnode_radix, read_cap
from kernel.schedule import enqueue, reschedule_required, set_thread_state
from kernel.state import State
from kernel.thread import suspend

Slots = Iterable[int]


def cancel_all(ks: State, endpoint: int) -> None:
    """Make every thread that waits at an endpoint repeat its system call (ABI 7.6)."""
    waiting = queue.members(ks, endpoint)
    for tcb in waiting:
        queue.unlink(ks, endpoint, tcb)
        ks.store(tcb + layout.TCB_FAULT, abi.Fault.NONE)
        set_thread_state(ks, tcb, ThreadState.RESTART)
        enqueue(ks, tcb)
    if waiting:
        reschedule_required(ks)


def _finalise_endpoint(ks: State, cap: Cap, last: bool) -> Slots:
    if last:
        cancel_all(ks, cap.get(layout.ENDPOINT_POINTER))
    return ()


def _finalise_async_endpoint(ks: State, cap: Cap, last: bool) -> Slots:
    if last:
        endpoint = cap.get(layout.ENDPOINT_POINTER)
        cancel_all(ks, endpoint)
        for offset in (layout.EP_HEAD_OFFSET, AEP_MESSAGE_OFFSET, AEP_BADGE_OFFSET):
            ks.store(endpoint + offset, 0)
    return ()


def cnode_slots(cap: Cap) -> range:
    """The addresses of a CNode's slots."""
    base = cap.get(layout.CNODE_POINTER)
    return range(base, base + (layout.SLOT_BYTES << cnode_radix(cap)), layout.SLOT_BYTES)


def _finalise_cnode(ks: State, cap: Cap, last: bool) -> Slots:
    return cnode_slots(cap) if last else ()


def _finalise_tcb(ks: State, cap: Cap, last: bool) -> Slots:
    if not last:
        return ()
    tcb = cap.get(layout.TCB_POINTER)
    suspend(ks, tcb)
    return [tcb + offset for offset in layout.TCB_SLOTS]


def _finalise_frame(ks: State, cap: Cap, last: bool) -> Slots:
    if cap.get(layout.FRAME_ASID):
        vspace.unmap_frame(ks, cap)
    return ()


def _finalise_page_table(ks: State, cap: Cap, last: bool) -> Slots:
    if last and cap.get(layout.PAGE_TABLE_ASID):
        vspace.unmap_page_table(ks, cap)
    return ()


def _finalise_page_directory(ks: State, cap: Cap, last: bool) -> Slots:
    asid = cap.get(layout.PAGE_DIRECTORY_ASID)
    if last and asid:
        vspace.free_asid(ks, asid, cap.get(layout.PAGE_DIRECTORY_POINTER))
    return ()


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


def _finalise_asid_pool(ks: State, cap: Cap, last: bool) -> Slots:
    if last:
        free_pool_asids(ks, cap)
        if cap.get(layout.ASID_POOL_POINTER):
            ks.store(asid_pool_entry(cap.get(layout.ASID_POOL_BASE)), 0)
    return ()


def _finalise_irq_handler(ks: State, cap: Cap, last: bool) -> Slots:
    if not last:
        return ()
    line = cap.get(layout.IRQ_HANDLER_IRQ)
    irq.set_line_state(ks, line, layout.IRQ_INACTIVE)
    return (irq.endpoint_slot(line),)


#: What a type does when one of its capabilities goes; the answer is the slots to empty next.
_FINALISE: Final[dict[CapType, Callable[[State, Cap, bool], Slots]]] = {
    CapType.ENDPOINT: _finalise_endpoint,
    CapType.ASYNC_ENDPOINT: _finalise_async_endpoint,
    CapType.CNODE: _finalise_cnode,
    CapType.TCB: _finalise_tcb,
    CapType.FRAME: _finalise_frame,
    CapType.PAGE_TABLE: _finalise_page_table,
    CapType.PAGE_DIRECTORY: _finalise_page_directory,
    CapType.ASID_POOL: _finalise_asid_pool,
    CapType.IRQ_HANDLER: _finalise_irq_handler,
}


def _empty_slot(ks: State, slot: int) -> Slots:
    """Remove one capability; the slots of a container that died with it are still to be emptied."""
    cap = read_cap(ks, slot)
    if cap.type is CapType.NULL:
        return ()
    if cap.type is CapType.REPLY:
        reply.delete_reply(ks, slot)
        return ()
    finalise = _FINALISE.get(cap.type)
    contents = finalise(ks, cap, mdb.is_last_reference(ks, slot)) if finalise else ()
    mdb.remove(ks, slot)
    return contents


def empty_slots(ks: State, slots: Slots) -> None:
    """Delete the capabilities in slots, and all that goes with their last references."""
    containers = [iter(slots)]
    while containers:
        slot = next(containers[-1], None)
        if slot is None:
            containers.pop()
            continue
        contents = _empty_slot(ks, slot)
        if contents:
            containers.append(iter(contents))


def delete(ks: State, slot: int) -> None:
    """CNode_Delete: remove one capability (R4.52); an empty slot is fine."""
    empty_slots(ks, (slot,))


def _first_leaf_below(ks: State, slot: int) -> int:
    """The end of the chain of first children: it can go without lifting anything."""
    leaf = mdb.next_slot(ks, slot)
    following = mdb.next_slot(ks, leaf)
    while mdb.depth(ks, following) > mdb.depth(ks, leaf):
        leaf, following = following, mdb.next_slot(ks, following)
    return leaf


def revoke(ks: State, slot: int) -> None:
    """CNode_Revoke: delete every descendant, the capability stays (R4.53).

    It ends early when the capability itself dies inside a CNode that its revocation destroys.
    """
    if read_cap(ks, slot).type in (CapType.NULL, CapType.REPLY):
        return
    while read_cap(ks, slot).type is not CapType.NULL and not mdb.is_leaf(ks, slot):
        delete(ks, _first_leaf_below(ks, slot))
