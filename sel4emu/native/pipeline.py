# SPDX-License-Identifier: BSD-2-Clause
"""The scoreboard: when each instruction issues, and when its results are there (rules 2 to 4).

Modelled: issue cycles, result latencies, Early and Late registers, address registers, register
locks, the load/store unit's occupation, failed conditions, the VFP unit.
Not modelled: the stages themselves; everything is counted from the cycle of issue.
"""

from typing import Any

import numpy as np
from numba import njit

from sel4emu.native import model_state as ms
from sel4emu.native.data_side import access, hit_under_miss
from sel4emu.native.decoding import AL
from sel4emu.native.mmu import SCTLR_U
from sel4emu.native.parameters import Parameter

_EARLY = int(Parameter.INSTRUCTION__EARLY)
_FAILED = int(Parameter.INSTRUCTION__FAILED_CONDITION)
_WRITEBACK = int(Parameter.LOAD_STORE__WRITEBACK_LATENCY)
_UNALIGNED_MEMORY = int(Parameter.LOAD_STORE__UNALIGNED_MEMORY_CYCLES)
_UNALIGNED_LATENCY = int(Parameter.LOAD_STORE__UNALIGNED_LATENCY)
_LOAD_LATENCY = int(Parameter.LOAD_STORE__LOAD_LATENCY)
_LOCK = int(Parameter.LOAD_STORE__LOCK_FIRST)
_SLOW = int(Parameter.LOAD_STORE__SLOW_ADDRESS)
_LATE = int(Parameter.INSTRUCTION__LATE)
_PC_EXTRA = int(Parameter.LOAD_STORE__PC_EXTRA)
_VFP_LOAD = int(Parameter.VFP__LOAD_LATENCY)

_LISTED = ms.ACCESS_MULTIPLE | ms.ACCESS_VFP

_CAUSE_DATA = int(ms.Cause.DATA)
_CAUSE_INTERLOCK = int(ms.Cause.INTERLOCK)
_LSU_WAIT = int(ms.Event.LSU_WAIT)


@njit(cache=True, forceinline=True)
def write_register_time(s: Any, d: Any, register: Any, ready: Any) -> None:
    """A register's result is there at `ready`."""
    s.times[register] = ready
    s.times[ms.TIMES + register] = ready + s.parameters[_EARLY]
    if d.flags & ms.MULTIPLIES:
        s.products |= 1 << register
    elif s.products:
        s.products &= ~(1 << register)
    if d.condition != AL:
        s.writer_condition[register] = d.condition
        s.conditional_writers |= 1 << register
    elif s.conditional_writers:
        s.conditional_writers &= ~(1 << register)


@njit(cache=True, forceinline=True)
def _sources(s: Any, d: Any, t: Any) -> Any:
    count = d.source_count
    if count == 0:
        return t
    t = max(t, s.times[d.sources[0]] + d.advance[0])
    if count == 1:
        return t
    t = max(t, s.times[d.sources[1]] + d.advance[1])
    if count == 2:
        return t
    t = max(t, s.times[d.sources[2]] + d.advance[2])
    if count == 3:
        return t
    return max(t, s.times[d.sources[3]] + d.advance[3])


@njit(cache=True)
def _accumulating(s: Any, d: Any, t: Any) -> Any:
    """The last source is an accumulator, to which a product comes a cycle earlier."""
    register = d.index
    early = s.parameters[_LATE] if (s.products >> register) & 1 else np.int64(0)
    return max(t, s.times[register] - early)


@njit(cache=True)
def _listed(s: Any, d: Any, t: Any) -> Any:
    """LDM and STM: every register of the list."""
    registers = d.list & ~(1 << 15)
    register = 0
    while registers:
        if registers & 1:
            t = max(t, s.times[register])
        registers >>= 1
        register += 1
    return t


@njit(cache=True)
def _opposite(s: Any, d: Any, register: Any) -> Any:
    if (s.conditional_writers >> register) & 1 == 0:
        return False
    return s.writer_condition[register] ^ 1 == d.condition


@njit(cache=True)
def _failed_sources(s: Any, d: Any, t: Any) -> Any:
    """Sources of an instruction whose condition fails."""
    if d.flags & ms.ACCUMULATES and not _opposite(s, d, d.index):
        t = _accumulating(s, d, t)
    for k in range(d.source_count):
        place = d.sources[k]
        register = place - ms.TIMES if place >= ms.TIMES else place
        if not _opposite(s, d, register):
            t = max(t, s.times[place] + d.advance[k])
    if d.access & (ms.ACCESS_MULTIPLE | ms.ACCESS_VFP) == 0 or d.access & ms.ACCESS_LOAD:
        return t
    for register in range(ms.VFP + 16):
        if (d.list >> register) & 1 and register != 15 and not _opposite(s, d, register):
            t = max(t, s.times[register])
    return t


@njit(cache=True)
def _lock_of(s: Any, register: Any) -> Any:
    return s.times[ms.LOCKS + register]


@njit(cache=True)
def _locks(s: Any, d: Any, t: Any) -> Any:
    t = max(t, _lock_of(s, d.results[0]), _lock_of(s, d.results[1]), _lock_of(s, d.writeback))
    if d.access & ms.ACCESS_LOAD and d.access & (ms.ACCESS_MULTIPLE | ms.ACCESS_VFP):
        for register in range(ms.VFP + 16):
            if (d.list >> register) & 1:
                t = max(t, _lock_of(s, register))
    return t


@njit(cache=True)
def _stall(s: Any, now: Any, t: Any) -> None:
    """Rule 2.2: waiting from T to t, for a line or for something else."""
    wait = t - now
    for_line = min(max(min(t, s.miss_until) - now, 0), wait)
    s.causes[_CAUSE_DATA] += for_line
    s.causes[_CAUSE_INTERLOCK] += wait - for_line


@njit(cache=True, forceinline=True)
def _unit(s: Any, d: Any, t: Any) -> Any:
    """The load/store unit, or the VFP's."""
    if d.access and s.lsu_free > t:
        s.events[_LSU_WAIT] += s.lsu_free - t
        t = s.lsu_free
    if d.flags & ms.IS_VFP:
        if d.busy:
            t = max(t, s.vfp_free)
        elif d.flags & ms.SETS_FLAGS:
            t = max(t, s.vfp_last)
    return t


@njit(cache=True, forceinline=True)
def issue(s: Any, d: Any, now: Any) -> Any:
    """When an instruction whose condition passes issues, T being `now`; waiting is counted."""
    t = _sources(s, d, now)
    if d.flags & ms.ACCUMULATES:
        t = _accumulating(s, d, t)
    listed = ms.ACCESS_MULTIPLE if d.access & ms.ACCESS_LOAD else _LISTED
    if d.list and d.access & listed:
        t = _listed(s, d, t)
    if s.lock_until > t:
        t = _locks(s, d, t)
    if d.access or d.flags & ms.IS_VFP:
        t = _unit(s, d, t)
    if t > now:
        _stall(s, now, t)
    return t


@njit(cache=True)
def fail(s: Any, d: Any, now: Any) -> Any:
    """An instruction whose condition fails; the new T."""
    t = _failed_sources(s, d, now)
    if t > now:
        _stall(s, now, t)
    s.issued_at = t
    return t + s.parameters[_FAILED]


@njit(cache=True, forceinline=True)
def _write_back(s: Any, d: Any, t: Any) -> None:
    register = d.writeback
    write_register_time(s, d, register, t + s.parameters[_WRITEBACK])
    s.times[ms.TIMES + register] = t + s.parameters[_WRITEBACK]


@njit(cache=True, forceinline=True)
def _results(s: Any, d: Any, t: Any, later: Any) -> None:
    """Results of anything but a multiple, `later` than in the table."""
    if d.results[0] != ms.NOWHERE:
        write_register_time(s, d, d.results[0], t + d.latencies[0] + later)
        if d.results[1] != ms.NOWHERE:
            write_register_time(s, d, d.results[1], t + d.latencies[1] + later)


@njit(cache=True, forceinline=True)
def finish(s: Any, d: Any, t: Any) -> Any:
    """An instruction without memory access has issued at `t`; the new T."""
    _results(s, d, t, 0)
    if d.busy:
        s.vfp_free = t + d.busy
        s.vfp_last = max(s.vfp_last, t + d.latencies[0])
    after = t + d.issue
    if d.flags & ms.SETS_FLAGS:
        s.flag_time = after
    return after


@njit(cache=True)
def _lock(s: Any, register: Any, until: Any) -> None:
    s.times[ms.LOCKS + register] = until
    s.lock_until = max(s.lock_until, until)


@njit(cache=True)
def _multiple_loaded(s: Any, d: Any, t: Any, shift: Any, later: Any) -> None:
    """Results of LDM: register i of the list, two registers a cycle."""
    if d.list >> 16:
        _vfp_loaded(s, d, t, shift, later)
        return
    k = shift
    for register in range(15):
        if (d.list >> register) & 1:
            latency = s.parameters[_LOAD_LATENCY] + (k >> 1)
            write_register_time(s, d, register, t + latency + later)
            k += 1


@njit(cache=True)
def _vfp_loaded(s: Any, d: Any, t: Any, shift: Any, later: Any) -> None:
    """A double register is there with the last of its words."""
    last = 1
    for register in range(ms.VFP, ms.VFP + 16):
        if (d.list >> register) & 1:
            k = min(last, d.words - 1) + shift
            write_register_time(s, d, register, t + s.parameters[_VFP_LOAD] + (k >> 1) + later)
            last += 2


@njit(cache=True)
def _multiple_stored(s: Any, d: Any, t: Any) -> None:
    if d.mode & ms.MODE_SLOW:
        t += s.parameters[_SLOW]
    k = 0
    for register in range(ms.VFP):
        if (d.list >> register) & 1:
            _lock(s, register, t + s.parameters[_LOCK] + ((k + 1) >> 1))
            k += 1
    last = 1
    for register in range(ms.VFP, ms.VFP + 16):
        if (d.list >> register) & 1:
            k = min(last, d.words - 1)
            _lock(s, register, t + s.parameters[_LOCK] + ((k + 1) >> 1))
            last += 2


@njit(cache=True, forceinline=True)
def _busy_cycles(s: Any, d: Any, address: Any, size: Any, part: Any) -> Any:
    """How long the load/store unit is occupied; `part` is base or offset of the address."""
    odd = (address >> 2) & 1
    if d.access & (ms.ACCESS_MULTIPLE | ms.ACCESS_VFP):
        words = d.words
        if d.access & ms.ACCESS_PC and d.list:
            words -= 1
        busy = words // 2 + 1 if odd else (words + 1) // 2
        return busy + s.parameters[_PC_EXTRA] if d.access & ms.ACCESS_PC else busy
    busy = d.memory
    if d.access & ms.ACCESS_DOUBLE and address & 7:
        busy += 1
    if d.mode & ms.MODE_UNALIGNED and s.sctlr & SCTLR_U and part & (size - 1):
        busy += s.parameters[_UNALIGNED_MEMORY]
    return busy


@njit(cache=True, forceinline=True)
def _loaded(s: Any, d: Any, t: Any, address: Any, size: Any) -> None:
    if d.access & (ms.ACCESS_MULTIPLE | ms.ACCESS_VFP):
        later = s.delay + (s.parameters[_PC_EXTRA] if d.access & ms.ACCESS_PC else 0)
        _multiple_loaded(s, d, t, (address >> 2) & 1, later)
        return
    later = s.delay
    if d.mode & ms.MODE_UNALIGNED and s.sctlr & SCTLR_U and address & (size - 1):
        later += s.parameters[_UNALIGNED_LATENCY]
    _results(s, d, t, later)
    if d.access & ms.ACCESS_DOUBLE and address & 7:
        register = d.results[1]
        if register != ms.NOWHERE:
            write_register_time(s, d, register, t + d.latencies[1] + later + 1)


@njit(cache=True)
def _stored(s: Any, d: Any, t: Any) -> None:
    if d.access & (ms.ACCESS_MULTIPLE | ms.ACCESS_DOUBLE | ms.ACCESS_VFP):
        if d.access & ms.ACCESS_LOAD == 0:
            _multiple_stored(s, d, t)
    if d.results[0] != ms.NOWHERE:  # the status of STREX
        _results(s, d, t, 0)


@njit(cache=True, forceinline=True)
def memory(s: Any, d: Any, t: Any, address: Any, size: Any, part: Any, privileged: Any) -> Any:
    """The access of an instruction that issues at `t`, and its results; the new T."""
    load = d.access & ms.ACCESS_LOAD != 0
    store = d.access & ms.ACCESS_STORE != 0
    t = access(s, t, address, size, load, store, privileged)
    s.issued_at = t
    if s.refused:
        s.refused = 0
        s.aborted = 1
        return t + d.issue
    s.lsu_free = t + _busy_cycles(s, d, address, size, part)
    if s.delay > 0:
        s.miss_until = max(s.miss_until, t + s.parameters[_LOAD_LATENCY] + s.delay)
        if not hit_under_miss(s):
            s.lsu_free += s.delay
        if d.flow:  # PC itself is late
            s.issued_at += s.delay
            s.causes[_CAUSE_DATA] += s.delay
    if load:
        _loaded(s, d, t, address, size)
    if store and not load:
        _stored(s, d, t)
    if d.writeback != ms.NOWHERE:
        _write_back(s, d, t)
    return t + d.issue


@njit(cache=True, forceinline=True)
def leave(s: Any, d: Any, address: Any, size: Any, t: Any, passed: Any) -> Any:
    """An instruction that changes the flow has issued at `t`: what it costs is settled later.

    Until then T is `t`, which is returned.
    """
    s.pending_flow = d.flow
    s.pending_condition = d.condition
    s.pending_passed = 1 if passed else 0
    s.pending_backward = d.backward
    s.pending_thumb = (d.key >> 32) & 1
    s.pending_address = address
    s.pending_size = size
    s.pending_time = t
    return t
