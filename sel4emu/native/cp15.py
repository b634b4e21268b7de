# SPDX-License-Identifier: BSD-2-Clause
"""The system control coprocessor, followed instruction by instruction.

Unicorn executes MRC and MCR itself and offers no hook for them. The instruction hook calls
`follow` just before one runs: a write updates the shadows in the state and the main TLB, and a
read that Unicorn would answer wrongly is corrected just after (through `register_number`).

Modelled: control, translation, domain, FCSE, context ID, TLB maintenance and lockdown registers;
identification registers of the i.MX31's core (r0p4); the cycle counter CCNT with its enable,
reset and divide bits.
Not modelled: the event counters PMN0 and PMN1 (they read 0); caches (maintenance is accepted
and changes nothing); the DMA and TCM registers.
Sources: DDI 0211 chapter 3; register numbers as CRn, CRm, opcode_2.
"""

from typing import Any, Final

from numba import njit

from sel4emu.native import state as st
from sel4emu.native.fills import empty_unicorn_tlb, forget
from sel4emu.native.mmu import SCTLR_A, flush_address, flush_all, flush_asid
from sel4emu.native.registers import (
    CPSR,
    MODE_MASK,
    MODE_USR,
    condition_passed,
    general_register,
    read_register,
)

CACHE_TYPE: Final = 0x1D15_2152
TLB_TYPE: Final = 0x0000_0800
CCNT_ENABLE: Final = 1 << 0
CCNT_RESET: Final = 1 << 2
CCNT_DIVIDE: Final = 1 << 3

_WRITE_REGISTER = int(st.Attention.WRITE_REGISTER)
_ALIGNMENT = int(st.Attention.ALIGNMENT)


@njit(cache=True)
def is_cp15(word: Any) -> Any:
    """Whether a word is MRC or MCR p15 with opcode_1 0, the only one that our registers have."""
    return (word & 0x0FE0_0F10) == 0x0E00_0F10 and (word >> 28) != 15


@njit(cache=True)
def is_read(word: Any) -> Any:
    """Whether it is MRC."""
    return (word >> 20) & 1 == 1


@njit(cache=True)
def _write_translation(s: Any, opcode2: Any, value: Any) -> None:
    if opcode2 == 0:
        s.ttbr0 = value
    elif opcode2 == 1:
        s.ttbr1 = value
    elif opcode2 == 2:
        s.ttbcr = value & 7


@njit(cache=True)
def _maintain_tlb(uc: Any, s: Any, opcode2: Any, value: Any) -> None:
    """c8: separate operations for the instruction and data side act on the unified main TLB.

    Unicorn empties its own TLB too, but by address it drops only 4 KB at that virtual address:
    too little for a larger mapping, and the wrong page under FCSE.
    """
    if opcode2 == 0:
        flush_all(s)
    elif opcode2 == 1:
        flush_address(s, value)
    elif opcode2 == 2:
        flush_asid(s, value & st.TLB_ASID_MASK)
    empty_unicorn_tlb(uc, s)


@njit(cache=True)
def counter_value(s: Any) -> Any:
    """CCNT: counts cycles, or every 64th, while PMNC enables it; else it keeps its value."""
    if s.counter_control & CCNT_ENABLE == 0:
        return s.counter_held
    count = s.cycles - s.counter_base
    if s.counter_control & CCNT_DIVIDE:
        count >>= 6
    return count & 0xFFFF_FFFF


@njit(cache=True)
def _set_counter(s: Any, value: Any) -> None:
    s.counter_held = value
    s.counter_base = s.cycles - (value << 6 if s.counter_control & CCNT_DIVIDE else value)


@njit(cache=True)
def _write_counter(s: Any, crm: Any, opcode2: Any, value: Any) -> None:
    if crm != 12:
        return
    if opcode2 == 0:
        count = 0 if value & CCNT_RESET else counter_value(s)
        s.counter_control = value & 0x0FFF_F8F9
        _set_counter(s, count)
    elif opcode2 == 1:
        _set_counter(s, value)


@njit(cache=True)
def _write_control(s: Any, value: Any) -> None:
    s.sctlr = value
    if value & SCTLR_A:
        s.attention |= _ALIGNMENT
    else:
        s.attention &= ~_ALIGNMENT


@njit(cache=True)
def apply_write(uc: Any, s: Any, word: Any, value: Any) -> None:
    """The effect on the state of writing `value` by the MCR `word`."""
    crn = (word >> 16) & 15
    crm = word & 15
    opcode2 = (word >> 5) & 7
    s.fetch_page = st.NO_PAGE
    if crn == 1 and crm == 0 and opcode2 == 0:
        _write_control(s, value)
        empty_unicorn_tlb(uc, s)
    elif crn == 2 and crm == 0:
        _write_translation(s, opcode2, value)
        if opcode2 == 2:
            empty_unicorn_tlb(uc, s)
    elif crn == 3 and crm == 0:
        s.dacr = value
        empty_unicorn_tlb(uc, s)
    elif crn == 8:
        _maintain_tlb(uc, s, opcode2, value)
    elif crn == 10 and crm == 0 and opcode2 == 0:
        s.tlb_lockdown = value
    elif crn == 13 and crm == 0 and opcode2 == 0:
        s.fcse = value & 0xFE00_0000
        empty_unicorn_tlb(uc, s)
    elif crn == 13 and crm == 0 and opcode2 == 1:
        if s.context_id != value:  # Unicorn empties its TLB exactly then
            forget(s)
        s.context_id = value
    elif crn == 15:
        _write_counter(s, crm, opcode2, value)


@njit(cache=True)
def _monitor_value(s: Any, crm: Any, opcode2: Any) -> Any:
    if crm != 12:
        return -1
    if opcode2 == 0:
        return s.counter_control
    if opcode2 == 1:
        return counter_value(s)
    return 0


@njit(cache=True)
def corrected_read(s: Any, word: Any) -> Any:
    """What the MRC `word` must read where Unicorn's own answer is wrong, or -1."""
    crn = (word >> 16) & 15
    crm = word & 15
    opcode2 = (word >> 5) & 7
    if crn == 0 and crm == 0:
        if opcode2 == 1:
            return CACHE_TYPE
        if opcode2 == 2:
            return 0
        if opcode2 == 3:
            return TLB_TYPE
        return s.midr
    if crn == 10 and crm == 0 and opcode2 == 0:
        return s.tlb_lockdown
    if crn == 15:
        return _monitor_value(s, crm, opcode2)
    return -1


@njit(cache=True)
def needs_correction(s: Any, word: Any) -> Any:
    """Whether the instruction is a read that Unicorn answers wrongly."""
    return is_read(word) and corrected_read(s, word) >= 0


@njit(cache=True)
def follow(uc: Any, s: Any, word: Any) -> None:
    """Follow the MRC or MCR `word`, which is about to be executed."""
    cpsr = read_register(uc, s, CPSR)
    if (cpsr & MODE_MASK) == MODE_USR or not condition_passed(word >> 28, cpsr):
        return
    number = (word >> 12) & 15
    if is_read(word):
        value = corrected_read(s, word)
        if value < 0:
            return
        if number == 15:  # MRC to r15 sets the flags
            s.register_number = CPSR
            s.register_value = (cpsr & 0x0FFF_FFFF) | (value & 0xF000_0000)
        else:
            s.register_number = general_register(number)
            s.register_value = value
        s.attention |= _WRITE_REGISTER
    else:
        apply_write(uc, s, word, read_register(uc, s, general_register(number)))
