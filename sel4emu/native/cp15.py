# SPDX-License-Identifier: BSD-2-Clause
"""The system control coprocessor, followed instruction by instruction.

Unicorn executes MRC and MCR itself and offers no hook for them. The instruction hook calls
`follow` just before one runs: a write updates the shadows in the state and the main TLB, and a
read that Unicorn would answer wrongly is corrected just after (through `register_number`).

Modelled: control, translation, domain, FCSE, context ID, TLB maintenance and lockdown registers;
identification registers of the i.MX31's core (r0p4). The counters are in `monitor.py`, what acts
on caches and predictor in `maintenance.py`.
Not modelled: the DMA and TCM registers.
Sources: DDI 0211 chapter 3; register numbers as CRn, CRm, opcode_2.
"""

from typing import Any, Final

import numpy as np
from numba import carray, njit

from sel4emu.native import state as st
from sel4emu.native.decoding import AL
from sel4emu.native.fills import empty_unicorn_tlb, forget
from sel4emu.native.linkage import exported, imported
from sel4emu.native.mmu import SCTLR_A, flush_address, flush_all, flush_asid
from sel4emu.native.monitor import read_monitor, write_monitor
from sel4emu.native.registers import (
    CPSR,
    MODE_MASK,
    MODE_USR,
    condition_passed,
    general_register,
    read_register,
)
from sel4emu.native.special import user_may

CACHE_TYPE: Final = 0x1D15_2152
TLB_TYPE: Final = 0x0000_0800

_maintain = imported("maintain")
_maintain_block = imported("maintain_block")

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
    if crn not in (7, 15):
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
    elif crn == 15 and crm == 12:
        write_monitor(s, opcode2, value)
    if s.full:
        _maintain(s.address, crn, crm, opcode2, value)


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
    if crn == 9 and crm == 0:
        if opcode2 == 0:
            return s.dcache_lockdown
        if opcode2 == 1:
            return s.icache_lockdown
    if crn == 10 and crm == 0 and opcode2 == 0:
        return s.tlb_lockdown
    if crn == 15:
        return read_monitor(s, opcode2) if crm == 12 else -1
    return -1


@njit(cache=True)
def _follow_block_operation(uc: Any, s: Any, word: Any) -> None:
    cpsr = read_register(uc, s, CPSR)
    if s.full == 0 or not condition_passed(word >> 28, cpsr):
        return
    if (cpsr & MODE_MASK) == MODE_USR and not user_may(word):
        return
    last = np.int64(read_register(uc, s, general_register((word >> 12) & 15)))
    first = np.int64(read_register(uc, s, general_register((word >> 16) & 15)))
    _maintain_block(s.address, word & 15, first, last)


@njit(cache=True)
def _follow(uc: Any, s: Any, word: Any) -> None:
    cpsr = np.int64(0)
    if s.full and word >> 28 == AL and not is_read(word):
        user = s.privileged == 0
    else:
        cpsr = np.int64(read_register(uc, s, CPSR))
        if not condition_passed(word >> 28, cpsr):
            return
        user = (cpsr & MODE_MASK) == MODE_USR
    if user and not user_may(word):
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


@exported("follow")
def on_follow(state: Any, word: Any) -> None:
    """Follow the MRC, MCR or MCRR `word`, which is about to be executed."""
    s = carray(state, 1)[0]
    if is_cp15(word):
        _follow(s.uc, s, word)
    else:
        _follow_block_operation(s.uc, s, word)
