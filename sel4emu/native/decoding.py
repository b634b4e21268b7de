# SPDX-License-Identifier: BSD-2-Clause
"""What the decoders of ARM, Thumb and VFP instructions share: filling in a DECODED record.

Modelled: nothing by itself; rules 2 to 5 of docs/TIMING.md say what the fields are for.
Not modelled: UNPREDICTABLE encodings; they decode as something, and never fail.
"""

from typing import Any, Final

from numba import njit

from sel4emu.native import model_state as ms
from sel4emu.native.parameters import Parameter

AL: Final = 14

_EARLY = int(Parameter.INSTRUCTION__EARLY)
_LATE = int(Parameter.INSTRUCTION__LATE)
_LOAD_LATENCY = int(Parameter.LOAD_STORE__LOAD_LATENCY)
_SLOW = int(Parameter.LOAD_STORE__SLOW_ADDRESS)
_MEMORY = int(Parameter.LOAD_STORE__MEMORY_CYCLES)
_ISSUE = int(Parameter.LOAD_STORE__ISSUE)
_FLOW_LOAD_RETURN = int(ms.Flow.LOAD_RETURN)
_FLOW_LOAD = int(ms.Flow.LOAD)
_FLOW_SLOW_LOAD = int(ms.Flow.SLOW_LOAD)


@njit(cache=True)
def clear(d: Any, key: Any, condition: Any) -> None:
    """A record of an instruction of one cycle that depends on nothing."""
    d.key = key
    for k in range(4):
        d.sources[k] = ms.ALWAYS_READY
        d.advance[k] = 0
    d.source_count = 0
    d.issue = 1
    d.condition = condition
    d.flags = 0
    d.results[0] = ms.NOWHERE
    d.results[1] = ms.NOWHERE
    d.latencies[0] = 0
    d.latencies[1] = 0
    d.writeback = ms.NOWHERE
    d.flow = 0
    d.access = 0
    d.memory = 0
    d.bytes = 0
    d.base = ms.NOWHERE
    d.index = ms.NOWHERE
    d.shift = 0
    d.shift_kind = 0
    d.mode = 0
    d.list = 0
    d.offset = 0
    d.words = 0
    d.busy = 0
    d.special = 0
    d.backward = 0


@njit(cache=True)
def _add(d: Any, place: Any, advance: Any) -> None:
    d.sources[d.source_count] = place
    d.advance[d.source_count] = advance
    d.source_count += 1


@njit(cache=True)
def source(d: Any, register: Any) -> None:
    """A register that is needed in the normal stage."""
    if register != 15:
        _add(d, register, 0)


@njit(cache=True)
def early(s: Any, d: Any, register: Any) -> None:
    """An Early register."""
    if register != 15:
        _add(d, register, s.parameters[_EARLY])


@njit(cache=True)
def accumulator(d: Any, register: Any) -> None:
    """An accumulator that is not marked Late."""
    if register != 15:
        d.index = register
        d.flags |= ms.ACCUMULATES


@njit(cache=True)
def late(s: Any, d: Any, register: Any) -> None:
    """A Late register."""
    if register != 15:
        _add(d, register, -s.parameters[_LATE])


@njit(cache=True)
def address_source(d: Any, register: Any) -> None:
    """A register that an address is made from."""
    if register != 15:
        _add(d, ms.TIMES + register, 0)


@njit(cache=True)
def result(d: Any, which: Any, register: Any, latency: Any) -> None:
    """A register that is written."""
    if register != 15:
        d.results[which] = register
        d.latencies[which] = latency


@njit(cache=True)
def single(s: Any, d: Any, load: Any, register: Any, size: Any, slow: Any) -> None:
    """A load or store of one register; base, index and mode are in the record."""
    extra = s.parameters[_SLOW] if slow else 0
    d.access |= ms.ACCESS_LOAD if load else ms.ACCESS_STORE
    d.bytes = size
    d.issue = s.parameters[_ISSUE] + extra
    d.memory = s.parameters[_MEMORY] + extra
    if slow:
        d.mode |= ms.MODE_SLOW
        source(d, d.base)
    else:
        address_source(d, d.base)
    if d.index != ms.NOWHERE:
        address_source(d, d.index)
    if d.mode & ms.MODE_WRITEBACK:
        d.writeback = d.base if d.base != 15 else ms.NOWHERE
    if not load:
        source(d, register)
    elif register != 15:
        result(d, 0, register, s.parameters[_LOAD_LATENCY] + extra)
    else:
        _load_pc(s, d, slow)


@njit(cache=True)
def _load_pc(s: Any, d: Any, slow: Any) -> None:
    d.access |= ms.ACCESS_PC
    if d.base == 13 and d.mode & ms.MODE_POST and d.index == ms.NOWHERE:
        d.flow = _FLOW_LOAD_RETURN
    else:
        d.flow = _FLOW_SLOW_LOAD if slow else _FLOW_LOAD


@njit(cache=True)
def double(s: Any, d: Any, load: Any, register: Any, slow: Any) -> None:
    """LDRD and STRD."""
    extra = s.parameters[_SLOW] if slow else 0
    second = (register + 1) & 15
    single(s, d, load, ms.NOWHERE if load else register, 8, slow)
    d.access |= ms.ACCESS_DOUBLE
    d.list = 3 << register & 0xFFFF
    d.words = 2
    if load:
        d.results[0] = ms.NOWHERE
        result(d, 0, register, s.parameters[_LOAD_LATENCY] + extra)
        result(d, 1, second, s.parameters[_LOAD_LATENCY] + extra)
    else:
        source(d, second)


@njit(cache=True)
def rotated(word: Any) -> Any:
    """The immediate operand of data processing."""
    value = word & 0xFF
    turn = (word >> 7) & 30
    return ((value >> turn) | (value << (32 - turn))) & 0xFFFF_FFFF


@njit(cache=True)
def count_bits(value: Any) -> Any:
    """Number of ones."""
    count = 0
    while value:
        value &= value - 1
        count += 1
    return count


@njit(cache=True)
def multiple(s: Any, d: Any, load: Any, base: Any, registers: Any) -> None:
    """LDM and STM; the mode is in the record."""
    d.access |= ms.ACCESS_MULTIPLE | (ms.ACCESS_LOAD if load else ms.ACCESS_STORE)
    d.issue = s.parameters[_ISSUE]
    d.base = base
    d.list = registers
    d.words = count_bits(registers)
    address_source(d, base)
    if d.mode & ms.MODE_WRITEBACK and base != 15:
        d.writeback = base
    if load and registers >> 15 & 1:
        d.access |= ms.ACCESS_PC
