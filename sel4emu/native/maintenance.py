# SPDX-License-Identifier: BSD-2-Clause
"""Barriers, and maintenance of caches, TLBs and predictor, as they act on the model (rule 9).

Modelled: what c7, c8, c9 and the control registers do to the model's contents, and what they
cost; the operations of the L2CC's registers.
Not modelled: interrupting a block operation (its status always reads as done), prefetching.
"""

from typing import Any, Final

from numba import carray, njit

from sel4emu.native import model_state as ms
from sel4emu.native import state as st
from sel4emu.native.caches import evict, find, set_of
from sel4emu.native.fetch import restart_translation
from sel4emu.native.linkage import exported, imported
from sel4emu.native.micro_tlb import DATA, flush_micro
from sel4emu.native.parameters import Parameter
from sel4emu.native.predictor import flush_branch, flush_branches

_DSB = int(Parameter.SYSTEM__DSB)
_DMB = int(Parameter.SYSTEM__DMB)
_ISB = int(Parameter.SYSTEM__ISB)
_CACHE_LINE = int(Parameter.SYSTEM__CACHE_LINE)
_LINE_OPERATION = int(Parameter.L2__LINE_OPERATION)
_LINE_WRITE = int(Parameter.SDRAM__LINE_WRITE)

_CAUSE_SYSTEM = int(ms.Cause.SYSTEM)
_CAUSE_BUFFER = int(ms.Cause.WRITE_BUFFER)
_CAUSE_DEVICE = int(ms.Cause.DEVICE)
_DRAIN = int(ms.Event.DRAIN)
_READ = int(st.FaultKind.READ)

_look_up = imported("look_up")

CLEAN: Final = 1
INVALIDATE: Final = 2


@njit(cache=True)
def _spend(s: Any, cycles: Any) -> None:
    s.causes[_CAUSE_SYSTEM] += cycles
    s.cycles += cycles


@njit(cache=True)
def _barrier(s: Any, cost: Any) -> None:
    """DSB and DMB: everything on its way arrives first."""
    s.events[_DRAIN] += 1
    until = max(s.buffer_last, s.evict_free, s.bus_free)
    if until > s.cycles:
        s.causes[_CAUSE_BUFFER] += until - s.cycles
        s.cycles = until
    _spend(s, cost)


@njit(cache=True)
def _treat(s: Any, place: Any, what: Any) -> None:
    """Clean or invalidate, or both, one place of a first-level cache."""
    if what & CLEAN and s.dirty[place]:
        if s.evict_free > s.cycles:
            s.causes[_CAUSE_BUFFER] += s.evict_free - s.cycles
            s.cycles = s.evict_free
        evict(s, s.cycles, s.tag[place] - 1, s.dirty[place], s.outer[place])
        s.dirty[place] = 0
    if what & INVALIDATE:
        s.tag[place] = 0
        s.dirty[place] = 0
        s.code_epoch += 1


@njit(cache=True)
def _all(s: Any, cache: Any, what: Any) -> None:
    for place in range(cache, cache + ms.L1_LINES):
        _spend(s, s.parameters[_CACHE_LINE])
        _treat(s, place, what)


@njit(cache=True)
def _physical_line(s: Any, virtual: Any) -> Any:
    """Line number of a virtual address, or -1 if it is not mapped."""
    found = _look_up(s.address, DATA, virtual & 0xFFFF_FFFF, _READ, 1)
    if found < 0:
        return -1
    return ((found & 0xFFFF_F000) | (virtual & 0xFFF)) >> ms.LINE_SHIFT


@njit(cache=True)
def _by_address(s: Any, cache: Any, virtual: Any, what: Any) -> None:
    _spend(s, s.parameters[_CACHE_LINE])
    line = _physical_line(s, virtual)
    if line < 0:
        return
    place = find(s, set_of(cache, line), ms.L1_WAYS, line)
    if place >= 0:
        _treat(s, place, what)


@njit(cache=True)
def _by_way(s: Any, cache: Any, operand: Any, what: Any) -> None:
    _spend(s, s.parameters[_CACHE_LINE])
    row = (operand >> 5) & (ms.L1_SETS - 1)
    _treat(s, cache + row * ms.L1_WAYS + ((operand >> 30) & 3), what)


@njit(cache=True)
def _on_cache(s: Any, cache: Any, opcode2: Any, value: Any, what: Any) -> None:
    if opcode2 == 0:
        _all(s, cache, what)
    elif opcode2 == 1:
        _by_address(s, cache, value, what)
    elif opcode2 == 2:
        _by_way(s, cache, value, what)


@njit(cache=True)
def _on_instructions(s: Any, opcode2: Any, value: Any) -> None:
    """c7, c5."""
    if opcode2 < 3:
        _on_cache(s, ms.ICACHE, opcode2, value, INVALIDATE)
        s.line = -1
    if opcode2 == 0 or opcode2 == 6:
        flush_branches(s)
    elif opcode2 == 4:
        _spend(s, s.parameters[_ISB])
        s.line = -1
    elif opcode2 == 7:
        flush_branch(s, value)


@njit(cache=True)
def _cache_operation(s: Any, crm: Any, opcode2: Any, value: Any) -> None:
    """MCR c7."""
    if crm == 5:
        _on_instructions(s, opcode2, value)
    elif crm == 6:
        _on_cache(s, ms.DCACHE, opcode2, value, INVALIDATE)
    elif crm == 7 and opcode2 == 0:
        _all(s, ms.ICACHE, INVALIDATE)
        _all(s, ms.DCACHE, INVALIDATE)
        flush_branches(s)
        s.line = -1
    elif crm == 10 and opcode2 < 3:
        _on_cache(s, ms.DCACHE, opcode2, value, CLEAN)
    elif crm == 10 and opcode2 == 4:
        _barrier(s, s.parameters[_DSB])
    elif crm == 10 and opcode2 == 5:
        _barrier(s, s.parameters[_DMB])
    elif crm == 14:
        _on_cache(s, ms.DCACHE, opcode2, value, CLEAN | INVALIDATE)


@exported("cache_is_dirty")
def on_cache_is_dirty(state: Any) -> Any:
    """c7, c10, 6: whether a line of the data cache has been written and not cleaned."""
    s = carray(state, 1)[0]
    for place in range(ms.DCACHE, ms.DCACHE + ms.L1_LINES):
        if s.dirty[place] and s.tag[place]:
            return 1
    return 0


@exported("maintain_block")
def on_maintain_block(state: Any, crm: Any, first: Any, last: Any) -> None:
    """MCRR c5, c6, c12, c14: the lines from `first` to `last`, both inclusive."""
    s = carray(state, 1)[0]
    what = CLEAN | INVALIDATE
    if crm == 5 or crm == 6:
        what = INVALIDATE
    elif crm == 12:
        what = CLEAN
    elif crm != 14:
        return
    cache = ms.ICACHE if crm == 5 else ms.DCACHE
    for line in range(first >> ms.LINE_SHIFT, (last >> ms.LINE_SHIFT) + 1):
        _by_address(s, cache, line << ms.LINE_SHIFT, what)
    if crm == 5:
        s.line = -1


@njit(cache=True)
def control_changed(s: Any, crn: Any, crm: Any, opcode2: Any, value: Any) -> None:
    """MCR to the registers that decide what the model does."""
    if crn == 1 and crm == 0:
        if opcode2 == 0:
            flush_micro(s)
    elif crn == 2:
        restart_translation(s)
    elif crn == 3:
        s.epoch += 1
        restart_translation(s)
    elif crn == 8 or (crn == 13 and opcode2 == 0):
        flush_micro(s)
    elif crn == 13 and opcode2 == 1:
        restart_translation(s)
        flush_branches(s)


@exported("maintain")
def on_maintain(state: Any, crn: Any, crm: Any, opcode2: Any, value: Any) -> None:
    """The effect of an MCR on the model."""
    s = carray(state, 1)[0]
    if crn == 7:
        _cache_operation(s, crm, opcode2, value)
    else:
        control_changed(s, crn, crm, opcode2, value)


@njit(cache=True)
def _l2_line(s: Any, place: Any, what: Any) -> Any:
    """Clean or invalidate one line of L2; the cycles that it takes."""
    cost = s.parameters[_LINE_OPERATION]
    if s.tag[place] == 0:
        return cost
    if what & CLEAN and s.dirty[place]:
        cost += s.parameters[_LINE_WRITE]
        s.dirty[place] = 0
    if what & INVALIDATE:
        s.tag[place] = 0
        s.dirty[place] = 0
    return cost


@njit(cache=True)
def l2_by_address(s: Any, physical: Any, what: Any) -> None:
    """L2CC: the line that holds a physical address."""
    line = physical >> ms.LINE_SHIFT
    place = find(s, set_of(ms.L2, line), ms.L2_WAYS, line)
    cost = s.parameters[_LINE_OPERATION]
    if place >= 0:
        cost = _l2_line(s, place, what)
    s.causes[_CAUSE_DEVICE] += cost
    s.cycles += cost


@njit(cache=True)
def l2_by_index(s: Any, way: Any, row: Any, what: Any) -> None:
    """L2CC: one way of one set."""
    cost = _l2_line(s, ms.L2 + row * ms.L2_WAYS + way, what)
    s.causes[_CAUSE_DEVICE] += cost
    s.cycles += cost


@njit(cache=True)
def l2_by_ways(s: Any, ways: Any, what: Any) -> None:
    """L2CC: every line of the ways in a mask."""
    for way in range(ms.L2_WAYS):
        if (ways >> way) & 1:
            for row in range(ms.L2_SETS):
                l2_by_index(s, way, row, what)
