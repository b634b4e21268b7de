# SPDX-License-Identifier: BSD-2-Clause
"""ASID control and pools: which PageDirectory has which hardware ASID (ABI 9.4, Q13).

One table of 256 entries: the boot pool has 0 to 191 (0 is never used), MakePool hands out four
pools of 16.
"""

from collections.abc import Callable
from functools import partial

from kernel import abi, layout
from kernel.abi import Label, LookupFailure
from kernel.api.errors import (
    LookupFault,
    delete_first,
    failed_lookup,
    illegal_operation,
    invalid_capability,
    revoke_first,
    truncated_message,
)
from kernel.api.message import Invocation
from kernel.cspace import ensure_empty, lookup_target_slot
from kernel.layout import CapType
from kernel.object import mdb, prepare, vspace
from kernel.object.capability import Cap, make_cap
from kernel.object.delete import asid_pool_entry
from kernel.state import State

Commit = Callable[[], None]


def asid_pool_cap(pointer: int, base: int, count: int) -> Cap:
    """A pool of `count` ASIDs from `base`; pointer 0 is the boot pool."""
    return make_cap(
        CapType.ASID_POOL,
        (layout.ASID_POOL_POINTER, pointer),
        (layout.ASID_POOL_BASE, base),
        (layout.ASID_POOL_COUNT, count),
    )


def _free_pool_base(ks: State) -> int:
    for index in range(layout.ASID_SMALL_POOLS):
        if not ks.load(layout.KV_ASID_POOLS + 4 * index):
            return layout.ASID_BOOT_POOL_COUNT + index * layout.ASID_SMALL_POOL_COUNT
    raise delete_first("all ASID pools are in use: delete one first")


def decode_control(inv: Invocation) -> Commit:
    """Check ASIDControl_MakePool; the answer commits it."""
    ks = inv.ks
    if inv.label != Label.ASID_CONTROL_MAKE_POOL:
        raise illegal_operation("ASID control only has MakePool")
    if inv.length < 2 or len(inv.extra) < 2:
        raise truncated_message("MakePool needs 2 words and 2 capabilities")
    base = _free_pool_base(ks)
    untyped = inv.extra_cap(0)
    if (
        untyped.type is not CapType.UNTYPED
        or untyped.get(layout.UNTYPED_SIZE_BITS) != abi.ASID_POOL_BITS
    ):
        raise invalid_capability(1, "a pool is made from an Untyped of exactly 4 KB")
    if not mdb.is_leaf(ks, inv.extra[0]):
        raise revoke_first("the Untyped has objects: revoke it first")
    target = lookup_target_slot(ks, inv.extra_cap(1), inv.arg(0), inv.arg(1))
    ensure_empty(ks, target)
    mdb.check_child(ks, inv.extra[0])
    return partial(_make_pool, ks, inv.extra[0], target, base)


def _make_pool(ks: State, untyped: int, target: int, base: int) -> None:
    pointer = ks.get(untyped, layout.UNTYPED_POINTER)
    size = 1 << abi.ASID_POOL_BITS
    prepare.forget(ks)
    ks.put(untyped, layout.UNTYPED_WATERMARK, size)
    ks.port.clear(pointer, size)
    ks.store(asid_pool_entry(base), pointer)
    cap = asid_pool_cap(pointer, base, layout.ASID_SMALL_POOL_COUNT)
    mdb.insert_children(ks, untyped, [(target, cap)])


def _check_pool(ks: State, cap: Cap) -> None:
    pointer = cap.get(layout.ASID_POOL_POINTER)
    if not pointer:
        return
    registered = ks.load(asid_pool_entry(cap.get(layout.ASID_POOL_BASE)))
    if not registered:
        raise failed_lookup(False, LookupFault(LookupFailure.INVALID_ROOT))
    if registered != pointer:
        raise invalid_capability(0, "another pool has taken the place of this one")


def _free_asid(ks: State, cap: Cap) -> int:
    base = cap.get(layout.ASID_POOL_BASE)
    for asid in range(max(base, 1), base + cap.get(layout.ASID_POOL_COUNT)):
        if not vspace.directory_of_asid(ks, asid):
            return asid
    raise delete_first("the pool has no free ASID: delete an address space first")


def decode_pool(inv: Invocation) -> Commit:
    """Check ASIDPool_Assign (R4.88 to R4.90, R4.97); the answer commits it."""
    if inv.label != Label.ASID_POOL_ASSIGN:
        raise illegal_operation("an ASID pool only has Assign")
    if not inv.extra:
        raise truncated_message("Assign needs the PageDirectory")
    directory = inv.extra_cap(0)
    if directory.type is not CapType.PAGE_DIRECTORY or vspace.is_vspace(directory):
        raise invalid_capability(1, "not a PageDirectory without an ASID")
    _check_pool(inv.ks, inv.cap)
    return partial(assign, inv.ks, inv.extra[0], _free_asid(inv.ks, inv.cap))


def assign(ks: State, slot: int, asid: int) -> None:
    """Initialise the PageDirectory in `slot` with a free ASID."""
    pointer = ks.get(slot, layout.PAGE_DIRECTORY_POINTER)
    ks.store(vspace.asid_entry(asid), pointer)
    ks.put(slot, layout.PAGE_DIRECTORY_ASID, asid)
