# SPDX-License-Identifier: BSD-2-Clause
"""Untyped memory and retype, the only operation that takes memory (R4.1, R4.24 to R4.38).

Invariant in both modes: no object lies above the watermark of the Untyped it was made from. By
default only a leaf may be retyped (R4.28); in compat mode a non-leaf goes on above its watermark.
A retype of much memory is preemptible: it clears in pieces, and makes the objects in one step.
"""

from functools import partial
from typing import NamedTuple

from kernel import abi, layout
from kernel.abi import Label, LookupFailure, ObjectType
from kernel.api.errors import (
    LookupFault,
    failed_lookup,
    illegal_operation,
    invalid_argument,
    not_enough_memory,
    range_error,
    revoke_first,
    truncated_message,
)
from kernel.api.message import Invocation
from kernel.cspace import ensure_empty, lookup_target_slot
from kernel.layout import CapType
from kernel.object import mdb, prepare
from kernel.object.capability import Cap, cnode_radix, read_cap
from kernel.object.objecttype import create_objects, object_bits
from kernel.state import State


class RetypeRequest(NamedTuple):
    """A checked retype: what to make, where in memory, and the slots for the capabilities."""

    kind: ObjectType
    size_bits: int
    offset: int
    slots: list[int]


def _decode_type(inv: Invocation) -> tuple[ObjectType, int]:
    kind, size_bits = inv.args(2)
    if kind >= abi.OBJECT_TYPE_COUNT:
        raise invalid_argument(0, f"there is no object type {kind}")
    if size_bits > abi.UNTYPED_MAX_BITS:
        raise range_error(0, abi.UNTYPED_MAX_BITS, f"size_bits {size_bits} is above any size")
    if kind == ObjectType.CNODE and size_bits == 0:
        raise invalid_argument(1, "a CNode has at least two slots")
    if kind == ObjectType.UNTYPED and size_bits < abi.UNTYPED_MIN_BITS:
        raise invalid_argument(1, "an Untyped has at least 16 bytes")
    return ObjectType(kind), size_bits


def _decode_cnode(inv: Invocation) -> Cap:
    ks, root = inv.ks, inv.extra_cap(0)
    index, depth = inv.arg(2), inv.arg(3)
    cap = root if depth == 0 else read_cap(ks, lookup_target_slot(ks, root, index, depth))
    if cap.type is not CapType.CNODE:
        raise failed_lookup(False, LookupFault(LookupFailure.MISSING_CAPABILITY, depth))
    return cap


def _decode_slots(inv: Invocation) -> list[int]:
    cnode = _decode_cnode(inv)
    offset, count = inv.arg(4), inv.arg(5)
    size = 1 << cnode_radix(cnode)
    if offset > size - 1:
        raise range_error(0, size - 1, f"node_offset {offset} in a CNode of {size} slots")
    if not 1 <= count <= abi.RETYPE_MAX_OBJECTS:
        raise range_error(1, abi.RETYPE_MAX_OBJECTS, f"num_objects {count} in one call")
    if count > size - offset:
        raise range_error(1, size - offset, f"{count} objects do not fit behind slot {offset}")
    first = cnode.get(layout.CNODE_POINTER) + layout.SLOT_BYTES * offset
    slots = [first + layout.SLOT_BYTES * index for index in range(count)]
    for slot in slots:
        ensure_empty(inv.ks, slot)
    return slots


def _used_bytes(inv: Invocation) -> int:
    """Bytes that may not be given out; refuses a non-leaf where the mode does."""
    if mdb.is_leaf(inv.ks, inv.slot):
        return 0
    if not inv.ks.options.compat:
        raise revoke_first(
            "the Untyped already has objects: revoke it, or run with --compat sel4-1.0.3"
        )
    return inv.cap.get(layout.UNTYPED_WATERMARK)


def decode(inv: Invocation) -> partial[None]:
    """Check Untyped_Retype in the order of ABI 4.3; the answer commits it."""
    if inv.label != Label.UNTYPED_RETYPE:
        raise illegal_operation("an Untyped only has Retype")
    if inv.length < 6 or not inv.extra:
        raise truncated_message("Retype needs 6 words and the root CNode")
    kind, size_bits = _decode_type(inv)
    slots = _decode_slots(inv)
    used = _used_bytes(inv)
    bits = object_bits(kind, size_bits)
    left = (1 << inv.cap.get(layout.UNTYPED_SIZE_BITS)) - used
    if left >> bits < len(slots):
        raise not_enough_memory(left, f"{len(slots)} objects of 2^{bits} bytes do not fit")
    mdb.check_child(inv.ks, inv.slot)
    start = (used + (1 << bits) - 1) >> bits << bits
    request = RetypeRequest(kind, size_bits, start, slots)
    return partial(retype, inv.ks, inv.slot, request)


def retype(ks: State, slot: int, request: RetypeRequest) -> None:
    """Make the objects of a checked request and put their masters into the slots.

    Raises Preempted while it clears memory, which nobody can see: nothing is made then.
    """
    start = ks.get(slot, layout.UNTYPED_POINTER) + request.offset
    count = len(request.slots)
    size = count << object_bits(request.kind, request.size_bits)
    prepare.prepare(ks, request.kind, start, size)
    prepare.forget(ks)
    ks.put(slot, layout.UNTYPED_WATERMARK, request.offset + size)
    caps = create_objects(ks, request.kind, request.size_bits, start, count)
    mdb.insert_children(ks, slot, list(zip(request.slots, caps, strict=True)))
