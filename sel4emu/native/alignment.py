# SPDX-License-Identifier: BSD-2-Clause
"""Alignment of data accesses: what faults, and what ARMv5 did instead (SCTLR.A and SCTLR.U).

A set: every access must be aligned. U set: multiples, doublewords, exclusives, SWP and the VFP's
accesses must be at words. Both clear: the low bits of the address are ignored, and a word that
is loaded alone is rotated.

Modelled: the table of DDI 0211 section 4.4, ARM and Thumb. The last case is run by Unicorn with
the base register made aligned, and put right behind it.
Not modelled: that case where the base is PC, is an index too, or is itself stored (UNPREDICTABLE
or not done by compilers); bit 2 of an LDRD's address is not ignored.
"""

from typing import Any, Final

import numpy as np
from numba import carray, njit

from sel4emu.native import model_state as ms
from sel4emu.native import state as st
from sel4emu.native.decoding import AL
from sel4emu.native.execution import decoded_place, reach, vfp_is_off
from sel4emu.native.linkage import exported
from sel4emu.native.mmu import SCTLR_A, SCTLR_U
from sel4emu.native.registers import (
    CPSR,
    MODE_MASK,
    MODE_USR,
    condition_passed,
    general_register,
    read_register,
    write_register,
)
from sel4emu.native.special import vfp_denied

_ADJUSTED = int(st.Attention.ADJUSTED)
_PC: Final = 15

PLAIN: Final = 0
FAULT: Final = 1


@njit(cache=True)
def must_be_words(word: Any) -> Any:
    """Candidates among ARM words of what SCTLR.U alone confines to words."""
    group = (word >> 25) & 7
    if group == 0:
        kind = word & 0x0100_00F0
        return kind == 0x0100_0090 or word & 0x0010_00D0 == 0x0000_00D0
    return group == 4 or (group == 6 and word & 0x0E00 == 0x0A00)


@njit(cache=True)
def may_access(word: Any) -> Any:
    """Candidates among ARM words of accesses of any kind."""
    group = (word >> 25) & 7
    if group == 0:
        return word & 0x90 == 0x90
    return group in (2, 3, 4) or (group == 6 and word & 0x0E00 == 0x0A00)


@njit(cache=True)
def half_must_be_words(half: Any) -> Any:
    """LDMIA, STMIA, PUSH and POP."""
    return half >> 12 == 12 or half & 0xF600 == 0xB400


@njit(cache=True)
def half_may_access(half: Any) -> Any:
    """Thumb accesses of any kind."""
    return 4 <= half >> 12 <= 9 or half_must_be_words(half)


@njit(cache=True)
def wants_check(s: Any, word: Any, size: Any, thumb: Any) -> Any:
    """Whether `check_alignment` has to look at an instruction."""
    if thumb:
        half = word & 0xFFFF
        if size != 2:
            return False
        return half_may_access(half) if s.strict else half_must_be_words(half)
    return may_access(word) if s.strict else must_be_words(word)


@njit(cache=True)
def is_checked(s: Any, d: Any) -> Any:
    """Whether it matters if an access is aligned."""
    if d.access == 0 or d.access & ms.ACCESS_PRELOAD or d.bytes == 1:
        return False
    return s.strict != 0 or d.mode & ms.MODE_UNALIGNED == 0


@njit(cache=True)
def low_bits(s: Any, d: Any) -> Any:
    """Mask of the address bits that must be clear for a checked access."""
    if d.access & ms.ACCESS_DOUBLE and s.sctlr & SCTLR_U == 0 and s.sctlr & SCTLR_A:
        return 7
    exclusive = d.mode & ms.MODE_UNALIGNED == 0 and d.access & ms.ACCESS_DOUBLE == 0
    if d.bytes == 8 and exclusive and d.access & ms.ACCESS_VFP == 0:
        return 7  # LDREXD and STREXD
    return 1 if d.bytes == 2 else 3


@njit(cache=True)
def _adjust(s: Any, d: Any, low: Any) -> None:
    """Make the base aligned for the time of the instruction."""
    if d.base >= _PC or d.index == d.base or d.mode & ms.MODE_BANKED:
        return
    number = general_register(d.base)
    base = read_register(s.uc, s, number)
    write_register(s.uc, s, number, (base - low) & 0xFFFF_FFFF)
    s.adjusted_base = d.base
    s.adjusted_by = low
    multiple = d.access & (ms.ACCESS_MULTIPLE | ms.ACCESS_DOUBLE)
    loads = d.access & ms.ACCESS_LOAD != 0
    listed = (d.list >> d.base) & 1 if multiple else d.results[0] == d.base
    s.adjusted_keeps = 0 if loads and listed else 1
    word = loads and not multiple and d.bytes == 4 and d.access & ms.ACCESS_VFP == 0
    rotates = word and (d.mode & ms.MODE_UNALIGNED or d.access & ms.ACCESS_STORE)  # not LDREX
    s.adjusted_load = d.results[0] if rotates and d.results[0] < _PC else _PC
    s.attention |= _ADJUSTED


@njit(cache=True)
def _restore_base(s: Any) -> None:
    number = general_register(s.adjusted_base)
    base = read_register(s.uc, s, number)
    write_register(s.uc, s, number, (base + s.adjusted_by) & 0xFFFF_FFFF)


@njit(cache=True)
def abandon_adjusted(s: Any) -> None:
    """The adjusted access was refused."""
    s.attention &= ~_ADJUSTED
    _restore_base(s)


@njit(cache=True)
def finish_adjusted(s: Any) -> None:
    """The adjusted access was made: rotate what it loaded."""
    s.attention &= ~_ADJUSTED
    if s.adjusted_keeps:
        _restore_base(s)
    if s.adjusted_load < _PC:
        number = general_register(s.adjusted_load)
        value = np.int64(read_register(s.uc, s, number))
        turn = 8 * s.adjusted_by
        write_register(s.uc, s, number, (value >> turn | value << (32 - turn)) & 0xFFFF_FFFF)


@njit(cache=True)
def _is_undefined(s: Any, d: Any, word: Any) -> Any:
    """Whether a VFP instruction never comes to its access."""
    privileged = read_register(s.uc, s, CPSR) & MODE_MASK != MODE_USR
    return vfp_denied(s, word, privileged) or vfp_is_off(s, d)


@exported("check_alignment")
def on_check_alignment(state: Any, address: Any, word: Any, thumb: Any) -> Any:
    """FAULT if the access of the instruction at `address` must not be made, else PLAIN."""
    s = carray(state, 1)[0]
    d = s.decoded[decoded_place(s, word, thumb != 0)]
    if not is_checked(s, d):
        return PLAIN
    first = reach(s, d, address)
    low = (s.part if d.access & ms.ACCESS_MULTIPLE else first) & low_bits(s, d)
    if low == 0:
        return PLAIN
    if d.condition != AL and not condition_passed(d.condition, read_register(s.uc, s, CPSR)):
        return PLAIN
    if d.flags & ms.IS_VFP and _is_undefined(s, d, word):
        return PLAIN
    if s.sctlr & (SCTLR_A | SCTLR_U):
        return FAULT
    _adjust(s, d, low)
    return PLAIN
