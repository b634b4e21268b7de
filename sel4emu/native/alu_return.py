# SPDX-License-Identifier: BSD-2-Clause
"""Data processing with S set that writes PC: a return from an exception, whatever the operation.

Unicorn takes MOVS and SUBS for that and has the others set the flags; the hook does them in its
place.

Modelled: AND, EOR, RSB, ADD, ADC, SBC, RSC, ORR, BIC and MVN with every operand, into PC.
Not modelled: user and system mode, which have no SPSR (UNPREDICTABLE; Unicorn does something).
Source: ARM ARM A4, each with its "Rd is R15" case.
"""

from typing import Any, Final

import numpy as np
from numba import njit

from sel4emu.native.decoding import rotated
from sel4emu.native.execution import shifted
from sel4emu.native.registers import (
    CPSR,
    MODE_MASK,
    MODE_SYS,
    MODE_USR,
    PC,
    PSR_T,
    SPSR,
    general_register,
    read_register,
    write_register,
)

_WORD: Final = 0xFFFF_FFFF
_RSB: Final = 3
_ADD: Final = 4
_ADC: Final = 5
_SBC: Final = 6
_RSC: Final = 7


@njit(cache=True)
def has_spsr(cpsr: Any) -> Any:
    """Whether the mode has an SPSR to return by."""
    mode = cpsr & MODE_MASK
    return mode != MODE_USR and mode != MODE_SYS


@njit(cache=True)
def _value(uc: Any, s: Any, number: Any, ahead: Any) -> Any:
    if number == 15:
        return np.int64(read_register(uc, s, PC)) + ahead & _WORD
    return np.int64(read_register(uc, s, general_register(number)))


@njit(cache=True)
def _turned(value: Any, kind: Any, amount: Any) -> Any:
    """A register shifted by a register, of which the low byte counts."""
    if amount == 0:
        return value
    if kind == 3:
        amount &= 31
        return (value >> amount | value << (32 - amount)) & _WORD
    if amount < 32:
        return shifted(value, kind, amount, np.int64(0))
    return shifted(value, np.int64(2), np.int64(31), np.int64(0)) if kind == 2 else np.int64(0)


@njit(cache=True)
def _operand(uc: Any, s: Any, word: Any, carry: Any) -> Any:
    if (word >> 25) & 1:
        return np.int64(rotated(word))
    kind = (word >> 5) & 3
    if (word >> 4) & 1:
        amount = _value(uc, s, (word >> 8) & 15, np.int64(12)) & 0xFF
        return _turned(_value(uc, s, word & 15, np.int64(12)), kind, amount)
    value = _value(uc, s, word & 15, np.int64(8))
    return value if word & 0xFE0 == 0 else shifted(value, kind, (word >> 7) & 31, carry)


@njit(cache=True)
def _combined(opcode: Any, a: Any, b: Any, carry: Any) -> Any:
    """The result of an operation, by its opcode in bits 24-21."""
    if opcode == 0:
        return a & b
    if opcode == 1:
        return a ^ b
    if opcode == _RSB:
        return b - a
    if opcode == _ADD:
        return a + b
    if opcode == _ADC:
        return a + b + carry
    if opcode == _SBC:
        return a - b - 1 + carry
    if opcode == _RSC:
        return b - a - 1 + carry
    if opcode == 12:
        return a | b
    return a & ~b if opcode == 14 else ~b


@njit(cache=True)
def return_by_alu(uc: Any, s: Any, word: Any) -> None:
    """Do such an instruction at PC, whose condition holds."""
    cpsr = read_register(uc, s, CPSR)
    carry = np.int64((cpsr >> 29) & 1)
    ahead = np.int64(12 if word & 0x0200_0010 == 0x10 else 8)
    first = _value(uc, s, (word >> 16) & 15, ahead)
    second = _operand(uc, s, word, carry)
    target = _combined((word >> 21) & 15, first, second, carry) & _WORD
    status = read_register(uc, s, SPSR)
    write_register(uc, s, CPSR, status)
    if status & PSR_T:
        write_register(uc, s, PC, target | 1)
    else:
        write_register(uc, s, PC, target & ~3)
