# SPDX-License-Identifier: BSD-2-Clause
"""What a copy of a capability looks like: masked rights, new badge or guard (ABI 7.4).

`None` stands for "there is no such capability", which the caller reports as IllegalOperation.
"""

from typing import Final

from kernel import abi, layout, limits
from kernel.api.errors import illegal_operation, range_error, revoke_first
from kernel.layout import CapType
from kernel.object import mdb
from kernel.object.capability import Cap, cnode_radix, read_cap
from kernel.object.vspace import mask_vm_rights
from kernel.state import State

_ENDPOINTS: Final = frozenset({CapType.ENDPOINT, CapType.ASYNC_ENDPOINT})
_NEVER_COPIED: Final = frozenset({CapType.IRQ_CONTROL, CapType.REPLY, CapType.ZOMBIE, CapType.NULL})


def mask_rights(cap: Cap, rights: int) -> Cap:
    """The capability with only those rights that the rights word also names."""
    if cap.type in _ENDPOINTS:
        return cap.having(layout.ENDPOINT_RIGHTS, cap.get(layout.ENDPOINT_RIGHTS) & rights)
    if cap.type is CapType.FRAME:
        return cap.having(layout.FRAME_RIGHTS, mask_vm_rights(cap.get(layout.FRAME_RIGHTS), rights))
    return cap


def _with_badge(cap: Cap, data: int) -> Cap | None:
    if cap.get(layout.ENDPOINT_BADGE):
        return None
    return cap.having(layout.ENDPOINT_BADGE, data & abi.BADGE_MASK)


def _with_guard(cap: Cap, data: int) -> Cap | None:
    size = data >> abi.CAPDATA_GUARD_SIZE_SHIFT & abi.CAPDATA_GUARD_SIZE_MASK
    guard = data >> abi.CAPDATA_GUARD_SHIFT & abi.CAPDATA_GUARD_MASK & ((1 << size) - 1)
    if size + cnode_radix(cap) > abi.WORD_BITS:
        return None
    if guard and size > limits.GUARD_MAX_BITS:
        raise range_error(0, limits.GUARD_MAX_BITS, "a guard that is not zero is at most 16 bits")
    return cap.having(layout.CNODE_GUARD_SHIFT, abi.WORD_BITS - size).having(
        layout.CNODE_GUARD, guard
    )


def update_data(cap: Cap, data: int, *, preserve: bool) -> Cap | None:
    """The capability with a badge or guard from a capData word.

    `preserve` is Mutate's and Rotate's rule: an endpoint's badge cannot be changed.
    """
    if cap.type in _ENDPOINTS:
        return None if preserve else _with_badge(cap, data)
    if cap.type is CapType.CNODE:
        return _with_guard(cap, data)
    return cap


def derive(ks: State, slot: int, cap: Cap) -> Cap | None:
    """What a copy of the capability in `slot` (given as `cap`, perhaps masked) would be."""
    match cap.type:
        case _ if cap.type in _NEVER_COPIED:
            return None
        case CapType.UNTYPED:
            if not mdb.is_leaf(ks, slot):
                raise revoke_first("the Untyped has objects: revoke it first")
            return cap.having(layout.UNTYPED_WATERMARK, 0)
        case CapType.FRAME:
            return cap.having(layout.FRAME_ASID, 0).having(layout.FRAME_VADDR, 0)
        case CapType.PAGE_TABLE if not cap.get(layout.PAGE_TABLE_USED):
            raise illegal_operation("an unused PageTable cannot be copied: map it first")
        case CapType.PAGE_DIRECTORY if not cap.get(layout.PAGE_DIRECTORY_ASID):
            raise illegal_operation("a PageDirectory without an ASID cannot be copied: assign one")
    return cap


def derive_or_refuse(ks: State, slot: int, cap: Cap | None) -> Cap:
    """`derive`, with "no such capability" as IllegalOperation."""
    derived = derive(ks, slot, cap) if cap is not None else None
    if derived is None:
        raise illegal_operation("this capability cannot be copied or changed in this way")
    return derived


def is_new_revocable(source: Cap, derived: Cap) -> bool:
    """Whether a derived capability is revocable: Untyped copies and newly badged endpoints."""
    if derived.type is CapType.UNTYPED:
        return True
    return derived.type in _ENDPOINTS and derived.get(layout.ENDPOINT_BADGE) != source.get(
        layout.ENDPOINT_BADGE
    )


def seal_copied_untyped(ks: State, slot: int, cap: Cap) -> None:
    """After an Untyped was copied only the copy can be retyped: its own watermark is full."""
    if cap.type is CapType.UNTYPED:
        size = 1 << cap.get(layout.UNTYPED_SIZE_BITS)
        ks.put(slot, layout.UNTYPED_WATERMARK, size)


def insert_copy(ks: State, source: int, target: int, derived: Cap) -> None:
    """Put a derived capability in an empty slot by Copy's rule."""
    cap = read_cap(ks, source)
    mdb.insert_copy(ks, source, target, derived, revocable=is_new_revocable(cap, derived))
    seal_copied_untyped(ks, source, cap)


def insert_mint(ks: State, source: int, target: int, derived: Cap) -> None:
    """Put a derived capability in an empty slot by Mint's rule: always a child."""
    cap = read_cap(ks, source)
    mdb.insert_child(ks, source, target, derived, revocable=is_new_revocable(cap, derived))
    seal_copied_untyped(ks, source, cap)
