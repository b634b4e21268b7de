# SPDX-License-Identifier: BSD-2-Clause
"""Translations: descriptors of the ARMv6 tables, the walk, and making and breaking mappings.

A mapping is found again from the capability that made it: ASID, ASID table, PageDirectory, walk
by the stored address (R4.94). A dead ASID entry makes the way back a weak link: nothing to do
(R4.96). TLB entries are dropped by address or by ASID, never all of them (R4.103).
"""

from dataclasses import dataclass
from typing import Final

from kernel import abi, layout
from kernel.abi import LookupFailure
from kernel.api.errors import LookupFault, SyscallError, delete_first, failed_lookup
from kernel.layout import CapType, VmRights
from kernel.object.capability import Cap, frame_size_bits, read_cap
from kernel.state import State

MEGABYTE: Final = 1 << abi.SECTION_BITS
#: A large page or a supersection is written this many times.
REPEATS: Final = 16

# Low bits of descriptors (ARM1136 manual 6.11; XP=1).
L1_TYPE_MASK: Final = 3
L1_COARSE: Final = 1
L1_SECTION: Final = 2
L1_SUPERSECTION_BIT: Final = 1 << 18
L1_PARITY_BIT: Final = 1 << 9
L1_COARSE_BASE_MASK: Final = 0xFFFF_FC00
L2_TYPE_MASK: Final = 3
L2_LARGE: Final = 1
L2_SMALL: Final = 2
NEVER_EXECUTE_SMALL: Final = 1


@dataclass(frozen=True, slots=True)
class DescriptorShape:
    """Where a kind of descriptor has its fields."""

    type_bits: int
    not_global: int
    shared: int
    ap_shift: int
    tex_shift: int
    parity: int


#: By log2 of the frame's size.
SHAPES: Final = {
    abi.SMALL_PAGE_BITS: DescriptorShape(L2_SMALL, 1 << 11, 1 << 10, 4, 6, 0),
    abi.LARGE_PAGE_BITS: DescriptorShape(L2_LARGE, 1 << 11, 1 << 10, 4, 12, 0),
    abi.SECTION_BITS: DescriptorShape(L1_SECTION, 1 << 17, 1 << 16, 10, 12, L1_PARITY_BIT),
    abi.SUPER_SECTION_BITS: DescriptorShape(
        L1_SECTION | L1_SUPERSECTION_BIT, 1 << 17, 1 << 16, 10, 12, L1_PARITY_BIT
    ),
}
CACHEABLE_TEX: Final = 5  # outer and inner write-back, allocate on write
BUFFERABLE_BIT: Final = 1 << 2


def descriptor(
    size_bits: int, physical: int, rights: int, attributes: int, *, is_global: bool = False
) -> int:
    """The translation of a frame; `attributes` as in Page_Map (ABI 9.2)."""
    shape = SHAPES[size_bits]
    word = physical | shape.type_bits | rights << shape.ap_shift
    word |= 0 if is_global else shape.not_global
    if attributes & abi.ATTR_CACHEABLE:
        word |= CACHEABLE_TEX << shape.tex_shift | BUFFERABLE_BIT
    else:
        word |= shape.shared
    return word | (shape.parity if attributes & abi.ATTR_PARITY else 0)


def coarse_descriptor(table: int, attributes: int) -> int:
    """The first-level entry for the second-level table at a window address."""
    parity = L1_PARITY_BIT if attributes & abi.ATTR_PARITY else 0
    return layout.physical_address(table) | L1_COARSE | parity


def directory_entry(directory: int, vaddr: int) -> int:
    """Window address of the first-level entry for a virtual address."""
    return directory + 4 * (vaddr >> abi.SECTION_BITS)


def table_of(ks: State, directory: int, vaddr: int) -> int:
    """The second-level table for an address, or 0."""
    entry = ks.load(directory_entry(directory, vaddr))
    if entry & L1_TYPE_MASK != L1_COARSE:
        return 0
    return layout.window_address(entry & L1_COARSE_BASE_MASK)


def table_entry(table: int, vaddr: int) -> int:
    """Window address of the second-level entry for a virtual address."""
    return table + 4 * (vaddr >> abi.SMALL_PAGE_BITS & 0xFF)


def write_entries(ks: State, first: int, count: int, word: int) -> None:
    """Write `count` equal entries and show them to the table walker."""
    for index in range(count):
        ks.store(first + 4 * index, word)
    ks.port.clean_translation(first, 4 * count)


def asid_entry(asid: int) -> int:
    """Window address of an ASID's entry: the PageDirectory that has it, or 0."""
    return layout.ASID_TABLE + layout.ASID_TABLE_ENTRY_BYTES * asid


def directory_of_asid(ks: State, asid: int) -> int:
    """The PageDirectory of an ASID, 0 when the entry is dead."""
    return ks.load(asid_entry(asid)) if asid else 0


def is_vspace(cap: Cap) -> bool:
    """Whether a capability is an initialised PageDirectory (R4.88)."""
    return cap.type is CapType.PAGE_DIRECTORY and bool(cap.get(layout.PAGE_DIRECTORY_ASID))


def dead_asid() -> SyscallError:
    """The error for an ASID that nobody has any more."""
    return failed_lookup(
        False,
        LookupFault(LookupFailure.INVALID_ROOT),
        "the address space has lost its ASID: recycle its PageDirectory and assign one",
    )


def is_ram(physical: int) -> bool:
    """Whether an address lies in the part of memory that the kernel window can show."""
    return layout.RAM_BASE <= physical < layout.physical_address(layout.KERNEL_EPIT1)


def check_live_directory(ks: State, cap: Cap, mismatch: SyscallError) -> int:
    """The PageDirectory of an initialised capability, whose ASID entry must still be its own."""
    directory = directory_of_asid(ks, cap.get(layout.PAGE_DIRECTORY_ASID))
    if not directory:
        raise dead_asid()
    if directory != cap.get(layout.PAGE_DIRECTORY_POINTER):
        raise mismatch
    return directory


def mask_vm_rights(rights: int, mask: int) -> VmRights:
    """A Frame's rights masked by a rights word (ABI 9.3): no Read means kernel only."""
    if rights == VmRights.KERNEL_ONLY or not mask & abi.RIGHT_READ:
        return VmRights.KERNEL_ONLY
    if rights == VmRights.READ_WRITE and mask & abi.RIGHT_WRITE:
        return VmRights.READ_WRITE
    return VmRights.READ_ONLY


@dataclass(frozen=True, slots=True)
class Place:
    """Where a frame goes: the first entry, and how many equal entries it takes."""

    entry: int
    count: int


def _missing_table(vaddr: int) -> SyscallError:
    return failed_lookup(
        False,
        LookupFault(LookupFailure.MISSING_CAPABILITY, abi.SECTION_BITS),
        f"no PageTable for 0x{vaddr:08x}: map one first, or use Page_MapWithTable",
    )


def _is_supersection(entry: int) -> bool:
    return entry & L1_TYPE_MASK == L1_SECTION and bool(entry & L1_SUPERSECTION_BIT)


def place_for(ks: State, directory: int, vaddr: int, size_bits: int) -> Place:
    """Where a frame of a size goes at an aligned address; refuses conflicts (ABI 9.1)."""
    count = REPEATS if size_bits in (abi.LARGE_PAGE_BITS, abi.SUPER_SECTION_BITS) else 1
    if size_bits >= abi.SECTION_BITS:
        place = Place(directory_entry(directory, vaddr), count)
    else:
        table = table_of(ks, directory, vaddr)
        if not table:
            raise _missing_table(vaddr)
        place = Place(table_entry(table, vaddr), count)
    for index in range(count):
        if _conflicts(ks.load(place.entry + 4 * index), size_bits):
            raise delete_first(f"another kind of mapping is in the way at 0x{vaddr:08x}")
    return place


def _conflicts(entry: int, size_bits: int) -> bool:
    if size_bits == abi.SMALL_PAGE_BITS:
        return entry & L2_TYPE_MASK == L2_LARGE
    if size_bits == abi.LARGE_PAGE_BITS:
        return bool(entry & L2_SMALL)
    if entry & L1_TYPE_MASK == 0:
        return False
    if size_bits == abi.SECTION_BITS:
        return entry & L1_TYPE_MASK == L1_COARSE or _is_supersection(entry)
    return not _is_supersection(entry)


def _mapping_of(ks: State, directory: int, cap: Cap) -> Place | None:
    """Where a Frame capability's own translation is, if it is still there."""
    vaddr, size_bits = cap.get(layout.FRAME_VADDR), frame_size_bits(cap)
    try:
        place = place_for(ks, directory, vaddr, size_bits)
    except SyscallError:
        return None
    entry = ks.load(place.entry)
    base_mask = abi.WORD_MASK & ~((1 << size_bits) - 1)
    mapped = entry & L1_TYPE_MASK and entry & base_mask == cap.get(layout.FRAME_BASE)
    return place if mapped else None


def unmap_frame(ks: State, cap: Cap) -> None:
    """Undo the mapping that a Frame capability made, if it is still there (R4.94, R4.96)."""
    asid = cap.get(layout.FRAME_ASID)
    directory = directory_of_asid(ks, asid)
    place = _mapping_of(ks, directory, cap) if directory else None
    if place is None:
        return
    write_entries(ks, place.entry, place.count, 0)
    ks.port.invalidate_tlb_address(cap.get(layout.FRAME_VADDR), asid)
    if not cap.get(layout.FRAME_DEVICE):
        ks.port.clean_invalidate_frame(cap.get(layout.FRAME_BASE), 1 << frame_size_bits(cap))


def page_table_megabytes(cap: Cap) -> int:
    """How many first-level entries a PageTable serves: one, or four neighbours for the 4 KB one."""
    return 4 if cap.get(layout.PAGE_TABLE_IS_4K) else 1


def unmap_page_table(ks: State, cap: Cap) -> None:
    """Take a PageTable out of its directory where it is still installed; flush by ASID."""
    asid = cap.get(layout.PAGE_TABLE_ASID)
    directory = directory_of_asid(ks, asid)
    if not directory:
        return
    vaddr, table = cap.get(layout.PAGE_TABLE_VADDR), cap.get(layout.PAGE_TABLE_POINTER)
    for index in range(page_table_megabytes(cap)):
        at = vaddr + index * MEGABYTE
        if table_of(ks, directory, at) == table + (index << abi.PAGE_TABLE_BITS):
            write_entries(ks, directory_entry(directory, at), 1, 0)
    ks.port.invalidate_tlb_asid(asid)


def load_kernel_space(ks: State) -> None:
    """Leave every user address space."""
    ks.store(layout.KV_LOADED_ASID, 0)
    ks.port.load_address_space(layout.KERNEL_PD, 0)


def free_asid(ks: State, asid: int, directory: int) -> None:
    """Forget a VSpace: its ASID entry becomes NULL, only its TLB entries go (R4.95)."""
    if directory_of_asid(ks, asid) != directory:
        return
    ks.store(asid_entry(asid), 0)
    ks.port.invalidate_tlb_asid(asid)
    if ks.load(layout.KV_LOADED_ASID) == asid:
        load_kernel_space(ks)


def set_vm_root(ks: State) -> None:
    """Load the current thread's address space if another one is loaded.

    A thread without one runs on the kernel's own space and faults; the idle thread needs none
    and keeps what is there.
    """
    current = ks.current
    if current == ks.load(layout.KV_IDLE):
        return
    cap = read_cap(ks, current + layout.TCB_VTABLE)
    asid = cap.get(layout.PAGE_DIRECTORY_ASID) if is_vspace(cap) else 0
    directory = directory_of_asid(ks, asid)
    if not directory or directory != cap.get(layout.PAGE_DIRECTORY_POINTER):
        asid, directory = 0, layout.KERNEL_PD
    if asid != ks.load(layout.KV_LOADED_ASID):
        ks.store(layout.KV_LOADED_ASID, asid)
        ks.port.load_address_space(directory, asid)


def init_page_directory(ks: State, directory: int) -> None:
    """Give a new PageDirectory the kernel's entries for the top 256 MB."""
    first = 4 * (layout.WINDOW_BASE >> abi.SECTION_BITS)
    for offset in range(first, 1 << abi.PAGE_DIRECTORY_BITS, 4):
        ks.store(directory + offset, ks.load(layout.KERNEL_PD + offset))
