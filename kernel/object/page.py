# SPDX-License-Identifier: BSD-2-Clause
"""Methods of Frames, PageTables and PageDirectories (ABI 9.1, R4.92 to R4.106)."""

from collections.abc import Callable
from functools import partial
from typing import Final

from kernel import abi, layout
from kernel.abi import Label
from kernel.api.errors import (
    alignment_error,
    delete_first,
    illegal_operation,
    invalid_argument,
    invalid_capability,
    range_error,
    revoke_first,
    truncated_message,
)
from kernel.api.message import Invocation, Result
from kernel.layout import CapType
from kernel.object import mdb, vspace
from kernel.object.capability import Cap, frame_size_bits, write_cap
from kernel.object.recycle import clear_page_table
from kernel.state import State

Commit = Callable[[], Result | None]


def _directory_argument(inv: Invocation, index: int = 0) -> Cap:
    cap = inv.extra_cap(index)
    if not vspace.is_vspace(cap):
        raise invalid_capability(index + 1, "not a PageDirectory with an ASID: assign one to it")
    return cap


def _live_directory(inv: Invocation, directory_cap: Cap) -> int:
    mismatch = invalid_capability(1, "another PageDirectory has this one's ASID: recycle it")
    return vspace.check_live_directory(inv.ks, directory_cap, mismatch)


# Frames -------------------------------------------------------------------------------------


def _map_now(
    ks: State, slot: int, cap: Cap, place: vspace.Place, entry: int, vaddr: int, asid: int
) -> None:
    replaced = ks.load(place.entry) != 0
    write_cap(ks, slot, cap.having(layout.FRAME_VADDR, vaddr).having(layout.FRAME_ASID, asid))
    vspace.write_entries(ks, place.entry, place.count, entry)
    if replaced:
        ks.port.invalidate_tlb_address(vaddr, asid)


def _frame_entry(cap: Cap, rights: int, attributes: int) -> int:
    effective = vspace.mask_vm_rights(cap.get(layout.FRAME_RIGHTS), rights)
    return vspace.descriptor(
        frame_size_bits(cap), cap.get(layout.FRAME_BASE), effective, attributes
    )


def _check_frame_address(cap: Cap, vaddr: int) -> None:
    if vaddr + (1 << frame_size_bits(cap)) > abi.USER_TOP:
        raise invalid_argument(0, f"0x{vaddr:08x} is not below the kernel's addresses")
    _check_alignment(cap, vaddr)


def _check_alignment(cap: Cap, vaddr: int) -> None:
    if vaddr & ((1 << frame_size_bits(cap)) - 1):
        raise alignment_error(f"0x{vaddr:08x} is not aligned to the frame's size")


def _page_map(inv: Invocation) -> Commit:
    if inv.length < 3 or not inv.extra:
        raise truncated_message("Page_Map needs 3 words and the PageDirectory")
    vaddr, rights, attributes = inv.args(3)
    cap = inv.cap
    if cap.get(layout.FRAME_ASID):
        raise invalid_capability(0, "this frame capability is mapped: unmap it, or map a copy")
    directory_cap = _directory_argument(inv)
    directory = _live_directory(inv, directory_cap)
    _check_frame_address(cap, vaddr)
    place = vspace.place_for(inv.ks, directory, vaddr, frame_size_bits(cap))
    entry = _frame_entry(cap, rights, attributes)
    asid = directory_cap.get(layout.PAGE_DIRECTORY_ASID)
    return partial(_map_now, inv.ks, inv.slot, cap, place, entry, vaddr, asid)


def _page_remap(inv: Invocation) -> Commit:
    if inv.length < 2 or not inv.extra:
        raise truncated_message("Page_Remap needs 2 words and the PageDirectory")
    rights, attributes = inv.args(2)
    cap = inv.cap
    directory_cap = _directory_argument(inv)
    asid = cap.get(layout.FRAME_ASID)
    if not asid:
        raise invalid_capability(0, "this frame capability is not mapped: use Page_Map")
    if not vspace.directory_of_asid(inv.ks, asid):
        raise vspace.dead_asid()
    directory = _live_directory(inv, directory_cap)
    if asid != directory_cap.get(layout.PAGE_DIRECTORY_ASID):
        raise invalid_capability(1, "the frame is mapped in another address space")
    vaddr = cap.get(layout.FRAME_VADDR)
    _check_alignment(cap, vaddr)
    place = vspace.place_for(inv.ks, directory, vaddr, frame_size_bits(cap))
    entry = _frame_entry(cap, rights, attributes)
    return partial(_map_now, inv.ks, inv.slot, cap, place, entry, vaddr, asid)


def _page_unmap_now(ks: State, slot: int, cap: Cap) -> None:
    vspace.unmap_frame(ks, cap)
    write_cap(ks, slot, cap.having(layout.FRAME_ASID, 0).having(layout.FRAME_VADDR, 0))


def _page_unmap(inv: Invocation) -> Commit:
    if not inv.cap.get(layout.FRAME_ASID):
        return _nothing
    return partial(_page_unmap_now, inv.ks, inv.slot, inv.cap)


def _nothing() -> None:
    """The commit of an operation that finds nothing to do."""


def _page_get_address(inv: Invocation) -> Commit:
    base = inv.cap.get(layout.FRAME_BASE)
    return lambda: Result((base,), length=0)


def _page_flush(inv: Invocation) -> Commit:
    if inv.length < 2:
        raise truncated_message("a cache operation needs start and end")
    asid, size = inv.cap.get(layout.FRAME_ASID), 1 << frame_size_bits(inv.cap)
    if not asid:
        raise illegal_operation("the frame is not mapped")
    if not vspace.directory_of_asid(inv.ks, asid):
        raise vspace.dead_asid()
    start, end = inv.args(2)
    if end <= start:
        raise invalid_argument(1, "the end is not above the start")
    if start >= size or end > size:
        raise invalid_argument(0, "the range is not inside the frame")
    return _clean(inv.ks, inv.cap.get(layout.FRAME_BASE) + start, end - start)


def _clean(ks: State, physical: int, size: int) -> Commit:
    """Cache work on a range of RAM; device registers are never in the cache."""
    if not vspace.is_ram(physical):
        return _nothing
    return partial(ks.port.clean_invalidate_frame, physical, size)


# PageTables ---------------------------------------------------------------------------------


def _table_map_now(
    ks: State, slot: int, cap: Cap, directory: int, vaddr: int, asid: int, attributes: int
) -> None:
    used = cap.having(layout.PAGE_TABLE_USED, 1).having(layout.PAGE_TABLE_ASID, asid)
    write_cap(ks, slot, used.having(layout.PAGE_TABLE_VADDR, vaddr))
    table = cap.get(layout.PAGE_TABLE_POINTER)
    first = vspace.directory_entry(directory, vaddr)
    count = vspace.page_table_megabytes(cap)
    for index in range(count):
        part = table + (index << abi.PAGE_TABLE_BITS)
        ks.store(first + 4 * index, vspace.coarse_descriptor(part, attributes))
    ks.port.clean_translation(first, 4 * count)


def check_table_place(ks: State, cap: Cap, directory: int, vaddr: int) -> int:
    """The rounded address at which a PageTable goes; refuses an occupied place."""
    count = vspace.page_table_megabytes(cap)
    start = vaddr & ~(count * vspace.MEGABYTE - 1)
    first = vspace.directory_entry(directory, start)
    if any(ks.load(first + 4 * index) & vspace.L1_TYPE_MASK for index in range(count)):
        raise delete_first(f"something is mapped at 0x{start:08x} already: unmap it first")
    return start


def _check_unused(cap: Cap, index: int) -> None:
    if cap.get(layout.PAGE_TABLE_USED) or cap.get(layout.PAGE_TABLE_ASID):
        raise invalid_capability(index, "the PageTable was used: recycle it first")


def _page_table_map(inv: Invocation) -> Commit:
    if inv.length < 2 or not inv.extra:
        raise truncated_message("PageTable_Map needs 2 words and the PageDirectory")
    vaddr, attributes = inv.args(2)
    _check_unused(inv.cap, 0)
    directory_cap = _directory_argument(inv)
    if vaddr >= abi.USER_TOP:
        raise invalid_argument(0, f"0x{vaddr:08x} is not below the kernel's addresses")
    directory = _live_directory(inv, directory_cap)
    start = check_table_place(inv.ks, inv.cap, directory, vaddr)
    asid = directory_cap.get(layout.PAGE_DIRECTORY_ASID)
    return partial(_table_map_now, inv.ks, inv.slot, inv.cap, directory, start, asid, attributes)


def _table_unmap_now(ks: State, slot: int, cap: Cap) -> None:
    clear_page_table(ks, cap)
    cap = cap.having(layout.PAGE_TABLE_ASID, 0).having(layout.PAGE_TABLE_VADDR, 0)
    if ks.options.compat:
        cap = cap.having(layout.PAGE_TABLE_USED, 0)
    write_cap(ks, slot, cap)


def _page_table_unmap(inv: Invocation) -> Commit:
    if not mdb.is_last_reference(inv.ks, inv.slot):
        raise revoke_first("another capability names this PageTable: delete it first")
    if not inv.cap.get(layout.PAGE_TABLE_ASID):
        return _nothing
    return partial(_table_unmap_now, inv.ks, inv.slot, inv.cap)


# PageDirectories ----------------------------------------------------------------------------


def _directory_flush(inv: Invocation) -> Commit:
    if inv.length < 2:
        raise truncated_message("a cache operation needs start and end")
    start, end = inv.args(2)
    if end <= start:
        raise invalid_argument(1, "the end is not above the start")
    if start >= abi.USER_TOP or end > abi.USER_TOP:
        raise illegal_operation("the range is not below the kernel's addresses")
    if not vspace.is_vspace(inv.cap):
        raise invalid_capability(0, "the PageDirectory has no ASID")
    mismatch = invalid_capability(0, "the PageDirectory no longer owns its ASID")
    directory = vspace.check_live_directory(inv.ks, inv.cap, mismatch)
    found = _translate(inv.ks, directory, start)
    if found is None:
        return _nothing
    physical, size_bits = found
    last = start | ((1 << size_bits) - 1)
    if end - 1 > last:
        raise range_error(start, last, "the range spans more than one page")
    return _clean(inv.ks, physical, end - start)


def _translate(ks: State, directory: int, vaddr: int) -> tuple[int, int] | None:
    """Physical address and log2 page size of what is mapped at an address."""
    entry = ks.load(vspace.directory_entry(directory, vaddr))
    if entry & vspace.L1_TYPE_MASK == vspace.L1_SECTION:
        is_super = bool(entry & vspace.L1_SUPERSECTION_BIT)
        size_bits = abi.SUPER_SECTION_BITS if is_super else abi.SECTION_BITS
    else:
        table = vspace.table_of(ks, directory, vaddr)
        entry = ks.load(vspace.table_entry(table, vaddr)) if table else 0
        if not entry & vspace.L2_TYPE_MASK:
            return None
        size_bits = abi.SMALL_PAGE_BITS if entry & vspace.L2_SMALL else abi.LARGE_PAGE_BITS
    offset_mask = (1 << size_bits) - 1
    return (entry & ~offset_mask) | (vaddr & offset_mask), size_bits


# A page together with the table it needs -------------------------------------------------------


def _map_with_table_now(inv: Invocation, directory: int, start: int, asid: int) -> None:
    vaddr, rights, attributes = inv.args(3)
    table_slot, table_cap = inv.extra[1], inv.extra_cap(1)
    _table_map_now(inv.ks, table_slot, table_cap, directory, start, asid, attributes)
    place = vspace.place_for(inv.ks, directory, vaddr, frame_size_bits(inv.cap))
    entry = _frame_entry(inv.cap, rights, attributes)
    _map_now(inv.ks, inv.slot, inv.cap, place, entry, vaddr, asid)


def _page_map_with_table(inv: Invocation) -> Commit:
    """Page_MapWithTable (R4.105): the checks of both mappings come before any effect."""
    if inv.length < 3 or len(inv.extra) < 2:
        raise truncated_message("Page_MapWithTable needs 3 words and 2 capabilities")
    vaddr, cap, table_cap = inv.arg(0), inv.cap, inv.extra_cap(1)
    if cap.get(layout.FRAME_ASID):
        raise invalid_capability(0, "this frame capability is mapped: unmap it, or map a copy")
    directory_cap = _directory_argument(inv)
    if table_cap.type is not CapType.PAGE_TABLE:
        raise invalid_capability(2, "not a PageTable")
    _check_unused(table_cap, 2)
    directory = _live_directory(inv, directory_cap)
    _check_frame_address(cap, vaddr)
    if frame_size_bits(cap) >= abi.SECTION_BITS:
        raise illegal_operation("sections need no PageTable: use Page_Map")
    start = check_table_place(inv.ks, table_cap, directory, vaddr)
    asid = directory_cap.get(layout.PAGE_DIRECTORY_ASID)
    return partial(_map_with_table_now, inv, directory, start, asid)


_FRAME_METHODS: Final[dict[int, Callable[[Invocation], Commit]]] = {
    Label.PAGE_MAP: _page_map,
    Label.PAGE_REMAP: _page_remap,
    Label.PAGE_UNMAP: _page_unmap,
    Label.PAGE_CLEAN_DATA: _page_flush,
    Label.PAGE_INVALIDATE_DATA: _page_flush,
    Label.PAGE_CLEAN_INVALIDATE_DATA: _page_flush,
    Label.PAGE_UNIFY_INSTRUCTION: _page_flush,
    Label.PAGE_GET_ADDRESS: _page_get_address,
    Label.PAGE_MAP_WITH_TABLE: _page_map_with_table,
}
_TABLE_METHODS: Final[dict[int, Callable[[Invocation], Commit]]] = {
    Label.PAGE_TABLE_MAP: _page_table_map,
    Label.PAGE_TABLE_UNMAP: _page_table_unmap,
}
_DIRECTORY_METHODS: Final[dict[int, Callable[[Invocation], Commit]]] = {
    Label.PD_CLEAN_DATA: _directory_flush,
    Label.PD_INVALIDATE_DATA: _directory_flush,
    Label.PD_CLEAN_INVALIDATE_DATA: _directory_flush,
    Label.PD_UNIFY_INSTRUCTION: _directory_flush,
}


def _decode_with(methods: dict[int, Callable[[Invocation], Commit]], inv: Invocation) -> Commit:
    method = methods.get(inv.label)
    if method is None:
        raise illegal_operation("the object has no such method")
    return method(inv)


def decode_frame(inv: Invocation) -> Commit:
    """Check a Page method; the answer commits it."""
    return _decode_with(_FRAME_METHODS, inv)


def decode_page_table(inv: Invocation) -> Commit:
    """Check a PageTable method; the answer commits it."""
    return _decode_with(_TABLE_METHODS, inv)


def decode_page_directory(inv: Invocation) -> Commit:
    """Check a PageDirectory method; the answer commits it."""
    return _decode_with(_DIRECTORY_METHODS, inv)
