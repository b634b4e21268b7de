# SPDX-License-Identifier: BSD-2-Clause
"""A block that begins in a state that it has begun in before takes the same time again.

Of a state, what matters to a block is how long from now on the registers that it reads are
awaited, and the load/store unit, and which of its multiple accesses are aligned to 8 bytes. If that
is as before, every access is a hit that costs nothing, and nothing is on its way, then all that the
scoreboard would do is known. It is written down relative to the beginning, for two states of each
block.

Modelled: nothing by itself; what is counted is what `pipeline.py` counted the first time.
Not modelled: blocks with failed conditions or accumulators, which depend on more than times.
"""

from typing import Any, Final

import numpy as np
from numba import njit

from sel4emu.native import model_state as ms
from sel4emu.native.decoding import AL
from sel4emu.native.parameters import Parameter

_EARLY = int(Parameter.INSTRUCTION__EARLY)
_INTERLOCK = int(ms.Cause.INTERLOCK)
_LSU_WAIT = int(ms.Event.LSU_WAIT)
_CACHEABLE = int(ms.Event.DATA_ACCESS_CACHEABLE)
_ACCESSES = int(ms.Event.DATA_ACCESS)

#: Times before this are all alike: no source is asked for earlier than it is late.
_LONG_AGO: Final = -2
_MOST: Final = 63
_UNKNOWN: Final = -1
#: Bits of a field of the key, and sources in its first word, beside the load/store unit.
_FIELD: Final = 6
_FIELDS: Final = 9


# Analysis ----------------------------------------------------------------------------------------


@njit(cache=True)
def _add_source(b: Any, place: Any) -> Any:
    """Note a place in `times` that the block depends on; False if there are too many."""
    register = place - ms.TIMES if place >= ms.TIMES else place
    if register >= ms.NOWHERE or (b.written >> register) & 1:
        return True
    for k in range(b.source_count):
        if b.sources[k] == place:
            return True
    if b.source_count == ms.REPETITION_SOURCES:
        return False
    b.sources[b.source_count] = place
    b.source_count += 1
    return True


@njit(cache=True)
def _add_sources(b: Any, d: Any) -> Any:
    for k in range(d.source_count):
        if not _add_source(b, np.int64(d.sources[k])):
            return False
    if d.access & ms.ACCESS_MULTIPLE == 0:
        return True
    for register in range(15):
        if (d.list >> register) & 1 and not _add_source(b, np.int64(register)):
            return False
    return True


@njit(cache=True)
def _note_written(b: Any, register: Any, multiplies: Any) -> None:
    if register < 15:
        b.written |= 1 << register
        b.multiplied &= ~(1 << register)
        if multiplies:
            b.multiplied |= 1 << register


@njit(cache=True)
def _add_effects(b: Any, d: Any) -> None:
    multiplies = d.flags & ms.MULTIPLIES
    _note_written(b, d.results[0], multiplies)
    _note_written(b, d.results[1], multiplies)
    _note_written(b, d.writeback, 0)
    if d.flags & ms.SETS_FLAGS:
        b.sets_flags = 1
    if d.access == 0:
        return
    b.has_memory = 1
    registers = d.list & 0x7FFF
    if d.access & ms.ACCESS_MULTIPLE and d.access & ms.ACCESS_LOAD:
        b.written |= registers
        b.multiplied &= ~registers
    elif d.access & ms.ACCESS_STORE:
        b.locked |= d.list & 0xFFFF


@njit(cache=True)
def _effects(b: Any) -> Any:
    count = 0
    for register in range(16):
        count += 2 * ((b.written >> register) & 1) + ((b.locked >> register) & 1)
    return count


@njit(cache=True)
def _multiples(s: Any, b: Any) -> Any:
    count = 0
    for k in range(b.prefix):
        if s.arena[b.arena + k].decoded.access & (ms.ACCESS_MULTIPLE | ms.ACCESS_DOUBLE):
            count += 1
    return count


@njit(cache=True)
def find_sources(s: Any, b: Any) -> None:
    """What a block's times depend on, and what it changes; `repeatable` says if that is enough."""
    b.repeatable = 0
    if s.parameters[_EARLY] >= -_LONG_AGO:
        return
    b.source_count = 0
    b.written = 0
    b.locked = 0
    b.multiplied = 0
    b.has_memory = 0
    b.sets_flags = 0
    for k in range(b.prefix):
        d = s.arena[b.arena + k].decoded
        if d.flags & ms.ACCUMULATES or (d.condition != AL and d.flow == 0):
            return
        if not _add_sources(b, d):
            return
        _add_effects(b, d)
    if _effects(b) > ms.REPETITION_EFFECTS or _multiples(s, b) > ms.REPETITION_MULTIPLES:
        return
    if s.repetition_next + ms.REPETITION_WAYS > ms.REPETITIONS:
        return
    b.repetition = s.repetition_next
    s.repetition_next += ms.REPETITION_WAYS
    for way in range(ms.REPETITION_WAYS):
        s.repetitions[b.repetition + way].key[0] = _UNKNOWN
    b.repeatable = 1


# Running -----------------------------------------------------------------------------------------


@njit(cache=True, forceinline=True)
def _is_calm(s: Any, b: Any, address: Any) -> Any:
    """Whether nothing is on its way that the key does not tell of."""
    now = s.cycles
    if b.repeatable == 0 or s.simple == 0 or s.miss_until > now or s.lock_until > now:
        return False
    last = address + b.prefix_bytes - 1
    if s.page_cacheable == 0 or s.fetch_until > now:
        return False
    return s.page == address >> 12 and s.page == last >> 12


@njit(cache=True, forceinline=True)
def _late(s: Any, b: Any, k: Any) -> Any:
    """How long source `k` is awaited, as a field of the key; too great where it is far off."""
    return max(s.times[b.sources[k]] - s.cycles, np.int64(_LONG_AGO)) - _LONG_AGO


@njit(cache=True, forceinline=True)
def _find_key(s: Any, b: Any) -> Any:
    """Put the state that a block begins in into `repetition_key`; False where that is far off."""
    first = max(s.lsu_free - s.cycles, np.int64(0)) if b.has_memory else np.int64(0)
    worst = first
    for k in range(min(b.source_count, _FIELDS)):
        late = _late(s, b, k)
        worst = max(worst, late)
        first = first << _FIELD | late
    second = np.int64(0)
    for k in range(_FIELDS, b.source_count):
        late = _late(s, b, k)
        worst = max(worst, late)
        second = second << _FIELD | late
    s.repetition_key[0] = first
    s.repetition_key[1] = second << ms.REPETITION_MULTIPLES | s.alignment
    return worst <= _MOST


@njit(cache=True, forceinline=True)
def _has_key(s: Any, r: Any) -> Any:
    return r.key[0] == s.repetition_key[0] and r.key[1] == s.repetition_key[1]


@njit(cache=True, forceinline=True)
def _apply(s: Any, b: Any, r: Any) -> None:
    now = s.cycles
    for k in range(r.count):
        s.times[r.places[k]] = now + r.values[k]
    s.causes[_INTERLOCK] += r.interlock
    if b.has_memory:
        s.events[_LSU_WAIT] += r.lsu_wait
        s.lsu_free = now + r.lsu_free
        s.events[_CACHEABLE] += s.simple_lines
        s.events[_ACCESSES] += s.simple_lines
        for k in range(s.store_count):
            s.dirty[s.store_place[k]] |= s.store_halves[k]
        if b.locked:
            s.lock_until = max(s.lock_until, now + r.lock_until)
    if b.sets_flags:
        s.flag_time = now + r.flag_time
    if s.products | b.multiplied:
        s.products = (s.products & ~np.int64(b.written)) | b.multiplied
    s.conditional_writers &= ~np.int64(b.written)
    s.issued_at = now + r.issued_at
    s.cycles = now + r.duration


@njit(cache=True, forceinline=True)
def repeat(s: Any, b: Any, address: Any) -> Any:
    """Account for a block as it was accounted for before; False if that is not known."""
    if not _is_calm(s, b, address):
        return False
    if not _find_key(s, b):
        return False
    place = np.int64(b.repetition)
    if not _has_key(s, s.repetitions[place]):
        place += 1
        if not _has_key(s, s.repetitions[place]):
            return False
    if s.repetitions[place].code_epoch != s.code_epoch:
        return False
    _apply(s, b, s.repetitions[place])
    s.last_next = address + b.prefix_bytes
    s.line = (s.last_next - 1) >> ms.LINE_SHIFT
    return True


@njit(cache=True)
def start_recording(s: Any, b: Any, address: Any) -> Any:
    """Before a block is accounted for one by one: whether that is worth writing down."""
    if not _is_calm(s, b, address):
        return False
    if not _find_key(s, b):
        return False
    place = np.int64(b.repetition)
    second = _has_key(s, s.repetitions[place + 1])
    if second:
        place += 1
    elif not _has_key(s, s.repetitions[place]):
        s.repetition_turn ^= 1
        place += s.repetition_turn
    r = s.repetitions[place]
    r.key[0] = s.repetition_key[0]
    r.key[1] = s.repetition_key[1]
    r.code_epoch = s.code_epoch
    s.recording_place = place
    s.recording_start = s.cycles
    s.recording_interlock = s.causes[_INTERLOCK]
    s.recording_lsu_wait = s.events[_LSU_WAIT]
    return True


@njit(cache=True)
def _record(s: Any, r: Any, place: Any) -> None:
    r.places[r.count] = place
    r.values[r.count] = s.times[place] - s.recording_start
    r.count += 1


@njit(cache=True)
def finish_recording(s: Any, b: Any) -> None:
    """Write down what the block did; nothing if a line had to be fetched meanwhile."""
    r = s.repetitions[s.recording_place]
    if r.code_epoch != s.code_epoch or s.cycles - s.recording_start > 0x7FFF:
        r.key[0] = _UNKNOWN
        return
    start = s.recording_start
    r.count = 0
    for register in range(16):
        if (b.written >> register) & 1:
            _record(s, r, register)
            _record(s, r, ms.TIMES + register)
        if (b.locked >> register) & 1:
            _record(s, r, ms.LOCKS + register)
    r.duration = s.cycles - start
    r.interlock = s.causes[_INTERLOCK] - s.recording_interlock
    r.lsu_wait = s.events[_LSU_WAIT] - s.recording_lsu_wait
    r.lsu_free = s.lsu_free - start
    r.flag_time = s.flag_time - start
    r.issued_at = s.issued_at - start
    r.lock_until = s.lock_until - start
