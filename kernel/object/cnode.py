# SPDX-License-Identifier: BSD-2-Clause
"""CNode methods: moving capabilities about (ABI 7.3, R4.41 to R4.44, R4.50)."""

from collections.abc import Callable
from functools import partial
from typing import Final

from kernel import layout
from kernel.abi import Label
from kernel.api.errors import illegal_operation, truncated_message
from kernel.api.message import Invocation
from kernel.cspace import (
    ensure_empty,
    lookup_source_slot,
    lookup_target_slot,
    missing_capability,
)
from kernel.layout import CapType
from kernel.object import mdb, reply
from kernel.object.capability import Cap, is_empty, read_cap
from kernel.object.delete import delete, revoke
from kernel.object.derive import (
    derive_or_refuse,
    insert_copy,
    insert_mint,
    mask_rights,
    update_data,
)
from kernel.object.recycle import decode_recycle
from kernel.state import State

Commit = Callable[[], None]


def _source(inv: Invocation, need: int) -> tuple[int, Cap]:
    """The source slot of Copy, Mint, Imitate, Move and Mutate (words 2 and 3, first extra cap)."""
    slot = lookup_source_slot(inv.ks, inv.extra_cap(0), inv.arg(2), inv.arg(3))
    cap = read_cap(inv.ks, slot)
    if cap.type is CapType.NULL:
        raise missing_capability(True, inv.arg(3))
    if inv.length < need:
        raise truncated_message(f"{need} words are needed")
    return slot, cap


def _copy(inv: Invocation, target: int) -> Commit:
    ks = inv.ks
    source, cap = _source(inv, 5)
    derived = derive_or_refuse(ks, source, mask_rights(cap, inv.arg(4)))
    mdb.check_copy(ks, source)
    return partial(insert_copy, ks, source, target, derived)


def _mint(inv: Invocation, target: int) -> Commit:
    ks = inv.ks
    source, cap = _source(inv, 6)
    masked = mask_rights(cap, inv.arg(4))
    derived = derive_or_refuse(ks, source, update_data(masked, inv.arg(5), preserve=False))
    mdb.check_child(ks, source)
    return partial(insert_mint, ks, source, target, derived)


def _imitate(inv: Invocation, target: int) -> Commit:
    source, cap = _source(inv, 4)
    if cap.type is CapType.UNTYPED:
        raise illegal_operation("an Untyped capability cannot be imitated: copy it (R4.43)")
    derived = derive_or_refuse(inv.ks, source, cap)
    return partial(mdb.insert_imitation, inv.ks, source, target, derived)


def move_cap(ks: State, source: int, target: int, cap: Cap) -> None:
    """Put `cap` in `target` in place of the one in `source`."""
    if cap.type is CapType.REPLY:
        reply.move_reply(ks, source, target)
    else:
        mdb.move(ks, source, target, cap)


def _move(inv: Invocation, target: int) -> Commit:
    source, cap = _source(inv, 4)
    return partial(move_cap, inv.ks, source, target, cap)


def _changed(cap: Cap, data: int) -> Cap:
    changed = update_data(cap, data, preserve=True)
    if changed is None:
        raise illegal_operation("this capability cannot be changed: badges stay, guards must fit")
    return changed


def _mutate(inv: Invocation, target: int) -> Commit:
    source, cap = _source(inv, 5)
    return partial(move_cap, inv.ks, source, target, _changed(cap, inv.arg(4)))


def _swap(ks: State, one: int, other: int, cap_one: Cap, cap_other: Cap) -> None:
    """Exchange two slots; a reply capability is moved around the list through its own link."""
    kinds = (cap_one.type is CapType.REPLY, cap_other.type is CapType.REPLY)
    match kinds:
        case (False, False):
            mdb.swap(ks, one, other, cap_one, cap_other)
        case (True, True):
            reply.swap_replies(ks, one, other)
        case (True, False):
            reply.move_past(ks, one, other, cap_other)
        case _:
            reply.move_past(ks, other, one, cap_one)


def _rotate_now(
    ks: State, source: int, pivot: int, target: int, source_cap: Cap, pivot_cap: Cap
) -> None:
    if source == target:
        _swap(ks, source, pivot, source_cap, pivot_cap)
    else:
        move_cap(ks, pivot, target, pivot_cap)
        move_cap(ks, source, pivot, source_cap)


def _rotate(inv: Invocation, target: int) -> Commit:
    ks = inv.ks
    if inv.length < 8 or len(inv.extra) < 2:
        raise truncated_message("Rotate needs 8 words and two CNodes")
    _, _, target_data, pivot_index, pivot_depth, pivot_data, index, depth = inv.args(8)
    source = lookup_source_slot(ks, inv.extra_cap(1), index, depth)
    pivot = lookup_source_slot(ks, inv.extra_cap(0), pivot_index, pivot_depth)
    if pivot in (source, target):
        raise illegal_operation("the pivot must differ from source and destination")
    if source != target:
        ensure_empty(ks, target)
    if is_empty(ks, source):
        raise missing_capability(True, depth)
    if is_empty(ks, pivot):
        raise missing_capability(False, pivot_depth)
    source_cap = _changed(read_cap(ks, source), pivot_data)
    pivot_cap = _changed(read_cap(ks, pivot), target_data)
    return partial(_rotate_now, ks, source, pivot, target, source_cap, pivot_cap)


def _save_caller_now(ks: State, thread: int, target: int) -> None:
    slot = thread + layout.TCB_CALLER
    if not is_empty(ks, slot):
        reply.move_reply(ks, slot, target)


def _save_caller(inv: Invocation, target: int) -> Commit:
    ensure_empty(inv.ks, target)
    return partial(_save_caller_now, inv.ks, inv.thread, target)


_TWO_SLOT: Final[dict[int, Callable[[Invocation, int], Commit]]] = {
    Label.CNODE_COPY: _copy,
    Label.CNODE_MINT: _mint,
    Label.CNODE_IMITATE: _imitate,
    Label.CNODE_MOVE: _move,
    Label.CNODE_MUTATE: _mutate,
}
_ONE_SLOT: Final[dict[int, Callable[[Invocation, int], Commit]]] = {
    Label.CNODE_REVOKE: lambda inv, slot: partial(revoke, inv.ks, slot),
    Label.CNODE_DELETE: lambda inv, slot: partial(delete, inv.ks, slot),
    Label.CNODE_RECYCLE: lambda inv, slot: decode_recycle(inv.ks, slot),
    Label.CNODE_ROTATE: _rotate,
    Label.CNODE_SAVE_CALLER: _save_caller,
}


def decode(inv: Invocation) -> Commit:
    """Check a CNode method in the order of ABI 7.3; the answer commits it."""
    two_slot, one_slot = _TWO_SLOT.get(inv.label), _ONE_SLOT.get(inv.label)
    if two_slot is None and one_slot is None:
        raise illegal_operation("a CNode has no such method")
    if inv.length < 2:
        raise truncated_message("a CNode method needs index and depth")
    target = lookup_target_slot(inv.ks, inv.cap, inv.arg(0), inv.arg(1))
    if one_slot is not None:
        return one_slot(inv, target)
    if inv.length < 4 or not inv.extra:
        raise truncated_message("4 words and the source CNode are needed")
    ensure_empty(inv.ks, target)
    assert two_slot is not None
    return two_slot(inv, target)
