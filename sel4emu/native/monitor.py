# SPDX-License-Identifier: BSD-2-Clause
"""The performance monitor: PMNC, CCNT, PMN0 and PMN1 (rule 11 of docs/TIMING.md).

Modelled: enable, reset, divide by 64, event selection, overflow flags and interrupt enables.
Counters are differences of what is counted anyway, taken when the guest looks.
Not modelled: the export of events, the cycles that a write to PMNC takes to have effect; at level
`off` there are no events but instructions and cycles.
"""

from typing import Any, Final

import numpy as np
from numba import njit

from sel4emu.native import model_state as ms
from sel4emu.native import state as st

ENABLE: Final = 1 << 0
RESET_EVENTS: Final = 1 << 1
RESET_CYCLES: Final = 1 << 2
DIVIDE: Final = 1 << 3
WRITABLE: Final = 0x0FFF_F879
FLAGS_SHIFT: Final = 8
INTERRUPTS_SHIFT: Final = 4

CYCLE_COUNTER: Final = 2
_MONITOR = int(st.Attention.MONITOR)
_MASK: Final = 0xFFFF_FFFF

_FETCH = int(ms.Cause.FETCH)
_INTERLOCK = int(ms.Cause.INTERLOCK)
_DATA = int(ms.Cause.DATA)

#: Places in `events` by PMNC's number, -1 where there is none.
_PLACES: Final = np.full(0x13, -1, np.int64)
_PLACES[0x00] = int(ms.Event.INSTRUCTION_MISS)
_PLACES[0x03] = int(ms.Event.INSTRUCTION_MICRO_TLB_MISS)
_PLACES[0x04] = int(ms.Event.DATA_MICRO_TLB_MISS)
_PLACES[0x05] = int(ms.Event.BRANCH)
_PLACES[0x06] = int(ms.Event.MISPREDICT)
_PLACES[0x09] = int(ms.Event.DATA_ACCESS_CACHEABLE)
_PLACES[0x0A] = int(ms.Event.DATA_ACCESS)
_PLACES[0x0B] = int(ms.Event.DATA_MISS)
_PLACES[0x0C] = int(ms.Event.HALF_LINE_WRITE_BACK)
_PLACES[0x0D] = int(ms.Event.TAKEN)
_PLACES[0x0F] = int(ms.Event.MAIN_TLB_MISS)
_PLACES[0x10] = int(ms.Event.EXTERNAL_ACCESS)
_PLACES[0x11] = int(ms.Event.LSU_WAIT)
_PLACES[0x12] = int(ms.Event.DRAIN)
_EVENT_FETCH: Final = 0x01
_EVENT_STALL: Final = 0x02
_EVENT_INSTRUCTION: Final = 0x07
_EVENT_CYCLE: Final = 0xFF


@njit(cache=True)
def _counted(s: Any, number: Any) -> Any:
    """How often an event has happened since reset."""
    if number == _EVENT_CYCLE:
        return s.issued_at
    if number == _EVENT_INSTRUCTION:
        return s.instructions
    if number == _EVENT_FETCH:
        return s.causes[_FETCH]
    if number == _EVENT_STALL:
        return s.causes[_INTERLOCK] + s.causes[_DATA]
    if number < len(_PLACES) and _PLACES[number] >= 0:
        return s.events[_PLACES[number]]
    return np.int64(0)


@njit(cache=True)
def _now(s: Any, counter: Any) -> Any:
    if counter == CYCLE_COUNTER:
        return s.issued_at
    shift = 20 if counter == 0 else 12
    return _counted(s, (s.monitor_control >> shift) & 0xFF)


@njit(cache=True)
def rebase(s: Any) -> None:
    """Count from here on."""
    for counter in range(3):
        s.monitor_base[counter] = _now(s, counter)


@njit(cache=True)
def refresh(s: Any) -> None:
    """Bring counters and overflow flags up to date."""
    if s.monitor_control & ENABLE == 0:
        return
    for counter in range(3):
        passed = _now(s, counter) - s.monitor_base[counter]
        if counter == CYCLE_COUNTER and s.monitor_control & DIVIDE:
            s.monitor_base[counter] += passed & ~63
            passed >>= 6
        else:
            s.monitor_base[counter] += passed
        value = s.monitor_held[counter] + passed
        if value > _MASK:
            s.monitor_flags |= 1 << counter
        s.monitor_held[counter] = value & _MASK


@njit(cache=True)
def interrupt_wanted(s: Any) -> Any:
    """Whether an overflow that may interrupt is flagged."""
    return s.monitor_flags & (s.monitor_control >> INTERRUPTS_SHIFT) & 7 != 0


@njit(cache=True)
def _watch(s: Any) -> None:
    """Have every instruction looked at while an overflow could interrupt, or has."""
    armed = s.monitor_control & ENABLE and (s.monitor_control >> INTERRUPTS_SHIFT) & 7
    if armed or s.monitor_line or interrupt_wanted(s):
        s.attention |= _MONITOR
    else:
        s.attention &= ~_MONITOR


@njit(cache=True)
def read_monitor(s: Any, opcode2: Any) -> Any:
    """MRC c15, c12: PMNC, CCNT, PMN0, PMN1."""
    refresh(s)
    if opcode2 == 0:
        return np.int64(s.monitor_control | s.monitor_flags << FLAGS_SHIFT)
    if opcode2 == 1:
        return s.monitor_held[CYCLE_COUNTER]
    if opcode2 < 4:
        return s.monitor_held[opcode2 - 2]
    return np.int64(0)


@njit(cache=True)
def write_monitor(s: Any, opcode2: Any, value: Any) -> None:
    """MCR c15, c12."""
    refresh(s)
    if opcode2 == 0:
        s.monitor_flags &= ~(value >> FLAGS_SHIFT) & 7
        s.monitor_control = value & WRITABLE
        rebase(s)
        if value & RESET_EVENTS:
            s.monitor_held[0] = 0
            s.monitor_held[1] = 0
        if value & RESET_CYCLES:
            s.monitor_held[CYCLE_COUNTER] = 0
        _watch(s)
    elif opcode2 == 1:
        s.monitor_held[CYCLE_COUNTER] = value
        s.monitor_base[CYCLE_COUNTER] = _now(s, CYCLE_COUNTER)
    elif opcode2 < 4:
        s.monitor_held[opcode2 - 2] = value
        s.monitor_base[opcode2 - 2] = _now(s, opcode2 - 2)


@njit(cache=True)
def monitor_changed(s: Any) -> Any:
    """Whether the interrupt line has to change; `monitor_line` then has its new state."""
    s.issued_at = s.cycles  # the next instruction has not issued yet
    refresh(s)
    wanted = 1 if interrupt_wanted(s) else 0
    changed = wanted != s.monitor_line
    s.monitor_line = wanted
    _watch(s)
    return changed
