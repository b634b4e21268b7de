# SPDX-License-Identifier: BSD-2-Clause
"""One instruction at a time: decode, look at registers and flags, and hand it to the model.

Modelled: everything of rules 2 to 5, from the state just before the instruction runs.
Not modelled: SRS with write-back to a bank that the mode cannot reach.
"""

from typing import Any

import numpy as np
from numba import njit
from unicorn import arm_const

from sel4emu.native import model_state as ms
from sel4emu.native.decoding import AL
from sel4emu.native.fetch import fetch, restart_translation
from sel4emu.native.linkage import imported
from sel4emu.native.mmu import SCTLR_EE
from sel4emu.native.parameters import Parameter
from sel4emu.native.pipeline import fail, finish, issue, leave, memory
from sel4emu.native.registers import (
    CPSR,
    MODE_MASK,
    SP,
    condition_passed,
    general_register,
    read_register,
    write_register,
)
from sel4emu.native.special import user_may, vfp_denied

_ENTRY = int(Parameter.EXCEPTION__ENTRY)
_INTERRUPT_ENTRY = int(Parameter.EXCEPTION__INTERRUPT_ENTRY)
_CAUSE_SYSTEM = int(ms.Cause.SYSTEM)
_CALL = int(ms.Flow.CALL)
_RETURN = int(ms.Flow.RETURN)
_REGISTER_CALL = int(ms.Flow.REGISTER_CALL)
_BRANCH = int(ms.Flow.BRANCH)
_REGISTER = int(ms.Flow.REGISTER)
_EXCEPTION_RETURN = int(ms.Flow.EXCEPTION_RETURN)

_decode_arm = imported("decode_arm")
_decode_thumb = imported("decode_thumb")
_settle = imported("settle")
_find_page = imported("find_page")

_FPEXC: int = arm_const.UC_ARM_REG_FPEXC
_FPEXC_ENABLE = 1 << 30
_WORD = 0xFFFF_FFFF


@njit(cache=True)
def decoded_place(s: Any, word: Any, thumb: Any) -> Any:
    """Place of an instruction's record, decoded if it was not there."""
    key = word | (np.int64(3) if thumb else np.int64(2)) << 32
    place = ((word * 0x9E3779B1) >> 15) & (ms.DECODED_ENTRIES - 1)
    if s.decoded[place].key != key:
        if thumb:
            _decode_thumb(s.address, place, word)
        else:
            _decode_arm(s.address, place, word)
    return place


@njit(cache=True)
def shifted(value: Any, kind: Any, amount: Any, carry: Any) -> Any:
    """A register offset, shifted by an immediate (ARM ARM A5.2)."""
    if kind == 0:
        return (value << amount) & _WORD
    if kind == 1:
        return value >> amount if amount else np.int64(0)
    if kind == 2:
        signed = value - (1 << 32) if value >> 31 else value
        return (signed >> (amount or 31)) & _WORD
    if amount == 0:
        return value >> 1 | carry << 31
    return (value >> amount | value << (32 - amount)) & _WORD


@njit(cache=True)
def _read(s: Any, d: Any, register: Any, address: Any) -> Any:
    if register == 15:
        return (address + 4) & ~3 if (d.key >> 32) & 1 else address + 8
    return np.int64(read_register(s.uc, s, general_register(register)))


@njit(cache=True)
def _banked_stack(s: Any, mode: Any) -> Any:
    """The stack pointer of another mode (SRS)."""
    cpsr = read_register(s.uc, s, CPSR)
    if cpsr & MODE_MASK == mode:
        return np.int64(read_register(s.uc, s, SP))
    write_register(s.uc, s, CPSR, (cpsr & ~MODE_MASK) | mode)
    value = np.int64(read_register(s.uc, s, SP))
    write_register(s.uc, s, CPSR, cpsr)
    return value


@njit(cache=True, forceinline=True)
def first_address(d: Any, base: Any) -> Any:
    """Lowest address of a multiple."""
    before = d.mode & ms.MODE_BEFORE != 0
    if d.mode & ms.MODE_DOWN:
        base -= 4 * d.words
        if not before:
            base += 4
    elif before:
        base += 4
    return base & 0xFFFF_FFFC


@njit(cache=True)
def _offset(s: Any, d: Any, address: Any) -> Any:
    if d.index == ms.NOWHERE:
        return np.int64(d.offset)
    value = _read(s, d, d.index, address)
    if d.shift == 0 and d.shift_kind == 0:
        return value
    carry = np.int64(0)
    if d.shift_kind == 3:
        carry = np.int64(read_register(s.uc, s, CPSR) >> 29 & 1)
    return shifted(value, d.shift_kind, d.shift, carry)


@njit(cache=True)
def reach(s: Any, d: Any, address: Any) -> Any:
    """Lowest address of the access of the instruction at `address`.

    Base or offset, for its alignment, are left in `part`.
    """
    if d.mode & ms.MODE_BANKED:
        base = _banked_stack(s, d.key & MODE_MASK)
    else:
        base = _read(s, d, d.base, address)
    s.part = base
    if d.access & ms.ACCESS_MULTIPLE:
        return first_address(d, base)
    offset = _offset(s, d, address)
    s.part |= offset
    if d.mode & ms.MODE_POST:
        return base
    return (base - offset if d.mode & ms.MODE_DOWN else base + offset) & _WORD


@njit(cache=True)
def _access(s: Any, d: Any, t: Any, address: Any) -> Any:
    privileged = s.privileged != 0 and d.access & ms.ACCESS_USER == 0
    size = np.int64(d.bytes)
    if d.access & ms.ACCESS_MULTIPLE:
        size = np.int64(4 * d.words)
        if d.words == 0:
            s.issued_at = t
            return t + d.issue
    place = reach(s, d, address)
    return memory(s, d, t, place, size, np.int64(s.part), privileged)


@njit(cache=True)
def vfp_is_off(s: Any, d: Any) -> Any:
    """A VFP instruction while the unit is off, other than to a system register."""
    word = d.key & _WORD
    system = word & 0x0FE0_0010 == 0x0EE0_0010
    if system and s.privileged:
        return False
    return read_register(s.uc, s, _FPEXC) & _FPEXC_ENABLE == 0


@njit(cache=True)
def _is_refused(s: Any, d: Any) -> Any:
    """A coprocessor instruction that is undefined in the state at hand."""
    word = d.key & _WORD
    if (d.key >> 32) & 1:
        return False
    if d.flags & ms.IS_VFP:
        return vfp_denied(s, word, s.privileged) or vfp_is_off(s, d)
    if s.privileged or word & 0x0C00_0F00 != 0x0C00_0F00:
        return False
    return word >> 28 != 15 and not user_may(word)


@njit(cache=True)
def perform(s: Any, d: Any, address: Any, size: Any, passed: Any) -> Any:
    """Account for an instruction that has been fetched; the new T."""
    if not passed:
        after = fail(s, d, s.cycles)
        if d.flow in (_RETURN, _REGISTER, _REGISTER_CALL) and d.flags & ms.MOVES_PC == 0:
            return leave(s, d, address, size, s.issued_at, False)
        return after
    t = issue(s, d, s.cycles)
    s.aborted = 0
    if d.access:
        after = _access(s, d, t, address)
    else:
        s.issued_at = t
        after = finish(s, d, t)
    if d.flow and s.aborted == 0:
        if d.flow == _EXCEPTION_RETURN:
            restart_translation(s)
        return leave(s, d, address, size, s.issued_at, True)
    return after


@njit(cache=True, forceinline=True)
def perform_at(s: Any, d: Any, now: Any, address: Any) -> Any:
    """Account for an access to a known, aligned address; the new T."""
    size = np.int64(4 * d.words) if d.access & ms.ACCESS_MULTIPLE else np.int64(d.bytes)
    return memory(s, d, issue(s, d, now), address, size, np.int64(0), s.privileged != 0)


@njit(cache=True)
def passes(s: Any, d: Any) -> Any:
    """Whether an instruction executes; branches with an offset need not be known."""
    if d.condition == AL or d.flow == _BRANCH:
        return True
    if d.flow == _CALL:
        return True
    return condition_passed(d.condition, read_register(s.uc, s, CPSR))


@njit(cache=True, forceinline=True)
def begin(s: Any) -> None:
    """What every instruction does to the bookkeeping of folding."""
    s.hit_before = s.hit_last
    s.hit_last = 0


@njit(cache=True)
def execute(s: Any, address: Any, size: Any, word: Any, thumb: Any) -> Any:
    """Rules 2 to 4 for the instruction at hand; returns the place of its record."""
    begin(s)
    fetch(s, address)
    place = decoded_place(s, word, thumb)
    d = s.decoded[place]
    if d.special and _is_refused(s, d):
        s.issued_at = s.cycles
        s.cycles += 1
    else:
        s.cycles = perform(s, d, address, size, passes(s, d))
    if thumb and word >> 11 == 30:
        s.thumb_backward = (word >> 10) & 1
    elif thumb and d.flow == _CALL:
        s.pending_backward = s.thumb_backward
    s.last_next = address + size
    s.instructions += 1
    return place


@njit(cache=True)
def settle_at(s: Any, address: Any) -> None:
    """Execution goes on at `address`."""
    if s.pending_flow:
        _settle(s.address, address)


@njit(cache=True)
def _enter(s: Any, cost: Any) -> None:
    """The processor goes to a vector."""
    s.causes[_CAUSE_SYSTEM] += cost
    s.cycles += cost
    s.hit_last = 0
    s.privileged = 1
    s.big_endian = 1 if s.sctlr & SCTLR_EE else 0
    restart_translation(s)


@njit(cache=True)
def count_exception(s: Any, address: Any, executed: Any) -> None:
    """An exception is entered that an executed instruction raised, or the fetch at `address`."""
    settle_at(s, address)
    _enter(s, s.parameters[_ENTRY] - (1 if executed else 0))


@njit(cache=True)
def count_interrupt(s: Any, address: Any) -> None:
    """IRQ or FIQ is taken before the instruction at `address`."""
    settle_at(s, address)
    _enter(s, s.parameters[_INTERRUPT_ENTRY])


@njit(cache=True)
def count_refused_fetch(s: Any, address: Any) -> None:
    """Fetch of `address` was refused: its page was looked up."""
    settle_at(s, address)
    _find_page(s.address, address)
    count_exception(s, address, False)
