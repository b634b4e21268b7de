# SPDX-License-Identifier: BSD-2-Clause
"""The system control coprocessor, followed instruction by instruction.

Unicorn executes MRC and MCR itself and offers no hook for them. The instruction hook calls
`follow` just before one runs: a write updates the shadows in the state and the main TLB, and a
read that Unicorn would answer wrongly is corrected just after (through `register_number`). Where
Unicorn would do something else than the core, the `verdict` is to skip or to refuse.

Modelled: identification of both revisions, control, translation, domain, FCSE, context and thread
ID, lockdown and TLB maintenance registers, cache dirty status. TCM regions read as absent, and
the registers of c15 but the counters as 0. The counters are in `monitor.py`, what acts on caches
and predictor in `maintenance.py`, coprocessor 14 in `cp14.py`.
Not modelled: the DMA registers of c11 (undefined; there is no TCM to copy to), big-endian words
(SCTLR.B) in instruction fetches, TEX remapping and the access flag of r1p3 (their registers and
bits only store).
Sources: DDI 0211 chapter 3; register numbers as CRn, CRm, opcode_2.
"""

from typing import Any, Final

import numpy as np
from numba import carray, njit

from sel4emu.native import state as st
from sel4emu.native.alu_return import has_spsr, return_by_alu
from sel4emu.native.cp14 import follow_debug, is_cp14
from sel4emu.native.decoding import AL, rotated
from sel4emu.native.fills import empty_unicorn_tlb, forget
from sel4emu.native.linkage import exported, imported
from sel4emu.native.mmu import SCTLR_A, SCTLR_U, flush_address, flush_all, flush_asid
from sel4emu.native.monitor import read_monitor, write_monitor
from sel4emu.native.registers import (
    CPSR,
    MODE_MASK,
    MODE_USR,
    PSR_USER,
    answer_coprocessor,
    condition_passed,
    general_register,
    read_register,
    write_register,
)
from sel4emu.native.special import (
    CPACR_VFP,
    is_alu_return,
    is_block_operation,
    is_hint,
    is_status_write,
    is_vfp,
    lacks,
    user_may,
    vfp_denied,
)

CACHE_TYPE: Final = 0x1D15_2152
TLB_TYPE: Final = 0x0000_0800
#: c0, c1 and c0, c2 of r1p3, in order; r0p4 answers with its MIDR.
FEATURES: Final = (
    0x111, 0x1, 0x2, 0x3, 0x0113_0003, 0x1003_0302, 0x0122_2110, 0,
    0x0014_0011, 0x1200_2111, 0x1123_1111, 0x0110_2131, 0x141, 0, 0, 0,
)  # fmt: skip
#: What SCTLR reads whatever was written, and what a write changes (TRE and AFE on r1p3 only).
SCTLR_ONES: Final = 0x0005_0078
SCTLR_WRITABLE: Final = 0x03E0_FB87
SCTLR_REMAP: Final = 0x3000_0000
#: Victim and P of the TLB lockdown register; the other bits read as zero.
_LOCKDOWN_BITS: Final = 7 << 26 | 1

#: Bits of CPACR that the manual leaves open; other models of the core read them as 1, too.
CPACR_ONES: Final = 0xC000_0000

_maintain = imported("maintain")
_maintain_block = imported("maintain_block")

_FORGET = int(st.Attention.FORGET)
_UNDEFINED = int(st.Verdict.UNDEFINED)
_SKIP = int(st.Verdict.SKIP)
_DONE = int(st.Verdict.DONE)
_cache_is_dirty = imported("cache_is_dirty")


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
def _write_control(s: Any, opcode2: Any, value: Any) -> None:
    """c1: SCTLR, ACTLR and CPACR.

    What is strict and closed decides at level `off` which blocks have calls. Those without would
    go on unseen.
    """
    before = s.strict | s.vfp_closed << 1
    if opcode2 == 0:
        writable = SCTLR_WRITABLE | SCTLR_REMAP if s.v6k else SCTLR_WRITABLE
        s.sctlr = value & writable | SCTLR_ONES
        s.strict = 1 if value & SCTLR_A or value & SCTLR_U == 0 else 0
    elif opcode2 == 1:
        s.actlr = value
    elif opcode2 == 2:
        s.cpacr = value & CPACR_VFP
        s.vfp_closed = 1 if value & CPACR_VFP != CPACR_VFP else 0
    if s.full == 0 and s.strict | s.vfp_closed << 1 != before:
        s.attention |= _FORGET


@njit(cache=True)
def _write_lockdown(s: Any, opcode2: Any, value: Any) -> None:
    """c9: which ways of the caches are not allocated."""
    if opcode2 == 0:
        s.dcache_lockdown = value
    elif opcode2 == 1:
        s.icache_lockdown = value


@njit(cache=True)
def apply_write(uc: Any, s: Any, word: Any, value: Any) -> None:
    """The effect on the state of writing `value` by the MCR `word`."""
    crn = (word >> 16) & 15
    crm = word & 15
    opcode2 = (word >> 5) & 7
    if crn not in (7, 15):
        s.fetch_page = st.NO_PAGE
    if crn == 1 and crm == 0:
        _write_control(s, opcode2, value)
        if opcode2 == 0:
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
    elif crn == 9 and crm == 0:
        _write_lockdown(s, opcode2, value)
    elif crn == 10 and crm == 0 and opcode2 == 0:
        s.tlb_lockdown = value & _LOCKDOWN_BITS
    elif crn == 10 and crm == 2 and opcode2 < 2:
        s.remap[opcode2] = value
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
def _read_identification(s: Any, crm: Any, opcode2: Any) -> Any:
    """c0."""
    if crm == 0 and opcode2 == 1:
        return np.int64(CACHE_TYPE)
    if crm == 0 and opcode2 == 2:
        return np.int64(0)
    if crm == 0 and opcode2 == 3:
        return np.int64(TLB_TYPE)
    if s.v6k and crm > 0:
        return np.int64(FEATURES[8 * (crm - 1) + opcode2]) if crm < 3 else np.int64(0)
    return np.int64(s.midr)


@njit(cache=True)
def _read_control(s: Any, opcode2: Any) -> Any:
    """c1."""
    if opcode2 == 0:
        return np.int64(s.sctlr)
    if opcode2 == 1:
        return np.int64(s.actlr)
    return np.int64(s.cpacr) | CPACR_ONES if opcode2 == 2 else np.int64(-1)


@njit(cache=True)
def corrected_read(s: Any, word: Any) -> Any:
    """What the MRC `word` must read where Unicorn's own answer is wrong, or -1."""
    crn = (word >> 16) & 15
    crm = word & 15
    opcode2 = (word >> 5) & 7
    if crn == 0:
        return _read_identification(s, crm, opcode2)
    if crn == 1 and crm == 0:
        return _read_control(s, opcode2)
    if crn == 7 and crm == 10 and opcode2 == 6:
        return np.int64(_cache_is_dirty(s.address)) if s.full else np.int64(0)
    if crn == 9 and crm == 0:
        if opcode2 == 0:
            return np.int64(s.dcache_lockdown)
        if opcode2 == 1:
            return np.int64(s.icache_lockdown)
    if crn == 9 and crm == 1:
        return np.int64(0)
    if crn == 10 and crm == 0 and opcode2 == 0:
        return np.int64(s.tlb_lockdown)
    if crn == 10 and crm == 2 and opcode2 < 2:
        return np.int64(s.remap[opcode2])
    if crn == 15:
        return read_monitor(s, opcode2) if crm == 12 else np.int64(-1)
    return np.int64(-1)


@njit(cache=True)
def _judge(s: Any, word: Any) -> None:
    """The verdict on an access that user mode may make, or a privileged one."""
    crn = (word >> 16) & 15
    crm = word & 15
    opcode2 = (word >> 5) & 7
    if crn == 10 and crm == 2 and s.v6k == 0:
        s.verdict = _UNDEFINED
    elif (crn == 9 and crm == 1 and opcode2 < 2) or (
        crn == 7 and crm == 12 and opcode2 == 5 and not is_read(word)
    ):
        s.verdict = _SKIP


@njit(cache=True)
def _follow_block_operation(uc: Any, s: Any, word: Any) -> None:
    cpsr = read_register(uc, s, CPSR)
    if s.full == 0 or word & 0xF0 or not condition_passed(word >> 28, cpsr):
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
    _judge(s, word)
    if s.verdict == _UNDEFINED:
        return
    number = (word >> 12) & 15
    if is_read(word):
        value = corrected_read(s, word)
        if value >= 0:
            answer_coprocessor(s, number, value, cpsr)
    else:
        apply_write(uc, s, word, read_register(uc, s, general_register(number)))


@njit(cache=True)
def _follow_hint(s: Any, word: Any) -> None:
    """YIELD and WFE do nothing here; WFI came with the v6K extensions."""
    waits = word & 3 == 3 and s.v6k
    if not waits and condition_passed(word >> 28, read_register(s.uc, s, CPSR)):
        s.verdict = _SKIP


@njit(cache=True)
def _follow_status_write(uc: Any, s: Any, word: Any) -> None:
    """MSR in user mode, in Unicorn's place."""
    cpsr = np.int64(read_register(uc, s, CPSR))
    if (cpsr & MODE_MASK) != MODE_USR or not condition_passed(word >> 28, cpsr):
        return
    if (word >> 25) & 1:
        value = np.int64(rotated(word))
    else:
        value = np.int64(read_register(uc, s, general_register(word & 15)))
    mask = np.int64(0)
    for field in range(4):
        if (word >> (16 + field)) & 1:
            mask |= 0xFF << (8 * field)
    mask &= PSR_USER
    write_register(uc, s, CPSR, (cpsr & ~mask) | (value & mask))
    s.verdict = _SKIP


@njit(cache=True)
def _follow_alu_return(uc: Any, s: Any, word: Any) -> None:
    cpsr = read_register(uc, s, CPSR)
    if has_spsr(cpsr) and condition_passed(word >> 28, cpsr):
        return_by_alu(uc, s, word)
        s.verdict = _DONE


@exported("follow")
def on_follow(state: Any, word: Any) -> None:
    """Follow an instruction of `special.py` which is about to be executed; sets `verdict`."""
    s = carray(state, 1)[0]
    s.verdict = 0
    if is_cp15(word):
        _follow(s.uc, s, word)
    elif is_block_operation(word):
        _follow_block_operation(s.uc, s, word)
    elif is_cp14(word):
        follow_debug(s.uc, s, word)
    elif is_hint(word):
        _follow_hint(s, word)
    elif is_status_write(word):
        _follow_status_write(s.uc, s, word)
    elif is_alu_return(word):
        _follow_alu_return(s.uc, s, word)
    elif lacks(s, word):
        if condition_passed(word >> 28, read_register(s.uc, s, CPSR)):
            s.verdict = _UNDEFINED
    elif is_vfp(word):
        cpsr = read_register(s.uc, s, CPSR)
        privileged = (cpsr & MODE_MASK) != MODE_USR
        if vfp_denied(s, word, privileged) and condition_passed(word >> 28, cpsr):
            s.verdict = _UNDEFINED
