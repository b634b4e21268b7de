# SPDX-License-Identifier: BSD-2-Clause
"""Decodes Thumb instructions: they cost what their ARM equivalents do.

Modelled: every instruction of ARMv6 Thumb. The two halves of BL and BLX are instructions of their
own; the second is the call.
Not modelled: Thumb-2, which this core lacks.
"""

from typing import Any, Final

from numba import carray, njit

from sel4emu.native import model_state as ms
from sel4emu.native.decoding import (
    AL,
    clear,
    early,
    multiple,
    result,
    single,
    source,
)
from sel4emu.native.linkage import exported
from sel4emu.native.parameters import Parameter
from sel4emu.native.special import lacks_half

_ALU = int(Parameter.INSTRUCTION__ALU_ISSUE)
_ALU_LATENCY = int(Parameter.INSTRUCTION__ALU_LATENCY)
_SHIFT = int(Parameter.INSTRUCTION__ALU_SHIFT_REGISTER_ISSUE)
_SHIFT_LATENCY = int(Parameter.INSTRUCTION__ALU_SHIFT_REGISTER_LATENCY)
_MULTIPLY_FLAGS = int(Parameter.INSTRUCTION__MULTIPLY_FLAGS_ISSUE)
_MULTIPLY_LATENCY = int(Parameter.INSTRUCTION__MULTIPLY_LATENCY)
_CPS = int(Parameter.INSTRUCTION__CPS_ISSUE)
_SETEND = int(Parameter.INSTRUCTION__SETEND_ISSUE)

_BRANCH = int(ms.Flow.BRANCH)
_CALL = int(ms.Flow.CALL)
_RETURN = int(ms.Flow.RETURN)
_REGISTER = int(ms.Flow.REGISTER)
_REGISTER_CALL = int(ms.Flow.REGISTER_CALL)
_LOAD_RETURN = int(ms.Flow.LOAD_RETURN)
_FLOW_ALU = int(ms.Flow.ALU)

#: Operations of the register form that write no register: TST, CMP, CMN.
_COMPARES: Final = (8, 10, 11)
_SHIFTS: Final = (2, 3, 4, 7)


@njit(cache=True)
def _alu(s: Any, d: Any, to: Any) -> None:
    d.issue = s.parameters[_ALU]
    d.flags |= ms.SETS_FLAGS
    result(d, 0, to, s.parameters[_ALU_LATENCY])


@njit(cache=True)
def _shift_or_add(s: Any, d: Any, half: Any) -> None:
    """Bits 15-13 are 000."""
    kind = (half >> 11) & 3
    rs = (half >> 3) & 7
    if kind == 3:
        source(d, rs)
        if (half >> 10) & 1 == 0:
            source(d, (half >> 6) & 7)
    elif kind == 0 and (half >> 6) & 31 == 0:
        source(d, rs)
    else:
        early(s, d, rs)
    _alu(s, d, half & 7)


@njit(cache=True)
def _immediate(s: Any, d: Any, half: Any) -> None:
    """MOV, CMP, ADD, SUB of eight bits."""
    kind = (half >> 11) & 3
    register = (half >> 8) & 7
    if kind != 0:
        source(d, register)
    _alu(s, d, 15 if kind == 1 else register)


@njit(cache=True)
def _register(s: Any, d: Any, half: Any) -> None:
    """Data processing of two low registers."""
    kind = (half >> 6) & 15
    rs = (half >> 3) & 7
    rd = half & 7
    if kind in _SHIFTS:
        source(d, rd)
        early(s, d, rs)
        d.issue = s.parameters[_SHIFT]
        d.flags |= ms.SETS_FLAGS
        result(d, 0, rd, s.parameters[_SHIFT_LATENCY])
        return
    if kind == 13:
        early(s, d, rd)
        early(s, d, rs)
        d.issue = s.parameters[_MULTIPLY_FLAGS]
        d.flags |= ms.SETS_FLAGS | ms.MULTIPLIES
        result(d, 0, rd, s.parameters[_MULTIPLY_LATENCY])
        return
    source(d, rs)
    if kind not in (9, 15):
        source(d, rd)
    _alu(s, d, 15 if kind in _COMPARES else rd)


@njit(cache=True)
def _high(s: Any, d: Any, half: Any) -> None:
    """ADD, CMP, MOV of any register, BX and BLX."""
    kind = (half >> 8) & 3
    rm = (half >> 3) & 15
    rd = (half & 7) | ((half >> 4) & 8)
    source(d, rm)
    if kind == 3:
        if (half >> 7) & 1:
            d.flow = _REGISTER_CALL
        else:
            d.flow = _RETURN if rm == 14 else _REGISTER
        return
    if kind != 2:
        source(d, rd)
    d.issue = s.parameters[_ALU]
    if kind == 1:
        d.flags |= ms.SETS_FLAGS
        return
    result(d, 0, rd, s.parameters[_ALU_LATENCY])
    if rd == 15:
        d.flow = _RETURN if kind == 2 and rm == 14 else _FLOW_ALU


@njit(cache=True)
def _load_store_register(s: Any, d: Any, half: Any) -> None:
    kind = (half >> 9) & 7
    d.base = (half >> 3) & 7
    d.index = (half >> 6) & 7
    size = 4
    if kind in (1, 5, 7):
        size = 2
    elif kind in (2, 3, 6):
        size = 1
    if size > 1:
        d.mode |= ms.MODE_UNALIGNED
    single(s, d, kind >= 3, half & 7, size, False)


@njit(cache=True)
def _load_store_offset(s: Any, d: Any, half: Any, size: Any) -> None:
    d.base = (half >> 3) & 7
    d.offset = ((half >> 6) & 31) * size
    if size > 1:
        d.mode |= ms.MODE_UNALIGNED
    single(s, d, (half >> 11) & 1 == 1, half & 7, size, False)


@njit(cache=True)
def _load_store_far(s: Any, d: Any, half: Any, base: Any) -> None:
    """Relative to PC or SP."""
    d.base = base
    d.offset = (half & 0xFF) * 4
    d.mode |= ms.MODE_UNALIGNED
    load = base == 15 or (half >> 11) & 1 == 1
    single(s, d, load, (half >> 8) & 7, 4, False)


@njit(cache=True)
def _push_pop(s: Any, d: Any, half: Any) -> None:
    registers = half & 0xFF
    load = (half >> 11) & 1
    d.mode |= ms.MODE_WRITEBACK
    if load:
        if (half >> 8) & 1:
            registers |= 1 << 15
            d.flow = _LOAD_RETURN
    else:
        d.mode |= ms.MODE_DOWN | ms.MODE_BEFORE
        if (half >> 8) & 1:
            registers |= 1 << 14
    multiple(s, d, load == 1, 13, registers)


@njit(cache=True)
def _miscellaneous(s: Any, d: Any, half: Any) -> None:
    """Bits 15-12 are 1011."""
    kind = (half >> 8) & 15
    if kind == 0:
        source(d, 13)
        d.issue = s.parameters[_ALU]
        result(d, 0, 13, s.parameters[_ALU_LATENCY])
    elif kind == 2:
        source(d, (half >> 3) & 7)
        d.issue = s.parameters[_ALU]
        result(d, 0, half & 7, s.parameters[_ALU_LATENCY])
    elif kind in (4, 5, 12, 13):
        _push_pop(s, d, half)
    elif kind == 6:
        d.issue = s.parameters[_CPS] if half & 0x20 else s.parameters[_SETEND]
        d.special = 1
    elif kind == 10 and (half >> 6) & 3 != 2:
        source(d, (half >> 3) & 7)
        d.issue = s.parameters[_ALU]
        result(d, 0, half & 7, s.parameters[_ALU_LATENCY])
    else:
        d.special = 1


@njit(cache=True)
def _multiple(s: Any, d: Any, half: Any) -> None:
    base = (half >> 8) & 7
    load = (half >> 11) & 1 == 1
    if not load or (half >> base) & 1 == 0:
        d.mode |= ms.MODE_WRITEBACK
    multiple(s, d, load, base, half & 0xFF)


@njit(cache=True)
def _memory(s: Any, d: Any, half: Any) -> None:
    """Bits 15-12 are 0101 to 1001, and 0100 with bit 11."""
    group = half >> 12
    if group == 4:
        _load_store_far(s, d, half, 15)
    elif group == 5:
        _load_store_register(s, d, half)
    elif group == 6:
        _load_store_offset(s, d, half, 4)
    elif group == 7:
        _load_store_offset(s, d, half, 1)
    elif group == 8:
        _load_store_offset(s, d, half, 2)
    else:
        _load_store_far(s, d, half, 13)


@njit(cache=True)
def _branches(d: Any, half: Any) -> None:
    """Bits 15-12 are 1101 to 1111."""
    group = half >> 12
    if group == 13:
        condition = (half >> 8) & 15
        if condition < 14:
            d.condition = condition
            d.flow = _BRANCH
            d.backward = (half >> 7) & 1
        else:
            d.special = 1
    elif group == 14 and (half >> 11) & 1 == 0:
        d.flow = _BRANCH
        d.backward = (half >> 10) & 1
    elif (half >> 11) & 3 != 2:
        d.flow = _CALL  # the sign of the offset is in the first half


@exported("decode_thumb")
def on_decode_thumb(state: Any, place: Any, half: Any) -> None:
    """Fill in record `place` for a Thumb instruction (16 bits)."""
    s = carray(state, 1)[0]
    d = s.decoded[place]
    clear(d, half | 3 << 32, AL)
    group = half >> 12
    if lacks_half(half):
        d.special = 1
    elif group < 2:
        _shift_or_add(s, d, half)
    elif group < 4:
        _immediate(s, d, half)
    elif group == 4 and (half >> 10) & 3 == 0:
        _register(s, d, half)
    elif group == 4 and (half >> 10) & 3 == 1:
        _high(s, d, half)
    elif group < 10:
        _memory(s, d, half)
    elif group == 10:
        if (half >> 11) & 1:
            source(d, 13)
        d.issue = s.parameters[_ALU]
        result(d, 0, (half >> 8) & 7, s.parameters[_ALU_LATENCY])
    elif group == 11:
        _miscellaneous(s, d, half)
    elif group == 12:
        _multiple(s, d, half)
    else:
        _branches(d, half)
