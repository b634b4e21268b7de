# SPDX-License-Identifier: BSD-2-Clause
"""Object types: their sizes, and how a piece of prepared memory becomes one (ABI 4.1, R4.37)."""

from collections.abc import Callable
from typing import Final

from kernel import abi, layout, limits
from kernel.abi import ObjectType
from kernel.layout import CapType, physical_address
from kernel.object import capability
from kernel.object.capability import Cap
from kernel.state import State

_FRAME_BITS: Final = {
    ObjectType.SMALL_PAGE: abi.SMALL_PAGE_BITS,
    ObjectType.LARGE_PAGE: abi.LARGE_PAGE_BITS,
    ObjectType.SECTION: abi.SECTION_BITS,
    ObjectType.SUPER_SECTION: abi.SUPER_SECTION_BITS,
}
_FIXED_BITS: Final = {
    ObjectType.TCB: abi.TCB_BITS,
    ObjectType.ENDPOINT: abi.ENDPOINT_BITS,
    ObjectType.ASYNC_ENDPOINT: abi.ASYNC_ENDPOINT_BITS,
    ObjectType.PAGE_DIRECTORY: abi.PAGE_DIRECTORY_BITS,
    **_FRAME_BITS,
}


def object_bits(kind: ObjectType, size_bits: int) -> int:
    """log2 of the bytes of an object of a type made with a `size_bits` argument."""
    match kind:
        case ObjectType.UNTYPED:
            return size_bits
        case ObjectType.CNODE:
            return size_bits + abi.SLOT_BITS
        case ObjectType.PAGE_TABLE:
            is_4k = size_bits == abi.PAGE_TABLE_4K_BITS
            return abi.PAGE_TABLE_4K_BITS if is_4k else abi.PAGE_TABLE_BITS
    return _FIXED_BITS[kind]


def init_tcb(ks: State, tcb: int) -> None:
    """Put a zeroed TCB in its initial state."""
    ks.store(tcb + layout.TCB_CPSR, abi.USER_CPSR)
    ks.store(tcb + layout.TCB_TIME_SLICE, limits.TIME_SLICE_TICKS)
    ks.store(tcb + layout.TCB_DOMAIN, ks.load(layout.KV_CURRENT_DOMAIN))


def _make_tcb(ks: State, address: int, size_bits: int) -> Cap:
    init_tcb(ks, address)
    return capability.tcb_cap(address)


def _make_page_table(ks: State, address: int, size_bits: int) -> Cap:
    is_4k = size_bits == abi.PAGE_TABLE_4K_BITS
    ks.port.clean_translation(address, 1 << object_bits(ObjectType.PAGE_TABLE, size_bits))
    return capability.page_table_cap(address, is_4k=is_4k)


def _make_page_directory(ks: State, address: int, size_bits: int) -> Cap:
    ks.port.clean_translation(address, 1 << abi.PAGE_DIRECTORY_BITS)
    return capability.page_directory_cap(address)


#: What each type adds to memory that is prepared for it, and the capability it gives.
_MAKE: Final[dict[ObjectType, Callable[[State, int, int], Cap]]] = {
    ObjectType.UNTYPED: lambda ks, at, bits: capability.untyped_cap(at, bits),
    ObjectType.TCB: _make_tcb,
    ObjectType.ENDPOINT: lambda ks, at, bits: capability.endpoint_cap(CapType.ENDPOINT, at),
    ObjectType.ASYNC_ENDPOINT: lambda ks, at, bits: capability.endpoint_cap(
        CapType.ASYNC_ENDPOINT, at
    ),
    ObjectType.CNODE: lambda ks, at, bits: capability.cnode_cap(at, bits),
    ObjectType.PAGE_TABLE: _make_page_table,
    ObjectType.PAGE_DIRECTORY: _make_page_directory,
}


def create_objects(
    ks: State, kind: ObjectType, size_bits: int, start: int, count: int
) -> list[Cap]:
    """Make `count` objects from a window address on, in memory that `prepare` has made ready."""
    bits = object_bits(kind, size_bits)
    addresses = range(start, start + (count << bits), 1 << bits)
    if kind in _FRAME_BITS:
        return [capability.frame_cap(physical_address(at), bits) for at in addresses]
    make = _MAKE[kind]
    return [make(ks, at, size_bits) for at in addresses]
