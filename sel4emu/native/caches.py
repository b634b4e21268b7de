# SPDX-License-Identifier: BSD-2-Clause
"""Caches, the bus behind them, write buffer and eviction buffer: contents as tags, and times.

Modelled: both first-level caches and L2 with their replacement and lockdown, dirty halves, the
write buffer and what it puts into L2, one eviction buffer, reads from L2 and SDRAM (rules 6 and 7
of docs/TIMING.md).
Not modelled: data (memory is always coherent), banks and pages of the SDRAM, bus masters other
than the processor.
"""

from typing import Any

import numpy as np
from numba import njit

from sel4emu.native import model_state as ms
from sel4emu.native.parameters import Parameter

_BEAT = int(Parameter.BUS__BEAT)
_L2_HIT = int(Parameter.L2__HIT)
_SDRAM = int(Parameter.SDRAM__LATENCY)
_SDRAM_BEHIND = int(Parameter.SDRAM__LATENCY_BEHIND_L2)
_LINE_WRITE = int(Parameter.SDRAM__LINE_WRITE)
_ENTRIES = int(Parameter.WRITE_BUFFER__ENTRIES)
_HALF_LINE = int(Parameter.WRITE_BUFFER__HALF_LINE)

_HITS = int(ms.Event.L2_HIT)
_MISSES = int(ms.Event.L2_MISS)
_HALF_LINES = int(ms.Event.HALF_LINE_WRITE_BACK)
_CAUSE_BUFFER = int(ms.Cause.WRITE_BUFFER)

SCTLR_RR = 1 << 14


@njit(cache=True, forceinline=True)
def step_random(s: Any, which: Any) -> Any:
    """Advance one of the shift registers; its new value."""
    value = s.replacement_random[which]
    value = (value >> 1) ^ (0xB400 if value & 1 else 0)
    s.replacement_random[which] = value
    return value


@njit(cache=True, forceinline=True)
def find(s: Any, first: Any, ways: Any, line: Any) -> Any:
    """Place of a line in the set that begins at `first`, or -1."""
    for place in range(first, first + ways):
        if s.tag[place] == line + 1:
            return place
    return np.int64(-1)


@njit(cache=True, forceinline=True)
def set_of(cache: Any, line: Any) -> Any:
    """First place of the set of a line."""
    if cache == ms.L2:
        return ms.L2 + (line & (ms.L2_SETS - 1)) * ms.L2_WAYS
    return cache + (line & (ms.L1_SETS - 1)) * ms.L1_WAYS


@njit(cache=True, forceinline=True)
def _choose(s: Any, which: Any, ways: Any) -> Any:
    if which != ms.REPLACE_L2 and s.sctlr & SCTLR_RR:
        way = s.replacement_counter[which]
        s.replacement_counter[which] = (way + 1) & (ways - 1)
        return way
    return step_random(s, which) & (ways - 1)


@njit(cache=True, forceinline=True)
def victim(s: Any, which: Any, first: Any, ways: Any, locked: Any) -> Any:
    """Place that a new line takes in a set, or -1 where every way is locked."""
    everything = (1 << ways) - 1
    if locked & everything == everything:
        return np.int64(-1)
    for way in range(ways):
        if (locked >> way) & 1 == 0 and s.tag[first + way] == 0:
            return first + way
    way = _choose(s, which, ways)
    while (locked >> way) & 1:
        way = (way + 1) & (ways - 1)
    return first + way


@njit(cache=True, forceinline=True)
def _enter_l2(s: Any, line: Any, dirty: Any, locked: Any) -> Any:
    """Put a line into L2; cycles to write its dirty victim to SDRAM."""
    place = victim(s, ms.REPLACE_L2, set_of(ms.L2, line), ms.L2_WAYS, locked)
    if place < 0:
        return np.int64(0)
    cost = s.parameters[_LINE_WRITE] if s.dirty[place] else np.int64(0)
    s.tag[place] = line + 1
    s.dirty[place] = dirty
    return cost


@njit(cache=True, forceinline=True)
def write_l2(s: Any, line: Any, outer: Any) -> Any:
    """Drained or evicted data reaches L2; the cycles that a dirty victim adds."""
    if s.l2_control & 1 == 0 or outer == 0:
        return np.int64(0)
    place = find(s, set_of(ms.L2, line), ms.L2_WAYS, line)
    if place >= 0:
        s.dirty[place] = 1
        return np.int64(0)
    return _enter_l2(s, line, 1, s.l2_lockdown_data)


@njit(cache=True, forceinline=True)
def external_read(s: Any, start: Any, line: Any, outer: Any, instruction: Any) -> Any:
    """When a read that starts on the free bus delivers; `bus_free` becomes that, or later."""
    if s.l2_control & 1 == 0:
        s.bus_free = start + s.parameters[_SDRAM]
        return s.bus_free
    if outer == 0:
        s.bus_free = start + s.parameters[_SDRAM_BEHIND]
        return s.bus_free
    if find(s, set_of(ms.L2, line), ms.L2_WAYS, line) >= 0:
        s.events[_HITS] += 1
        s.bus_free = start + s.parameters[_L2_HIT]
        return s.bus_free
    s.events[_MISSES] += 1
    locked = s.l2_lockdown_instructions if instruction else s.l2_lockdown_data
    arrival = start + s.parameters[_SDRAM_BEHIND]
    s.bus_free = arrival + _enter_l2(s, line, 0, locked)
    return arrival


@njit(cache=True, forceinline=True)
def halves(dirty: Any) -> Any:
    """Dirty halves of a line."""
    return np.int64((dirty & 1) + (dirty >> 1))


@njit(cache=True, forceinline=True)
def evict(s: Any, start: Any, line: Any, dirty: Any, outer: Any) -> None:
    """A dirty line leaves the data cache at `start`, when the eviction buffer is free."""
    count = halves(dirty)
    s.events[_HALF_LINES] += count
    s.evict_free = start + count * s.parameters[_HALF_LINE] + write_l2(s, line, outer)


@njit(cache=True, forceinline=True)
def pending_write(s: Any, t: Any, line: Any) -> Any:
    """When the write buffer no longer holds anything of a line."""
    if s.buffer_last <= t:
        return t
    for slot in range(s.parameters[_ENTRIES]):
        if s.buffer_line[slot] == line and s.buffer_end[slot] > t:
            t = s.buffer_end[slot]
    return t


@njit(cache=True, forceinline=True)
def put(s: Any, t: Any, line: Any, outer: Any, cost: Any) -> Any:
    """A doubleword enters the write buffer at `t` or when there is room; returns that time."""
    slot = s.buffer_next
    if s.buffer_end[slot] > t:
        s.causes[_CAUSE_BUFFER] += s.buffer_end[slot] - t
        t = s.buffer_end[slot]
    end = max(t, s.buffer_last) + cost + write_l2(s, line, outer)
    s.buffer_end[slot] = end
    s.buffer_line[slot] = line
    s.buffer_last = end
    s.buffer_next = slot + 1 if slot + 1 < s.parameters[_ENTRIES] else 0
    return t


@njit(cache=True)
def wait_for_buffer(s: Any, t: Any) -> Any:
    """Wait until the write buffer is empty."""
    if s.buffer_last > t:
        s.causes[_CAUSE_BUFFER] += s.buffer_last - t
        return s.buffer_last
    return t


@njit(cache=True)
def last_beat(s: Any, arrival: Any) -> Any:
    """When the last doubleword of a line comes whose first comes at `arrival`."""
    return arrival + 3 * s.parameters[_BEAT]
