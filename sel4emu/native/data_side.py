# SPDX-License-Identifier: BSD-2-Clause
"""What a load or store costs beyond its pipeline slots (rules 7 and 8 of docs/TIMING.md).

Modelled: translation, memory types, hits, misses and the line on its way, hit-under-miss and its
absence, critical word first, write-through and write-back, uncached and device accesses.
Not modelled: merging in the write buffer, the order of accesses to different devices.
"""

from typing import Any, Final

import numpy as np
from numba import carray, njit

from sel4emu.native import model_state as ms
from sel4emu.native import state as st
from sel4emu.native.caches import (
    evict,
    external_read,
    pending_write,
    put,
    set_of,
    victim,
    wait_for_buffer,
)
from sel4emu.native.linkage import exported, imported
from sel4emu.native.micro_tlb import (
    DATA,
    TYPE_BACK,
    TYPE_CACHED,
    TYPE_DEVICE,
    TYPE_OUTER,
    TYPE_STRONG,
    access_page,
    memory_type,
)
from sel4emu.native.mmu import PERMIT_PART, PERMIT_WRITE, SUBPAGE_BYTES, find_region
from sel4emu.native.parameters import Parameter

_BEAT = int(Parameter.BUS__BEAT)
_LOAD_LATENCY = int(Parameter.LOAD_STORE__LOAD_LATENCY)
_DRAIN = int(Parameter.WRITE_BUFFER__DRAIN)
_DEVICE_READ = int(Parameter.DEVICE__READ)
_DEVICE_WRITE = int(Parameter.DEVICE__WRITE)

_CACHEABLE = int(ms.Event.DATA_ACCESS_CACHEABLE)
_ACCESSES = int(ms.Event.DATA_ACCESS)
_MISSES = int(ms.Event.DATA_MISS)
_EXTERNAL = int(ms.Event.EXTERNAL_ACCESS)
_CAUSE_DATA = int(ms.Cause.DATA)
_CAUSE_DEVICE = int(ms.Cause.DEVICE)
_CAUSE_BUFFER = int(ms.Cause.WRITE_BUFFER)

_REGION_DEVICE = int(st.RegionKind.DEVICE)
_READ = int(st.FaultKind.READ)
_WRITE = int(st.FaultKind.WRITE)

_access_slowly = imported("access_slowly")
_look_up = imported("look_up")

SCTLR_C: Final = 1 << 2
SCTLR_FI: Final = 1 << 21
ACTLR_NO_HIT_UNDER_MISS: Final = 1 << 31
_PAGE: Final = 0xFFFF_F000

#: Besides the memory type of a shortcut: stores are allowed.
_MAY_STORE: Final = 1 << 8
_KIND: Final = 0xFF


@njit(cache=True, forceinline=True)
def _find_data(s: Any, line: Any) -> Any:
    """Place of a line in the data cache, or -1."""
    first = ms.DCACHE + (line & (ms.L1_SETS - 1)) * ms.L1_WAYS
    tag = line + 1
    if s.tag[first] == tag:
        return first
    if s.tag[first + 1] == tag:
        return first + 1
    if s.tag[first + 2] == tag:
        return first + 2
    return first + 3 if s.tag[first + 3] == tag else np.int64(-1)


@njit(cache=True, forceinline=True)
def _delay(s: Any, t: Any, arrival: Any) -> None:
    """A word is there for a normal consumer at `arrival` (if that is late)."""
    late = arrival - s.parameters[_LOAD_LATENCY] - t
    s.delay = max(s.delay, late)


@njit(cache=True, forceinline=True)
def _wait_for_line(s: Any, t: Any, address: Any, size: Any) -> None:
    """A hit on the line that is still arriving."""
    beats = np.int64(3)
    if (address >> 3) == (address + size - 1) >> 3:
        beats = ((address >> 3) - s.fill_first) & 3
    _delay(s, t, s.fill_start + beats * s.parameters[_BEAT])


@njit(cache=True, forceinline=True)
def _fill(s: Any, t: Any, address: Any, size: Any, line: Any, kind: Any) -> None:
    """A load miss of a cacheable line."""
    start = pending_write(s, max(t, s.bus_free), line)
    first = set_of(ms.DCACHE, line)
    place = victim(s, ms.REPLACE_DCACHE, first, ms.L1_WAYS, s.dcache_lockdown & 15)
    if place >= 0 and s.dirty[place]:
        start = max(start, s.evict_free)
    arrival = external_read(s, start, line, kind & TYPE_OUTER, False)
    if place >= 0:
        if s.dirty[place]:
            evict(s, start, s.tag[place] - 1, s.dirty[place], s.outer[place])
        s.tag[place] = line + 1
        s.dirty[place] = 0
        s.outer[place] = kind & TYPE_OUTER
        s.fill_line = line
        s.fill_first = (address >> 3) & 3
        s.fill_start = arrival
        s.fill_until = arrival + 3 * s.parameters[_BEAT]
    s.bus_free += 3 * s.parameters[_BEAT]
    doublewords = ((address + size - 1) >> 3) - (address >> 3)
    _delay(s, t, arrival + doublewords * s.parameters[_BEAT])


@njit(cache=True, forceinline=True)
def _load_cached(s: Any, t: Any, address: Any, size: Any, line: Any, kind: Any) -> None:
    if _find_data(s, line) < 0:
        s.events[_MISSES] += 1
        _fill(s, t, address, size, line, kind)
    elif line == s.fill_line and s.fill_until > t:
        _wait_for_line(s, t, address, size)


@njit(cache=True)
def _load_uncached(s: Any, t: Any, address: Any, size: Any, line: Any, kind: Any) -> None:
    start = pending_write(s, max(t, s.bus_free), line)
    arrival = external_read(s, start, line, kind & TYPE_OUTER, False)
    doublewords = ((address + size - 1) >> 3) - (address >> 3)
    _delay(s, t, arrival + doublewords * s.parameters[_BEAT])


@njit(cache=True)
def _load_device(s: Any, t: Any, line: Any, peripheral: Any) -> Any:
    t = wait_for_buffer(s, t)
    if peripheral:
        s.causes[_CAUSE_DEVICE] += s.parameters[_DEVICE_READ]
        return t + s.parameters[_DEVICE_READ]
    arrival = external_read(s, max(t, s.bus_free), line, 0, False)
    s.causes[_CAUSE_DATA] += arrival - t
    return arrival


@njit(cache=True)
def _store_strong(s: Any, t: Any, peripheral: Any) -> Any:
    t = wait_for_buffer(s, t)
    if peripheral:
        s.causes[_CAUSE_DEVICE] += s.parameters[_DEVICE_WRITE]
        return t + s.parameters[_DEVICE_WRITE]
    s.causes[_CAUSE_BUFFER] += s.parameters[_DRAIN]
    return t + s.parameters[_DRAIN]


@njit(cache=True, forceinline=True)
def _dirty_halves(address: Any, size: Any) -> Any:
    """The halves of a line that a store reaches, as bits."""
    last = address + size - 1
    return (1 << ((address >> 4) & 1)) | (1 << ((last >> 4) & 1))


@njit(cache=True, forceinline=True)
def _buffer(s: Any, t: Any, address: Any, size: Any, line: Any, outer: Any, cost: Any) -> Any:
    for _ in range(((address + size - 1) >> 3) - (address >> 3) + 1):
        t = put(s, t, line, outer, cost)
    return t


@njit(cache=True, forceinline=True)
def _store_cached(s: Any, t: Any, address: Any, size: Any, line: Any, kind: Any) -> Any:
    place = _find_data(s, line)
    if place < 0:
        s.events[_MISSES] += 1
    elif kind & TYPE_BACK:
        s.dirty[place] |= _dirty_halves(address, size)
        return t
    return _buffer(s, t, address, size, line, kind & TYPE_OUTER, s.parameters[_DRAIN])


@njit(cache=True)
def _is_peripheral(s: Any, physical: Any) -> Any:
    region = find_region(s, physical)
    return region >= 0 and s.region_kind[region] == _REGION_DEVICE


@njit(cache=True, forceinline=True)
def _cached(
    s: Any, t: Any, address: Any, size: Any, line: Any, load: Any, store: Any, kind: Any
) -> Any:
    s.events[_CACHEABLE] += 1
    present = _find_data(s, line) >= 0
    if not present or (store and kind & TYPE_BACK == 0):
        s.events[_EXTERNAL] += 1
    if load:
        _load_cached(s, t, address, size, line, kind)
    if store:
        t = _store_cached(s, t, address, size, line, kind)
    return t


@njit(cache=True)
def _line(s: Any, t: Any, address: Any, size: Any, load: Any, store: Any, kind: Any) -> Any:
    """One line's part of an access, at a physical address; returns when it has issued."""
    s.events[_ACCESSES] += 1
    line = address >> ms.LINE_SHIFT
    peripheral = _is_peripheral(s, address)
    if peripheral and kind & TYPE_STRONG == 0:
        kind = TYPE_DEVICE
    if kind & TYPE_CACHED and s.sctlr & SCTLR_C:
        return _cached(s, t, address, size, line, load, store, kind)
    s.events[_EXTERNAL] += 1
    slow = kind & (TYPE_DEVICE | TYPE_STRONG)
    if load:
        if slow:
            t = _load_device(s, t, line, peripheral)
        else:
            _load_uncached(s, t, address, size, line, kind)
    if not store:
        return t
    if kind & TYPE_STRONG:
        return _store_strong(s, t, peripheral)
    cost = s.parameters[_DEVICE_WRITE] if peripheral else s.parameters[_DRAIN]
    return _buffer(s, t, address, size, line, kind & TYPE_OUTER, cost)


@njit(cache=True, forceinline=True)
def _shortcut_key(s: Any, virtual: Any, privileged: Any, context: Any) -> Any:
    """What tells a shortcut: `context` is its ASID, or GLOBAL_CONTEXT."""
    page = (virtual >> 12) << 1 | (1 if privileged else 0)
    return s.epoch << 30 | context << 21 | page


@njit(cache=True, forceinline=True)
def _shortcut(s: Any, address: Any, store: Any, privileged: Any) -> Any:
    """Physical page and memory type of a cacheable page that was accessed before, or -1."""
    slot = (address >> 12) & (ms.SHORTCUTS - 1)
    key = s.shortcut_key[slot]
    asid = np.int64(s.context_id & st.TLB_ASID_MASK)
    if key != _shortcut_key(s, address, privileged, asid):
        if key != _shortcut_key(s, address, privileged, np.int64(ms.GLOBAL_CONTEXT)):
            return np.int64(-1)
    value = s.shortcut_value[slot]
    return np.int64(-1) if store and value & _MAY_STORE == 0 else value


@njit(cache=True)
def _host_of(s: Any, physical: Any) -> Any:
    region = find_region(s, physical)
    return s.region_host[region] + (physical - s.region_base[region])


@njit(cache=True)
def _remember(s: Any, virtual: Any, privileged: Any, found: Any, kind: Any) -> None:
    """Let the next accesses to a page go past the micro TLB, if they can be simple hits."""
    physical = found & 0xFFFF_FFFF
    if kind & TYPE_CACHED == 0 or s.sctlr & SCTLR_C == 0 or _is_peripheral(s, physical):
        return
    if (found >> 32) & PERMIT_PART:
        return
    slot = (virtual >> 12) & (ms.SHORTCUTS - 1)
    context = np.int64(s.context_id & st.TLB_ASID_MASK)
    if s.tlb_attributes[st.TLB_SCRATCH] & st.TLB_GLOBAL:
        context = np.int64(ms.GLOBAL_CONTEXT)
    s.shortcut_key[slot] = _shortcut_key(s, virtual, privileged, context)
    may_store = _MAY_STORE if (found >> 32) & PERMIT_WRITE else 0
    s.shortcut_value[slot] = physical | may_store | kind
    s.shortcut_host[slot] = _host_of(s, physical)


@njit(cache=True)
def _lines(
    s: Any, t: Any, address: Any, size: Any, load: Any, store: Any, kind: Any, physical: Any
) -> Any:
    """All lines of an access that lies in one page."""
    while size > 0:
        length = min(size, 32 - (address & 31))
        place = physical | (address & 0xFFF)
        t = _line(s, t, place, length, load, store, kind)
        address += length
        size -= length
    return t


@njit(cache=True, forceinline=True)
def _cached_lines(s: Any, t: Any, address: Any, size: Any, load: Any, store: Any, kind: Any) -> Any:
    """As `_lines`, for a page known to be cached memory."""
    while size > 0:
        length = min(size, 32 - (address & 31))
        s.events[_ACCESSES] += 1
        line = address >> ms.LINE_SHIFT
        t = _cached(s, t, address, length, line, load, store, kind)
        address += length
        size -= length
    return t


@njit(cache=True)
def _whole_access(s: Any, found: Any, address: Any, last: Any, kind: Any, privileged: Any) -> Any:
    """What an access came to in the page at `address`, all subpages up to `last` considered."""
    if found < 0 or (found >> 32) & PERMIT_PART == 0:
        return found
    end = min(address | 0xFFF, last) if last >= address else address | 0xFFF
    place = (address | (SUBPAGE_BYTES - 1)) + 1
    while place <= end and found >= 0:
        found = access_page(s, place, kind, privileged, s.walk_time)
        place += SUBPAGE_BYTES
    return found


@exported("access_slowly")
def on_access(
    state: Any, t: Any, address: Any, size: Any, load: Any, store: Any, privileged: Any
) -> Any:
    """An access of any kind; returns when it issues. See `access`."""
    s = carray(state, 1)[0]
    load, store, privileged = load != 0, store != 0, privileged != 0
    if (address & 0xFFF) + size <= 0x1000:
        value = _shortcut(s, address, store, privileged)
        if value >= 0:
            place = (value & _PAGE) | (address & 0xFFF)
            if load and store:
                t = _cached_lines(s, t, place, size, True, False, value & _KIND)
                return _cached_lines(s, t, place, size, False, True, value & _KIND)
            return _cached_lines(s, t, place, size, load, store, value & _KIND)
    fault_kind = _WRITE if store else _READ
    last = (address + size - 1) & 0xFFFF_FFFF
    found = access_page(s, address, fault_kind, privileged, t)
    found = _whole_access(s, found, address, last, fault_kind, privileged)
    kind = memory_type(np.int64(s.tlb_attributes[st.TLB_SCRATCH]))
    t = s.walk_time
    if found < 0:
        s.refused = 1
        return t
    if (address ^ last) & _PAGE == 0:
        _remember(s, address, privileged, found, kind)
        if load and store:
            t = _lines(s, t, address, size, True, False, kind, found & 0xFFFF_FFFF)
            return _lines(s, t, address, size, False, True, kind, found & 0xFFFF_FFFF)
        return _lines(s, t, address, size, load, store, kind, found & 0xFFFF_FFFF)
    second = access_page(s, last & _PAGE, fault_kind, privileged, t)
    second = _whole_access(s, second, last & _PAGE, last, fault_kind, privileged)
    second_kind = memory_type(np.int64(s.tlb_attributes[st.TLB_SCRATCH]))
    t = s.walk_time
    if second < 0:
        s.refused = 1
        return t
    length = 0x1000 - (address & 0xFFF)
    t = _lines(s, t, address, length, load, store, kind, found & 0xFFFF_FFFF)
    begin = last & _PAGE
    rest = size - length
    return _lines(s, t, begin, rest, load, store, second_kind, second & 0xFFFF_FFFF)


@njit(cache=True, forceinline=True)
def simple_hit(
    s: Any, t: Any, address: Any, size: Any, load: Any, store: Any, privileged: Any
) -> Any:
    """Whether an access is a hit that costs nothing; then it has been made."""
    value = _shortcut(s, address, store, privileged)
    if value < 0 or (address & 31) + size > 32:
        return False
    line = ((value & _PAGE) | (address & 0xFFF)) >> ms.LINE_SHIFT
    place = _find_data(s, line)
    if place < 0:
        return False
    if store:
        if load or value & TYPE_BACK == 0:
            return False
        s.dirty[place] |= _dirty_halves(address, size)
    elif line == s.fill_line and s.fill_until > t:
        return False
    s.events[_CACHEABLE] += 1
    s.events[_ACCESSES] += 1
    return True


@njit(cache=True)
def _page_unknown(s: Any, address: Any, store: Any) -> Any:
    """Host address of a page for an access that neither aborts nor reaches a device, or 0."""
    s.simple = 0
    kind = _WRITE if store else _READ
    found = _look_up(s.address, DATA, address & _PAGE, kind, s.privileged != 0)
    if found < 0 or (found >> 32) & PERMIT_PART or _is_peripheral(s, found & 0xFFFF_FFFF):
        return np.int64(0)
    return _host_of(s, found & 0xFFFF_FFFF)


@njit(cache=True, forceinline=True)
def _note_line(s: Any, physical: Any, size: Any, store: Any) -> None:
    """Likewise for the part of an access that lies in one line."""
    line = physical >> ms.LINE_SHIFT
    place = _find_data(s, line)
    if place < 0 or (line == s.fill_line and s.fill_until > s.cycles):
        s.simple = 0
        return
    s.simple_lines += 1
    if store:
        s.store_place[s.store_count] = place
        s.store_halves[s.store_count] = _dirty_halves(physical, size)
        s.store_count += 1


@njit(cache=True)
def _note_lines(s: Any, physical: Any, size: Any, store: Any) -> None:
    while size > 0 and s.simple:
        length = min(size, 32 - (physical & 31))
        if s.store_count >= ms.BLOCK_LIMIT:
            s.simple = 0
            return
        _note_line(s, physical, length, store)
        physical += length
        size -= length


@njit(cache=True, forceinline=True)
def _note_simple(s: Any, value: Any, address: Any, size: Any, load: Any, store: Any) -> None:
    """Clear `simple` if an access to a page with a shortcut is no hit that costs nothing."""
    if store and (load or value & TYPE_BACK == 0):
        s.simple = 0
        return
    physical = (value & _PAGE) | (address & 0xFFF)
    if (address & 31) + size > 32 or s.store_count >= ms.BLOCK_LIMIT:
        _note_lines(s, physical, size, store)
    else:
        _note_line(s, physical, size, store)


@njit(cache=True, forceinline=True)
def safe_word(s: Any, address: Any, store: Any) -> Any:
    """As `safe_access`, for an aligned word; 0 also where that has to look further."""
    value = _shortcut(s, address, store, s.privileged != 0)
    if value < 0 or (store and value & TYPE_BACK == 0):
        return np.int64(0)
    if s.simple:
        if s.store_count >= ms.BLOCK_LIMIT:
            s.simple = 0
        else:
            _note_line(s, (value & _PAGE) | (address & 0xFFF), np.int64(4), store)
    return s.shortcut_host[(address >> 12) & (ms.SHORTCUTS - 1)] + (address & 0xFFF)


@njit(cache=True, forceinline=True)
def safe_access(s: Any, address: Any, size: Any, load: Any, store: Any) -> Any:
    """Where in host memory an access not made yet will be, or 0 if it aborts or reaches a device.

    `simple` is cleared if it will be more than a hit that costs nothing.
    """
    value = _shortcut(s, address, store, s.privileged != 0)
    if value >= 0 and (address & 0xFFF) + size <= 0x1000:
        if s.simple:
            _note_simple(s, value, address, size, load, store)
        slot = (address >> 12) & (ms.SHORTCUTS - 1)
        return s.shortcut_host[slot] + (address & 0xFFF)
    host = _page_unknown(s, address, store)
    last = (address + size - 1) & 0xFFFF_FFFF
    if host == 0 or ((last ^ address) & _PAGE and _page_unknown(s, last, store) == 0):
        return np.int64(0)
    return host + (address & 0xFFF)


@njit(cache=True)
def hit_under_miss(s: Any) -> Any:
    """Whether the load/store unit goes on under a miss."""
    return s.sctlr & SCTLR_FI == 0 or s.actlr & ACTLR_NO_HIT_UNDER_MISS == 0


@njit(cache=True, forceinline=True)
def access(s: Any, t: Any, address: Any, size: Any, load: Any, store: Any, privileged: Any) -> Any:
    """A data access of `size` bytes that issues at `t`; returns when it really does.

    `delay` is how much later than from the cache a load's results come; `refused` is set if it
    will abort.
    """
    s.delay = 0
    if simple_hit(s, t, address, size, load, store, privileged):
        return t
    return _access_slowly(s.address, t, address, size, load, store, privileged)
