# SPDX-License-Identifier: BSD-2-Clause
"""Recycle: a master's object back to its initial state (R4.58 to R4.61, decision on Q4).

Refused while a neighbour that is a sibling names the same object. The test is repeated after the
revoke; this is the one call that may fail after an effect (the descendants are gone then).

Preemptible like delete. A CNode, TCB or Frame is a zombie while it is being cleaned, opaque to
everybody; the repeated call goes on with it and makes it a fresh capability in the end. A Delete
that comes in between destroys the object.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from kernel import abi, layout, limits
from kernel.api.errors import illegal_operation
from kernel.layout import CapType, VmRights
from kernel.object import delete, irq, mdb, objecttype, vspace, zombie
from kernel.object.capability import (
    Cap,
    frame_size_bits,
    object_bytes,
    read_cap,
    same_object,
    write_cap,
)
from kernel.preemption import work
from kernel.state import State

_UNITS_PER_PIECE: Final = limits.CLEAR_PIECE_BYTES // limits.CLEAR_UNIT_BYTES


def _may_recycle(cap: Cap) -> bool:
    """Whether the capability has all the rights that its type can have (ABI 7.7)."""
    match cap.type:
        case CapType.NULL | CapType.DOMAIN | CapType.REPLY:
            return False
        case CapType.ZOMBIE:
            # A recycle that was preempted goes on with the zombie that it left.
            return zombie.is_container(cap) or zombie.former(cap).type is CapType.FRAME
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
    cap = read_cap(ks, slot)
    return any(same_object(cap, read_cap(ks, other)) for other in mdb.siblings(ks, slot))


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


def _reset_container(ks: State, slot: int, cap: Cap) -> None:
    delete.entomb_container(ks, slot, cap)
    _reset_zombie(ks, slot, read_cap(ks, slot))


def _reset_zombie(ks: State, slot: int, cap: Cap) -> None:
    """Go on until the object is clean; then the zombie is a fresh capability again.

    It ends early when the capability is swapped away: it lay in a CNode whose last capability
    its own object held. What it was is set aside then, and the slot holds that CNode's zombie.
    """
    step = delete.empty_container_step if zombie.is_container(cap) else _clear_piece
    word0 = cap.word0
    while units := step(ks, slot, cap):
        work(ks, units)
        cap = read_cap(ks, slot)
        if cap.word0 != word0:
            return
    fresh = zombie.former(cap)
    if fresh.type is CapType.TCB:
        _clear_tcb(ks, fresh.get(layout.TCB_POINTER))
    write_cap(ks, slot, fresh)


def _clear_tcb(ks: State, tcb: int) -> None:
    """Put a TCB whose slots are empty in its initial state; its own capability may lie in it."""
    end = tcb + (1 << abi.TCB_BITS)
    behind_slots = tcb + len(layout.TCB_SLOTS) * layout.SLOT_BYTES
    ks.port.clear(behind_slots, end - behind_slots)
    objecttype.init_tcb(ks, tcb)


def _clear_piece(ks: State, slot: int, cap: Cap) -> int:
    """Clear one more piece of a frame, from its end; units of work, 0 when all of it is clear."""
    left = cap.get(layout.ZOMBIE_NEXT)
    if left == 0:
        return 0
    base = layout.window_address(zombie.former(cap).get(layout.FRAME_BASE))
    at = base + limits.CLEAR_PIECE_BYTES * (left - 1)
    ks.port.clear(at, limits.CLEAR_PIECE_BYTES)
    write_cap(ks, slot, cap.having(layout.ZOMBIE_NEXT, left - 1))
    return _UNITS_PER_PIECE


def _reset_frame(ks: State, slot: int, cap: Cap) -> None:
    if cap.get(layout.FRAME_ASID):
        vspace.unmap_frame(ks, cap)
    if cap.get(layout.FRAME_DEVICE):
        write_cap(ks, slot, cap.having(layout.FRAME_ASID, 0).having(layout.FRAME_VADDR, 0))
        return
    pieces = (1 << frame_size_bits(cap)) // limits.CLEAR_PIECE_BYTES
    write_cap(ks, slot, zombie.of_object(cap, pieces))
    _reset_zombie(ks, slot, read_cap(ks, slot))


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
    CapType.CNODE: _reset_container,
    CapType.TCB: _reset_container,
    CapType.ZOMBIE: _reset_zombie,
    CapType.FRAME: _reset_frame,
    CapType.PAGE_TABLE: _reset_page_table,
    CapType.PAGE_DIRECTORY: _reset_page_directory,
    CapType.ASID_POOL: lambda ks, slot, cap: delete.free_pool_asids(ks, cap),
    CapType.IRQ_HANDLER: _reset_irq_handler,
}
