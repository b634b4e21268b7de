# SPDX-License-Identifier: BSD-2-Clause
"""Recycle: a master's object back to its initial state (R4.58 to R4.61, decision on Q4).

Refused while a neighbour that is a sibling names the same object. The test is repeated after the
revoke; this is the one call that may fail after an effect (the descendants are gone then).
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from kernel import abi, layout
from kernel.api.errors import illegal_operation
from kernel.layout import CapType, VmRights
from kernel.object import delete, irq, mdb, objecttype, vspace
from kernel.object.capability import (
    Cap,
    frame_size_bits,
    object_bytes,
    read_cap,
    same_object,
    write_cap,
)
from kernel.schedule import dequeue
from kernel.state import State
from kernel.thread import suspend


def _may_recycle(cap: Cap) -> bool:
    """Whether the capability has all the rights that its type can have (ABI 7.7)."""
    match cap.type:
        case CapType.NULL | CapType.DOMAIN | CapType.REPLY | CapType.ZOMBIE:
            return False
        case CapType.ENDPOINT:
            return cap.get(layout.ENDPOINT_RIGHTS) == abi.RIGHTS_ALL
        case CapType.ASYNC_ENDPOINT:
            both = abi.RIGHT_READ | abi.RIGHT_WRITE
            return cap.get(layout.ENDPOINT_RIGHTS) & both == both
        case CapType.FRAME:
            return cap.get(layout.FRAME_RIGHTS) == VmRights.READ_WRITE
    return True


def _has_imitation(ks: State, slot: int) -> bool:
    """Whether a direct neighbour is a sibling to the same object (R4.61)."""
    cap, level = read_cap(ks, slot), mdb.depth(ks, slot)
    return any(
        other != slot and mdb.depth(ks, other) == level and same_object(cap, read_cap(ks, other))
        for other in (mdb.next_slot(ks, slot), mdb.prev_slot(ks, slot))
    )


def decode_recycle(ks: State, slot: int) -> Callable[[], None]:
    """Check CNode_Recycle; the answer commits it."""
    cap = read_cap(ks, slot)
    if not _may_recycle(cap):
        raise illegal_operation("the capability is empty, lacks rights, or cannot be recycled")
    if not mdb.is_master(ks, slot):
        raise illegal_operation("only a master capability can be recycled (R4.60)")
    if _has_imitation(ks, slot):
        raise illegal_operation("an imitated copy exists: delete it first (R4.61)")
    return partial(_recycle, ks, slot)


def _recycle(ks: State, slot: int) -> None:
    delete.revoke(ks, slot)
    cap = read_cap(ks, slot)
    if cap.type is CapType.NULL:
        return
    if not mdb.is_last_reference(ks, slot):
        raise illegal_operation("another capability to the object is left; the children are gone")
    reset = _RESET.get(cap.type)
    if reset:
        reset(ks, slot, cap)


def _reset_endpoint(ks: State, slot: int, cap: Cap) -> None:
    endpoint = cap.get(layout.ENDPOINT_POINTER)
    delete.cancel_all(ks, endpoint)
    ks.port.clear(endpoint, object_bytes(cap))


def _reset_cnode(ks: State, slot: int, cap: Cap) -> None:
    delete.empty_slots(ks, delete.cnode_slots(cap))
    if read_cap(ks, slot).type is CapType.CNODE:
        plain = cap.having(layout.CNODE_GUARD_SHIFT, abi.WORD_BITS).having(layout.CNODE_GUARD, 0)
        write_cap(ks, slot, plain)


def _reset_tcb(ks: State, slot: int, cap: Cap) -> None:
    tcb = cap.get(layout.TCB_POINTER)
    suspend(ks, tcb)
    dequeue(ks, tcb)
    delete.empty_slots(ks, [tcb + offset for offset in layout.TCB_SLOTS])
    ks.port.clear(tcb, 1 << abi.TCB_BITS)
    objecttype.init_tcb(ks, tcb)


def _reset_frame(ks: State, slot: int, cap: Cap) -> None:
    if cap.get(layout.FRAME_ASID):
        vspace.unmap_frame(ks, cap)
    write_cap(ks, slot, cap.having(layout.FRAME_ASID, 0).having(layout.FRAME_VADDR, 0))
    if not cap.get(layout.FRAME_DEVICE):
        base = cap.get(layout.FRAME_BASE)
        ks.port.clear(layout.window_address(base), 1 << frame_size_bits(cap))


def _reset_page_table(ks: State, slot: int, cap: Cap) -> None:
    clear_page_table(ks, cap)
    fresh = cap.having(layout.PAGE_TABLE_USED, 0)
    fresh = fresh.having(layout.PAGE_TABLE_ASID, 0).having(layout.PAGE_TABLE_VADDR, 0)
    write_cap(ks, slot, fresh)


def clear_page_table(ks: State, cap: Cap) -> None:
    """Take a PageTable out of its directory and forget its pages."""
    vspace.unmap_page_table(ks, cap)
    table, size = cap.get(layout.PAGE_TABLE_POINTER), object_bytes(cap)
    ks.port.clear(table, size)
    ks.port.clean_translation(table, size)


def _reset_page_directory(ks: State, slot: int, cap: Cap) -> None:
    asid, directory = cap.get(layout.PAGE_DIRECTORY_ASID), cap.get(layout.PAGE_DIRECTORY_POINTER)
    if asid:
        vspace.free_asid(ks, asid, directory)
    ks.port.clear(directory, 1 << abi.PAGE_DIRECTORY_BITS)
    vspace.init_page_directory(ks, directory)
    ks.port.clean_translation(directory, 1 << abi.PAGE_DIRECTORY_BITS)
    write_cap(ks, slot, cap.having(layout.PAGE_DIRECTORY_ASID, 0))


def _reset_irq_handler(ks: State, slot: int, cap: Cap) -> None:
    delete.delete(ks, irq.endpoint_slot(cap.get(layout.IRQ_HANDLER_IRQ)))


_RESET: Final[dict[CapType, Callable[[State, int, Cap], None]]] = {
    CapType.ENDPOINT: _reset_endpoint,
    CapType.ASYNC_ENDPOINT: _reset_endpoint,
    CapType.CNODE: _reset_cnode,
    CapType.TCB: _reset_tcb,
    CapType.FRAME: _reset_frame,
    CapType.PAGE_TABLE: _reset_page_table,
    CapType.PAGE_DIRECTORY: _reset_page_directory,
    CapType.ASID_POOL: lambda ks, slot, cap: delete.free_pool_asids(ks, cap),
    CapType.IRQ_HANDLER: _reset_irq_handler,
}
