# SPDX-License-Identifier: BSD-2-Clause
"""Capability addresses: the guarded lookup of any depth (R4.64 to R4.80, ABI 7.1 and 7.2).

Each CNode consumes its guard and then log2(slots) bits, at least one, so a lookup ends after at
most 32 CNodes whatever loops the graph has (R4.71).
"""

from kernel import abi, layout
from kernel.abi import LookupFailure
from kernel.api.errors import LookupFault, SyscallError, delete_first, failed_lookup, range_error
from kernel.layout import CapType
from kernel.object.capability import Cap, cnode_guard_size, cnode_radix, is_empty, read_cap
from kernel.state import State


def resolve_address_bits(ks: State, root: Cap, index: int, bits: int) -> tuple[int, int]:
    """The slot that the low `bits` bits of `index` name from `root`, and the bits left unread.

    Raises LookupFault. Bits are left over when a capability other than a CNode was reached early.
    """
    if root.type is not CapType.CNODE:
        raise LookupFault(LookupFailure.INVALID_ROOT)
    cap = root
    while True:
        guard_size, radix = cnode_guard_size(cap), cnode_radix(cap)
        guard = cap.get(layout.CNODE_GUARD)
        seen = (index >> max(bits - guard_size, 0)) & ((1 << guard_size) - 1)
        if guard_size > bits or seen != guard:
            raise LookupFault(LookupFailure.GUARD_MISMATCH, bits, guard, guard_size)
        if guard_size + radix > bits:
            raise LookupFault(LookupFailure.DEPTH_MISMATCH, bits, guard_size + radix)
        bits -= guard_size + radix
        offset = (index >> bits) & ((1 << radix) - 1)
        slot = cap.get(layout.CNODE_POINTER) + layout.SLOT_BYTES * offset
        if bits == 0:
            return slot, 0
        cap = read_cap(ks, slot)
        if cap.type is not CapType.CNODE:
            return slot, bits


def lookup_slot(ks: State, tcb: int, cptr: int) -> int:
    """The slot a thread names by a capability address; bits left over are ignored."""
    root = read_cap(ks, tcb + layout.TCB_CTABLE)
    return resolve_address_bits(ks, root, cptr, abi.WORD_BITS)[0]


def _slot_argument(ks: State, root: Cap, index: int, depth: int, *, source: bool) -> int:
    if root.type is not CapType.CNODE:
        raise failed_lookup(source, LookupFault(LookupFailure.INVALID_ROOT))
    if not 1 <= depth <= abi.WORD_BITS:
        raise range_error(
            1, abi.WORD_BITS, f"the slot 0x{index:x} cannot be found with {depth} address bits"
        )
    try:
        slot, left = resolve_address_bits(ks, root, index, depth)
    except LookupFault as fault:
        raise failed_lookup(source, fault) from None
    if left:
        raise failed_lookup(source, LookupFault(LookupFailure.DEPTH_MISMATCH, left, 0))
    return slot


def lookup_target_slot(ks: State, root: Cap, index: int, depth: int) -> int:
    """The slot for a target argument of a CNode-like operation (ABI 7.2)."""
    return _slot_argument(ks, root, index, depth, source=False)


def lookup_source_slot(ks: State, root: Cap, index: int, depth: int) -> int:
    """The slot for a source argument."""
    return _slot_argument(ks, root, index, depth, source=True)


def ensure_empty(ks: State, slot: int) -> None:
    """Refuse a target slot that holds a capability."""
    if not is_empty(ks, slot):
        raise delete_first("the target slot holds a capability: delete it or choose another")


def missing_capability(source: bool, bits_left: int) -> SyscallError:
    """The error for a slot argument that is empty but must not be."""
    return failed_lookup(source, LookupFault(LookupFailure.MISSING_CAPABILITY, bits_left))
