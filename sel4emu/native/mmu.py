# SPDX-License-Identifier: BSD-2-Clause
"""The memory management unit: main TLB, table walk and permission check, at native speed.

Modelled: the 64-entry two-way main TLB with 8 lockable entries, tagged with 8-bit ASIDs, so that
a stale entry stays visible until the guest invalidates it; two-level tables in both formats
(XP=0 with subpages, and XP=1) and byte orders, sections, supersections, large and small pages,
TTBCR split, FCSE, domains, AP/APX/XN, fault status codes in the architecture's order of checking.
Not modelled: walks through device memory (an external abort). The micro TLBs are in
`micro_tlb.py`.
Sources: ARM ARM chapter B4, DDI 0211 chapter 6.
"""

from typing import Any, Final

import numpy as np
from numba import carray, njit

from sel4emu.native import state as st
from sel4emu.native.caches import external_read
from sel4emu.native.intrinsics import load32
from sel4emu.native.linkage import exported
from sel4emu.native.model_state import LINE_SHIFT

# Fault status codes: bit 10 and bits 3-0 of DFSR and IFSR.
FS_ALIGNMENT: Final = 0b00001
FS_DEBUG: Final = 0b00010
FS_TRANSLATION_SECTION: Final = 0b00101
FS_TRANSLATION_PAGE: Final = 0b00111
FS_EXTERNAL: Final = 0b01000
FS_DOMAIN_SECTION: Final = 0b01001
FS_DOMAIN_PAGE: Final = 0b01011
FS_WALK_FIRST: Final = 0b01100
FS_WALK_SECOND: Final = 0b01110
FS_PERMISSION_SECTION: Final = 0b01101
FS_PERMISSION_PAGE: Final = 0b01111
FSR_DOMAIN_SHIFT: Final = 4
FSR_WRITE: Final = 1 << 11

SCTLR_M: Final = 1 << 0
SCTLR_A: Final = 1 << 1
SCTLR_S: Final = 1 << 8
SCTLR_R: Final = 1 << 9
SCTLR_V: Final = 1 << 13
SCTLR_U: Final = 1 << 22
SCTLR_XP: Final = 1 << 23
SCTLR_EE: Final = 1 << 25

#: Addresses below are moved by the FCSE process number.
FCSE_LIMIT: Final = 0x0200_0000

#: Offset bits of the smallest page.
_SMALL_MASK: Final = 0xFFF
#: From this variant on (MIDR), APX:AP of 111 means read-only; before, it is reserved.
_VARIANT_SHIFT: Final = 20

PERMIT_READ: Final = 1
PERMIT_WRITE: Final = 2
PERMIT_EXECUTE: Final = 4
#: Besides those: they hold for 1 KB of the page.
PERMIT_PART: Final = 8
#: What it holds for.
SUBPAGE_BYTES: Final = 0x400

DACR_CLIENT: Final = 1
DACR_MANAGER: Final = 3

_ROM = int(st.RegionKind.ROM)
_DEVICE = int(st.RegionKind.DEVICE)
_READ = int(st.FaultKind.READ)
_WRITE = int(st.FaultKind.WRITE)
_FETCH = int(st.FaultKind.FETCH)
_MAIN_ENTRIES = st.TLB_WAYS * st.TLB_SETS


@njit(cache=True)
def find_region(s: Any, physical: Any) -> Any:
    """Index of the region that holds a physical address, or -1."""
    last = np.int64(s.region_found)  # most often the same again
    if s.region_base[last] <= physical <= s.region_last[last]:
        return last
    for i in range(np.int64(s.region_count)):
        if s.region_base[i] <= physical <= s.region_last[i]:
            s.region_found = i
            return i
    return -1


@njit(cache=True)
def load_physical(s: Any, physical: Any) -> Any:
    """A word of RAM or ROM at an aligned physical address, or -1 if there is no memory."""
    i = find_region(s, physical)
    if i < 0 or s.region_kind[i] == _DEVICE:
        return np.int64(-1)
    return np.int64(load32(s.region_host[i] + (physical - s.region_base[i])))


@njit(cache=True)
def _descriptor(s: Any, physical: Any) -> Any:
    """A word of a table in the byte order of SCTLR.EE, or -1 if there is no memory."""
    word = load_physical(s, physical)
    if word < 0 or s.sctlr & SCTLR_EE == 0:
        return word
    outer = (word & 0xFF) << 24 | word >> 24
    return outer | (word & 0xFF00) << 8 | (word >> 8) & 0xFF00


@njit(cache=True)
def modified_address(s: Any, virtual: Any) -> Any:
    """The modified virtual address: the FCSE process number fills in for 32 MB at 0."""
    if virtual < FCSE_LIMIT:
        return virtual | s.fcse
    return virtual


@njit(cache=True)
def _entry_matches(s: Any, i: Any, address: Any) -> Any:
    attributes = s.tlb_attributes[i]
    if attributes & st.TLB_VALID == 0:
        return False
    if (address & ~np.int64(s.tlb_offset_mask[i])) != s.tlb_virtual[i]:
        return False
    if attributes & st.TLB_GLOBAL:
        return True
    return (attributes & st.TLB_ASID_MASK) == (s.context_id & st.TLB_ASID_MASK)


@njit(cache=True)
def tlb_lookup(s: Any, address: Any) -> Any:
    """Index of the TLB entry that translates an address under the current ASID, or -1."""
    row = (address >> 12) & (st.TLB_SETS - 1)
    for way in range(st.TLB_WAYS):
        i = way * st.TLB_SETS + row
        if _entry_matches(s, i, address):
            return i
    for i in range(_MAIN_ENTRIES, st.TLB_ENTRIES):
        if _entry_matches(s, i, address):
            return i
    return -1


@njit(cache=True)
def _choose_victim(s: Any, address: Any) -> Any:
    """Where a walk puts its result: an invalid way first, else round robin (DDI 0211, 3.3.22)."""
    if s.walk_pure:
        return st.TLB_SCRATCH
    if s.tlb_lockdown & 1:
        victim = (s.tlb_lockdown >> 26) & 7
        s.tlb_lockdown = (s.tlb_lockdown & 0x03FF_FFFF) | (((victim + 1) & 7) << 26) | 1
        return _MAIN_ENTRIES + victim
    row = (address >> 12) & (st.TLB_SETS - 1)
    for way in range(st.TLB_WAYS):
        i = way * st.TLB_SETS + row
        if s.tlb_attributes[i] & st.TLB_VALID == 0:
            return i
    way = s.tlb_victim[row]
    s.tlb_victim[row] = (way + 1) % st.TLB_WAYS
    return way * st.TLB_SETS + row


@njit(cache=True)
def _enter(s: Any, address: Any, mask: Any, physical: Any, attributes: Any) -> Any:
    """Put a translation in the TLB; returns its index."""
    i = _choose_victim(s, address)
    s.tlb_virtual[i] = address & ~np.int64(mask)
    s.tlb_offset_mask[i] = mask
    s.tlb_physical[i] = physical & ~np.int64(mask)
    s.tlb_attributes[i] = attributes | st.TLB_VALID | (s.context_id & st.TLB_ASID_MASK)
    return i


@njit(cache=True)
def _table_base(s: Any, address: Any) -> Any:
    """First-level table for an address: TTBR0, or TTBR1 above the split of TTBCR.N."""
    n = s.ttbcr & 7
    if n != 0 and (address >> (32 - n)) != 0:
        return np.int64(s.ttbr1) & 0xFFFF_C000
    return np.int64(s.ttbr0) & (0xFFFF_FFFF << (14 - n)) & 0xFFFF_FFFF


@njit(cache=True)
def _first_level_index(s: Any, address: Any) -> Any:
    n = s.ttbcr & 7
    if n != 0 and (address >> (32 - n)) == 0:
        return (address & (0xFFFF_FFFF >> n)) >> 20
    return address >> 20


@njit(cache=True)
def _section_attributes(s: Any, descriptor: Any) -> Any:
    attributes = np.int64(st.TLB_SECTION)
    attributes |= (((descriptor >> 10) & 0x1C) | ((descriptor >> 2) & 3)) << st.TLB_TYPE_SHIFT
    ap = (descriptor >> 10) & 3
    if s.sctlr & SCTLR_XP:
        ap |= ((descriptor >> 15) & 1) << 2
        if (descriptor >> 17) & 1 == 0:
            attributes |= st.TLB_GLOBAL
        if (descriptor >> 4) & 1:
            attributes |= st.TLB_XN
        if (descriptor >> 16) & 1:
            attributes |= st.TLB_SHARED
    else:
        attributes |= st.TLB_GLOBAL
    if (descriptor >> 18) & 1 == 0:
        attributes |= ((descriptor >> 5) & 15) << st.TLB_DOMAIN_SHIFT
    return attributes | (ap << st.TLB_AP_SHIFT)


@njit(cache=True)
def _enter_section(s: Any, address: Any, descriptor: Any) -> Any:
    mask = np.int64(0xF_FFFF)
    if (descriptor >> 18) & 1:
        mask = np.int64(0xFF_FFFF)
    return _enter(s, address, mask, descriptor, _section_attributes(s, descriptor))


@njit(cache=True)
def _page_type(s: Any, descriptor: Any, large: Any) -> Any:
    """TEX, C and B; small pages of the old format have no TEX but in their extended form."""
    tex = (descriptor >> 12) & 7 if large else (descriptor >> 6) & 7
    if not large and s.sctlr & SCTLR_XP == 0 and descriptor & 3 != 3:
        tex = 0
    return tex << 2 | ((descriptor >> 2) & 3)


@njit(cache=True)
def _subpages(descriptor: Any) -> Any:
    """The AP fields of a page of the old format, if they differ; extended pages have just one."""
    fields = (descriptor >> 4) & 0xFF
    if descriptor & 3 == 3 or fields == (fields & 3) * 0x55:
        return np.int64(0)
    return st.TLB_SUBPAGES | (fields >> 2) << st.TLB_SUBPAGE_SHIFT


@njit(cache=True)
def _enter_page(s: Any, address: Any, descriptor: Any, domain: Any) -> Any:
    large = (descriptor & 3) == 1
    mask = np.int64(0xFFFF) if large else np.int64(0xFFF)
    attributes = np.int64(domain << st.TLB_DOMAIN_SHIFT)
    attributes |= _page_type(s, descriptor, large) << st.TLB_TYPE_SHIFT
    ap = (descriptor >> 4) & 3
    if s.sctlr & SCTLR_XP:
        if (descriptor >> 10) & 1:
            attributes |= st.TLB_SHARED
        ap |= ((descriptor >> 9) & 1) << 2
        if (descriptor >> 11) & 1 == 0:
            attributes |= st.TLB_GLOBAL
        execute_never = (descriptor >> 15) & 1 if large else descriptor & 1
        if execute_never:
            attributes |= st.TLB_XN
    else:
        attributes |= st.TLB_GLOBAL | _subpages(descriptor)
    return _enter(s, address, mask, descriptor, attributes | (ap << st.TLB_AP_SHIFT))


@njit(cache=True)
def _charge_read(s: Any, address: Any, entry: Any) -> None:
    """The walk reads a descriptor: through L2 if TTBR's RGN says so (rule 8)."""
    if s.full == 0 or s.walk_pure:
        return
    n = s.ttbcr & 7
    upper = n != 0 and (address >> (32 - n)) != 0
    base = s.ttbr1 if upper else s.ttbr0
    outer = 1 if base & 0x18 else 0
    start = max(s.walk_time, s.bus_free)
    s.walk_time = external_read(s, start, np.int64(entry) >> LINE_SHIFT, outer, False)


@njit(cache=True)
def walk(s: Any, address: Any) -> Any:
    """Walk the tables and enter the result; returns the index, or minus the fault status.

    The domain number of a faulting page walk is already in bits 7-4 of the status.
    """
    if not s.walk_pure:
        s.tlb_walks += 1
    entry = _table_base(s, address) | (_first_level_index(s, address) << 2)
    _charge_read(s, address, entry)
    first = _descriptor(s, entry)
    if first < 0:
        return -FS_WALK_FIRST
    kind = first & 3
    if kind == 2:
        return _enter_section(s, address, first)
    if kind != 1:
        return -FS_TRANSLATION_SECTION
    domain = (first >> 5) & 15
    entry = (first & 0xFFFF_FC00) | ((address >> 10) & 0x3FC)
    _charge_read(s, address, entry)
    second = _descriptor(s, entry)
    if second < 0:
        return -(FS_WALK_SECOND | (domain << FSR_DOMAIN_SHIFT))
    if second & 3 == 0:
        return -(FS_TRANSLATION_PAGE | (domain << FSR_DOMAIN_SHIFT))
    return _enter_page(s, address, second, domain)


@njit(cache=True)
def _access_field(attributes: Any, mask: Any, address: Any) -> Any:
    """APX:AP that hold for an address; `mask` has the offset bits of its page."""
    ap = (attributes >> st.TLB_AP_SHIFT) & 7
    if attributes & st.TLB_SUBPAGES == 0:
        return ap
    quarter = (address >> (10 if mask == _SMALL_MASK else 14)) & 3
    if quarter == 0:
        return ap
    return (attributes >> (st.TLB_SUBPAGE_SHIFT + 2 * (quarter - 1))) & 3


@njit(cache=True)
def permissions(s: Any, ap: Any, execute_never: Any, privileged: Any) -> Any:
    """What AP, APX, S, R and XN allow, as a sum of PERMIT_ values (ARM ARM B4.3.1)."""
    read = write = False
    if ap == 0:
        system, rom = (s.sctlr & SCTLR_S) != 0, (s.sctlr & SCTLR_R) != 0
        read = system != rom and (rom or privileged)  # both set is reserved
    elif ap == 1:
        read = write = privileged
    elif ap == 2:
        read = True
        write = privileged
    elif ap == 3:
        read = write = True
    elif ap == 5:
        read = privileged
    elif ap == 6 or (ap == 7 and (s.midr >> _VARIANT_SHIFT) & 15 != 0):
        read = True
    allowed = 0
    if read:
        allowed |= PERMIT_READ
        if not execute_never:
            allowed |= PERMIT_EXECUTE
    if write:
        allowed |= PERMIT_WRITE
    return allowed


@njit(cache=True)
def needed(kind: Any) -> Any:
    """The permission that an access of a kind must have."""
    if kind == _WRITE:
        return PERMIT_WRITE
    if kind == _FETCH:
        return PERMIT_EXECUTE
    return PERMIT_READ


@njit(cache=True)
def _refuse(s: Any, address: Any, kind: Any, status: Any) -> Any:
    s.fault_page = address & 0xFFFF_F000
    s.fault_part = 0
    s.fault_kind = kind
    if kind == _FETCH:  # IFSR has no domain field
        s.fault_status = status & ~(0xF << FSR_DOMAIN_SHIFT)
    else:
        s.fault_status = status | (FSR_WRITE if kind == _WRITE else 0)
    return np.int64(-1)


@njit(cache=True)
def _refuse_part(s: Any, address: Any, kind: Any, status: Any, part: Any) -> Any:
    """As `_refuse`, with `part` for the subpage alone."""
    _refuse(s, address, kind, status)
    if part:
        s.fault_page = address & ~np.int64(SUBPAGE_BYTES - 1)
        s.fault_part = 1
    return np.int64(-1)


@njit(cache=True)
def _check_memory(s: Any, virtual: Any, kind: Any, physical: Any, allowed: Any, status: Any) -> Any:
    """Refuse an address that no memory answers; take away what the memory cannot do."""
    i = find_region(s, physical)
    if i < 0:
        return _refuse(s, virtual, kind, FS_EXTERNAL | status)
    if s.region_kind[i] == _ROM:
        allowed &= ~PERMIT_WRITE
    elif s.region_kind[i] == _DEVICE:
        allowed &= ~PERMIT_EXECUTE
    if allowed & needed(kind) == 0:
        return _refuse(s, virtual, kind, FS_EXTERNAL | status)
    return (np.int64(allowed) << 32) | physical


@njit(cache=True)
def check_entry(s: Any, i: Any, virtual: Any, kind: Any, privileged: Any) -> Any:
    """What TLB entry `i` says of an access; the result is that of `translate`."""
    attributes = np.int64(s.tlb_attributes[i])
    domain = (attributes >> st.TLB_DOMAIN_SHIFT) & 15
    status = domain << FSR_DOMAIN_SHIFT
    section = (attributes & st.TLB_SECTION) != 0
    control = (s.dacr >> (2 * domain)) & 3
    mask = np.int64(s.tlb_offset_mask[i])
    address = modified_address(s, virtual)
    allowed = PERMIT_READ | PERMIT_WRITE | PERMIT_EXECUTE
    part = False
    if control == DACR_CLIENT:
        ap = _access_field(attributes, mask, address)
        allowed = permissions(s, ap, (attributes & st.TLB_XN) != 0, privileged)
        part = (attributes & st.TLB_SUBPAGES) != 0 and mask == _SMALL_MASK
        if allowed & needed(kind) == 0:
            code = FS_PERMISSION_SECTION if section else FS_PERMISSION_PAGE
            return _refuse_part(s, virtual, kind, code | status, part)
        if part:
            allowed |= PERMIT_PART
    elif control != DACR_MANAGER:
        code = FS_DOMAIN_SECTION if section else FS_DOMAIN_PAGE
        return _refuse(s, virtual, kind, code | status)
    offset = address & mask & 0xFFFF_F000
    found = _check_memory(s, virtual, kind, s.tlb_physical[i] | offset, allowed, status)
    if part and found < 0:  # another subpage may be refused for another reason
        s.fault_page = virtual & ~np.int64(SUBPAGE_BYTES - 1)
        s.fault_part = 1
    return found


@njit(cache=True)
def untranslated(s: Any, virtual: Any, kind: Any) -> Any:
    """An access with the MMU off; the result is that of `translate`."""
    everything = PERMIT_READ | PERMIT_WRITE | PERMIT_EXECUTE
    return _check_memory(s, virtual, kind, virtual & 0xFFFF_F000, everything, 0)


@exported("translate")
def on_translate(state: Any, virtual: Any, kind: Any, privileged: Any) -> Any:
    """Translate the page of `virtual` for one access, at level `off`.

    Returns the permissions (PERMIT_ bits) in bits 35-32 and the physical address of the page in
    bits 31-0; or -1 after filling in `fault_page`, `fault_part`, `fault_kind` and `fault_status`.
    """
    s = carray(state, 1)[0]
    if s.sctlr & SCTLR_M == 0:
        return untranslated(s, virtual, kind)
    address = modified_address(s, virtual)
    i = tlb_lookup(s, address)
    if i < 0:
        i = walk(s, address)
        if i < 0:
            return _refuse(s, virtual, kind, -i)
    return check_entry(s, np.int64(i), virtual, kind, privileged)


@njit(cache=True)
def refuse_walk(s: Any, virtual: Any, kind: Any, i: Any) -> Any:
    """Fill in the fault of a walk that returned the negative `i`; always -1."""
    return _refuse(s, virtual, kind, -i)


@njit(cache=True)
def flush_all(s: Any) -> None:
    """Invalidate the main TLB; locked entries stay (DDI 0211, 3.3.18)."""
    s.tlb_flush_all += 1
    for i in range(_MAIN_ENTRIES):
        s.tlb_attributes[i] = 0


@njit(cache=True)
def flush_asid(s: Any, asid: Any) -> None:
    """Invalidate the non-global entries of one ASID."""
    s.tlb_flush_asid += 1
    for i in range(st.TLB_ENTRIES):
        attributes = s.tlb_attributes[i]
        if attributes & st.TLB_GLOBAL == 0 and (attributes & st.TLB_ASID_MASK) == asid:
            s.tlb_attributes[i] = 0


@njit(cache=True)
def flush_address(s: Any, operand: Any) -> None:
    """Invalidate the entry for the address in bits 31-12 under the ASID in bits 7-0."""
    s.tlb_flush_address += 1
    address = operand & 0xFFFF_F000
    for i in range(st.TLB_ENTRIES):
        attributes = s.tlb_attributes[i]
        if attributes & st.TLB_VALID == 0:
            continue
        if (address & ~np.int64(s.tlb_offset_mask[i])) != s.tlb_virtual[i]:
            continue
        if attributes & st.TLB_GLOBAL or (attributes & st.TLB_ASID_MASK) == (operand & 0xFF):
            s.tlb_attributes[i] = 0
