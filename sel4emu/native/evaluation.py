# SPDX-License-Identifier: BSD-2-Clause
"""Values of registers inside a block, worked out at its head.

Only what addresses and conditions of the block follow from is worked out: `prepare` says how an
instruction's result follows from registers, `evaluate` does it on the values in `values`.

Modelled: data processing with immediates and with registers shifted by immediates, extensions,
multiplication, unsigned loads that come before any store of the block; in ARM state.
Not modelled: everything else; what depends on it is not known at the head.
"""

from typing import Any, Final

import numpy as np
from numba import njit

from sel4emu.native import model_state as ms
from sel4emu.native.decoding import rotated
from sel4emu.native.execution import shifted

_WORD: Final = 0xFFFF_FFFF
_CARRY: Final = 1 << 29
_OVERFLOW: Final = 1 << 28

# Kinds of evaluation beyond the sixteen opcodes of data processing.
UXTB: Final = 16
UXTH: Final = 17
SXTB: Final = 18
SXTH: Final = 19
MUL: Final = 20
MLA: Final = 21
LOAD: Final = 22

_MOV: Final = 13
_MVN: Final = 15
_LOGICAL: Final = (0, 1, 8, 9, 12, 13, 14, 15)
_USES_CARRY: Final = (5, 6, 7)


@njit(cache=True)
def _prepare_data_processing(entry: Any, word: Any) -> Any:
    """Rm is NOWHERE for an immediate; False where a register gives the amount of a shift."""
    opcode = (word >> 21) & 15
    entry.kind = opcode
    entry.first = ms.NOWHERE if opcode in (_MOV, _MVN) else (word >> 16) & 15
    entry.to = ms.NOWHERE if 8 <= opcode < 12 else (word >> 12) & 15
    entry.second = ms.NOWHERE
    if (word >> 25) & 1:
        entry.constant = rotated(word)
        return entry.to != 15
    if (word >> 4) & 1:
        return False
    entry.second = word & 15
    return entry.to != 15


@njit(cache=True)
def _prepare_extension(entry: Any, word: Any) -> Any:
    if word & 0x0F8F_0FF0 != 0x068F_0070:
        return False
    kind = (word >> 20) & 7
    if kind == 2 or kind == 3:
        entry.kind = SXTB if kind == 2 else SXTH
    elif kind == 6 or kind == 7:
        entry.kind = UXTB if kind == 6 else UXTH
    else:
        return False
    entry.second = word & 15
    entry.to = (word >> 12) & 15
    return True


@njit(cache=True)
def _prepare_multiply(entry: Any, word: Any) -> Any:
    if word & 0x0FD0_00F0 != 0x0000_0090:
        return False
    entry.kind = MLA if (word >> 21) & 1 else MUL
    entry.first = word & 15
    entry.second = (word >> 8) & 15
    entry.third = (word >> 12) & 15 if entry.kind == MLA else ms.NOWHERE
    entry.to = (word >> 16) & 15
    return True


@njit(cache=True)
def prepare(entry: Any, word: Any, thumb: Any) -> Any:
    """Note how an instruction's result follows; False if it is not worked out."""
    entry.first = ms.NOWHERE
    entry.second = ms.NOWHERE
    entry.third = ms.NOWHERE
    entry.to = ms.NOWHERE
    entry.constant = 0
    d = entry.decoded
    if d.access:
        entry.kind = LOAD
        entry.to = d.results[0]
        single = ms.ACCESS_MULTIPLE | ms.ACCESS_DOUBLE | ms.ACCESS_STORE | ms.ACCESS_PRELOAD
        signed = thumb or word & 0x0E00_0040 == 0x0000_0040
        return d.access & single == 0 and not signed
    if thumb or d.flow or word >> 28 == 15:
        return False
    group = (word >> 25) & 7
    if group == 3:
        return _prepare_extension(entry, word)
    if group > 1 or (word & 0x0190_0000) == 0x0100_0000:
        return False
    if group == 0 and word & 0x90 == 0x90:
        return _prepare_multiply(entry, word)
    return _prepare_data_processing(entry, word)


@njit(cache=True)
def uses_carry(entry: Any) -> Any:
    """Whether result or flags depend on the flags before: ADC, SBC, RSC, RRX, and what keeps some.

    Logical operations that set flags keep V, and C unless they shift.
    """
    if entry.kind in _USES_CARRY:
        return True
    if entry.kind in _LOGICAL and entry.decoded.flags & ms.SETS_FLAGS:
        return True
    word = entry.decoded.key
    return entry.kind < UXTB and entry.second != ms.NOWHERE and word & 0xFF0 == 0x060


@njit(cache=True)
def flags_follow(entry: Any) -> Any:
    """Whether all flags that an instruction sets can be worked out, too."""
    if entry.kind > 15:
        return False
    if entry.kind not in _LOGICAL:
        return True
    # The carry of a logical operation comes from the shifter.
    word = entry.decoded.key
    return word & 0xF00 == 0 if (word >> 25) & 1 else word & 0xFF0 == 0


@njit(cache=True)
def _value(s: Any, register: Any, behind: Any) -> Any:
    return behind if register == 15 else s.values[register]


@njit(cache=True)
def _second(s: Any, entry: Any, behind: Any, cpsr: Any) -> Any:
    if entry.second == ms.NOWHERE:
        return entry.constant
    value = _value(s, entry.second, behind)
    word = entry.decoded.key
    if word & 0xFF0 == 0 or entry.kind >= UXTB:
        return value
    return shifted(value, (word >> 5) & 3, (word >> 7) & 31, (cpsr >> 29) & 1)


@njit(cache=True)
def _extended(kind: Any, value: Any) -> Any:
    if kind == UXTB:
        return value & 0xFF
    if kind == UXTH:
        return value & 0xFFFF
    if kind == SXTB:
        return ((value & 0xFF) ^ 0x80) - 0x80
    return ((value & 0xFFFF) ^ 0x8000) - 0x8000


@njit(cache=True)
def _logical(kind: Any, a: Any, b: Any) -> Any:
    if kind == 0 or kind == 8:
        return a & b
    if kind == 1 or kind == 9:
        return a ^ b
    if kind == 12:
        return a | b
    if kind == 13:
        return b
    if kind == 14:
        return a & ~b
    return ~b


@njit(cache=True)
def _sum_flags(a: Any, b: Any, carry: Any) -> Any:
    """C and V of a + b + carry."""
    total = a + b + carry
    flags = _CARRY if total > _WORD else 0
    if ~(a ^ b) & (a ^ total) & 0x8000_0000:
        flags |= _OVERFLOW
    return flags


@njit(cache=True)
def _terms(kind: Any, a: Any, b: Any, carry: Any) -> Any:
    """Two terms and a carry whose sum an arithmetic operation is."""
    if kind == 2 or kind == 10:
        return a, ~b & _WORD, np.int64(1)
    if kind == 3:
        return ~a & _WORD, b, np.int64(1)
    if kind == 4 or kind == 11:
        return a, b, np.int64(0)
    if kind == 5:
        return a, b, carry
    if kind == 6:
        return a, ~b & _WORD, carry
    return ~a & _WORD, b, carry


@njit(cache=True)
def evaluate(s: Any, entry: Any, behind: Any, cpsr: Any) -> Any:
    """Work out an instruction's result; `behind` is what PC reads. The flags after it."""
    kind = entry.kind
    b = _second(s, entry, behind, cpsr)
    if kind >= UXTB:
        if kind < MUL:
            result = _extended(kind, b)
        else:
            result = s.values[entry.first] * b + s.values[entry.third]
        s.values[entry.to] = result & _WORD
        return cpsr
    a = _value(s, entry.first, behind)
    if kind in _LOGICAL:
        result = _logical(kind, a, b)
        flags = cpsr & (_CARRY | _OVERFLOW)
    else:
        x, y, carry = _terms(kind, a, b, np.int64((cpsr >> 29) & 1))
        result = x + y + carry
        flags = np.int64(_sum_flags(x, y, carry))
    result &= _WORD
    if entry.to != ms.NOWHERE:
        s.values[entry.to] = result
    if entry.decoded.flags & ms.SETS_FLAGS == 0:
        return cpsr
    flags |= result & 0x8000_0000
    if result == 0:
        flags |= 1 << 30
    return (cpsr & 0x0FFF_FFFF) | flags
