# SPDX-License-Identifier: BSD-2-Clause
"""The callbacks that Unicorn runs: instruction, block, TLB fill, interrupt, invalid instruction.

Modelled: one cycle for each instruction (the `count` level), events and interrupts noticed before
the first instruction at or after their cycle. At level `off` the block hook counts instead, and
events are noticed at the next block.
Not modelled: what an instruction costs.
"""

from typing import Any, Final

import numpy as np
from numba import carray, cfunc, from_dtype, njit, types

from sel4emu.native import state as st
from sel4emu.native.cp15 import apply_write, follow, is_cp15, needs_correction
from sel4emu.native.exceptions import enter_exception
from sel4emu.native.fills import note, recall
from sel4emu.native.intrinsics import load16, load32, store8, uc_emu_stop
from sel4emu.native.mmu import SCTLR_A, SCTLR_U, find_region, needed, translate
from sel4emu.native.registers import (
    CPSR,
    MODE_MASK,
    MODE_USR,
    PC,
    PSR_F,
    PSR_I,
    PSR_T,
    condition_passed,
    general_register,
    read_register,
    write_register,
)

_record = from_dtype(st.STATE)
_state_pointer = types.CPointer(_record)
#: uc_tlb_entry of Unicorn.
FILL_ENTRY: Final = np.dtype([("physical", "i8"), ("permissions", "u4"), ("padding", "u4")])
_entry_pointer = types.CPointer(from_dtype(FILL_ENTRY))

_FETCH = int(st.FaultKind.FETCH)
_DEVICE = int(st.RegionKind.DEVICE)
_READ = int(st.FaultKind.READ)
_ROM = int(st.RegionKind.ROM)
_PAGE = 0xFFFF_F000

_A_INTERRUPT = int(st.Attention.INTERRUPT)
_A_REQUEST = int(st.Attention.REQUEST)
_A_BREAKPOINT = int(st.Attention.BREAKPOINT)
_A_WRITE_REGISTER = int(st.Attention.WRITE_REGISTER)
_A_AS_USER = int(st.Attention.AS_USER)
_A_ALIGNMENT = int(st.Attention.ALIGNMENT)

_STOP_EVENT = int(st.Stop.EVENT)
_STOP_INTERRUPT = int(st.Stop.INTERRUPT)
_STOP_REQUEST = int(st.Stop.REQUEST)
_STOP_BREAKPOINT = int(st.Stop.BREAKPOINT)
_STOP_TRAP = int(st.Stop.TRAP)
_STOP_SEMIHOSTING = int(st.Stop.SEMIHOSTING)
_STOP_ALIGNMENT = int(st.Stop.ALIGNMENT)
_STOP_STEP_BLOCK = int(st.Stop.STEP_BLOCK)
_STOP_UNKNOWN = int(st.Stop.UNKNOWN_EXCEPTION)
_STOP_CHECK_ALIGNMENT = int(st.Stop.CHECK_ALIGNMENT)

_UNDEFINED = int(st.ExceptionKind.UNDEFINED)
_SVC = int(st.ExceptionKind.SVC)

# Exception numbers that Unicorn hands to the interrupt hook.
_UC_SVC: Final = 2
_UC_DATA_ABORT: Final = 4
_UC_BREAKPOINT: Final = 7

#: Undefined instructions in place of the boot ROM: first vector, and every word behind them.
ROM_TRAP_FIRST: Final = 0xFF00
ROM_TRAP_OTHER: Final = 0xFF08

SEMIHOSTING_ARM: Final = 0x12_3456
SEMIHOSTING_THUMB: Final = 0xAB


@njit(cache=True)
def stop_with(uc: Any, s: Any, reason: Any) -> None:
    """Leave emu_start before the instruction at hand."""
    s.stop = reason
    uc_emu_stop(uc)


@njit(cache=True)
def stop_with_argument(uc: Any, s: Any, reason: Any, argument: Any) -> None:
    """Likewise, and say more."""
    s.stop_argument = argument
    stop_with(uc, s, reason)


@njit(cache=True)
def finish_previous(uc: Any, s: Any) -> None:
    """Complete what the instruction before this one left open."""
    if s.attention & _A_WRITE_REGISTER:
        s.attention &= ~_A_WRITE_REGISTER
        write_register(uc, s, s.register_number, s.register_value)
    if s.attention & _A_AS_USER:
        s.attention &= ~_A_AS_USER
        s.as_user = 0


@njit(cache=True)
def interrupt_enabled(uc: Any, s: Any) -> Any:
    """Whether a raised interrupt line is unmasked now."""
    cpsr = read_register(uc, s, CPSR)
    if s.fiq_line and cpsr & PSR_F == 0:
        return True
    return s.irq_line != 0 and cpsr & PSR_I == 0


@njit(cache=True)
def _at_breakpoint(s: Any, address: Any) -> Any:
    skip = s.skip_breakpoint
    s.skip_breakpoint = 0
    if skip and address == s.resume_at:
        return False
    for i in range(np.int64(s.breakpoint_count)):
        if s.breakpoints[i] == address:
            s.resume_at = address
            return True
    return False


@njit(cache=True)
def attend(uc: Any, s: Any, address: Any) -> Any:
    """Handle the reasons in `attention`; True if the processor was stopped."""
    finish_previous(uc, s)
    if s.attention & _A_REQUEST:
        stop_with(uc, s, _STOP_REQUEST)
        return True
    if s.attention & _A_INTERRUPT and interrupt_enabled(uc, s):
        stop_with(uc, s, _STOP_INTERRUPT)
        return True
    if s.attention & _A_BREAKPOINT and _at_breakpoint(s, address):
        stop_with(uc, s, _STOP_BREAKPOINT)
        return True
    return False


@njit(cache=True)
def _must_check_alignment(uc: Any, s: Any, address: Any) -> Any:
    """SCTLR.A: whether a memory access at `address` is still to be checked (in Python)."""
    if s.aligned_at == address:
        s.aligned_at = st.NO_PAGE
        return False
    word = instruction_word(s, address)
    if read_register(uc, s, CPSR) & PSR_T:
        kind = (word >> 12) & 15
        return 5 <= kind <= 9 or kind == 11 or kind == 12
    kind = (word >> 25) & 7
    return kind in (2, 3, 4, 6) or (kind == 0 and word & 0x90 == 0x90)


@njit(cache=True)
def _needs_words(word: Any) -> Any:
    """Whether this is LDM, STM, LDRD or STRD, which SCTLR.U alone confines to words."""
    if (word & 0x0E00_0000) == 0x0800_0000:
        return True
    return (word & 0x0E10_00D0) == 0x0000_00D0


@njit(cache=True)
def _low_address(uc: Any, s: Any, word: Any) -> Any:
    """The low two bits of the first address that such an instruction accesses."""
    base = read_register(uc, s, general_register((word >> 16) & 15))
    if word & 0x0E00_0000 or word & 0x0100_0000 == 0:  # multiples step by words; post-indexed
        return base & 3
    if word & 0x0040_0000:
        offset = word & 3
    else:
        offset = read_register(uc, s, general_register(word & 15))
    return (base + offset if word & 0x0080_0000 else base - offset) & 3


@njit(cache=True)
def _is_unaligned(uc: Any, s: Any, address: Any, word: Any) -> Any:
    """SCTLR.U: whether words are needed and the address is none, to be looked at in Python.

    With U clear the low bits of the address are ignored, as Unicorn never does (ARM ARM A2.7.4).
    With A set every access has been looked at already.
    """
    if word >> 28 == 15 or s.sctlr & (SCTLR_A | SCTLR_U) != SCTLR_U:
        return False
    if _low_address(uc, s, word) == 0:
        return False
    if s.aligned_at == address:
        s.aligned_at = st.NO_PAGE
        return False
    return read_register(uc, s, CPSR) & PSR_T == 0


@njit(cache=True)
def find_fetch_page(s: Any, address: Any) -> None:
    """Remember where the page that holds an instruction lies in host memory."""
    found = translate(s, address, _READ, True)
    if found < 0:
        # Executable but not readable for a privileged access does not exist on this core; a
        # translation that is gone since the fetch is looked up again by the next fetch.
        s.fetch_page = st.NO_PAGE
        s.fetch_host = 0
        return
    physical = found & 0xFFFF_FFFF
    i = find_region(s, physical)
    if i < 0 or s.region_kind[i] == _DEVICE:  # nothing can be fetched there, or looked at
        s.fetch_page = st.NO_PAGE
        s.fetch_host = 0
        return
    s.fetch_host = s.region_host[i] + (physical - s.region_base[i])
    s.fetch_page = address & _PAGE


@njit(cache=True)
def instruction_word(s: Any, address: Any) -> Any:
    """The word at an instruction address that was just fetched, or 0 where it has gone.

    A Thumb instruction is in the low half.
    """
    if (address & _PAGE) != s.fetch_page:
        find_fetch_page(s, address)
        if s.fetch_host == 0:
            return np.int64(0)
    if address & 0xFFF > 0xFFC:  # the last Thumb instruction of a page
        return np.int64(load16(s.fetch_host + (address & 0xFFF)))
    return np.int64(load32(s.fetch_host + (address & 0xFFF)))


@njit(cache=True)
def is_unprivileged_access(word: Any) -> Any:
    """LDRT, STRT, LDRBT and STRBT (a register offset with bit 4 set is a media instruction)."""
    if (word & 0x0D20_0000) != 0x0420_0000 or (word >> 28) == 15:
        return False
    return (word & 0x0200_0010) != 0x0200_0010


@njit(cache=True)
def note_special(uc: Any, s: Any, word: Any) -> None:
    """Instructions that the machine must know of before they run."""
    if is_cp15(word):
        follow(uc, s, word)
    elif is_unprivileged_access(word):
        s.as_user = 1
        s.attention |= _A_AS_USER


@njit(cache=True)
def _is_special(word: Any) -> Any:
    return (word & 0x0F00_0F10) == 0x0E00_0F10 or (word & 0x0D20_0000) == 0x0420_0000


@njit(cache=True)
def _is_thumb_pair(uc: Any, s: Any, word: Any) -> Any:
    """Whether a four-byte instruction is Thumb's BL or BLX pair, two instructions on this core."""
    if (word & 0xE800_F800) != 0xE800_F000:
        return False
    return (read_register(uc, s, CPSR) & PSR_T) != 0


@cfunc(types.void(types.int64, types.int64, types.uint32, _state_pointer), cache=True)
def on_instruction(uc: Any, address: Any, size: Any, pointer: Any) -> None:
    """Level `count`: called before each instruction."""
    s = carray(pointer, 1)[0]
    if s.attention:
        if attend(uc, s, address):
            return
        if s.attention & _A_ALIGNMENT and _must_check_alignment(uc, s, address):
            stop_with(uc, s, _STOP_CHECK_ALIGNMENT)
            return
    if s.cycles >= s.next_event:
        stop_with(uc, s, _STOP_EVENT)
        return
    if size == 4:
        if (address & _PAGE) == s.fetch_page:
            word = np.int64(load32(s.fetch_host + (address & 0xFFF)))
        else:
            word = instruction_word(s, address)
        if _is_special(word):
            note_special(uc, s, word)
        elif _needs_words(word) and _is_unaligned(uc, s, address, word):
            stop_with(uc, s, _STOP_CHECK_ALIGNMENT)
            return
        elif _is_thumb_pair(uc, s, word):
            s.cycles += 1
            s.instructions += 1
    s.cycles += 1
    s.instructions += 1


@njit(cache=True)
def _apply_pending(uc: Any, s: Any) -> None:
    """Level `off`: the effect of the MCR that ended the block before this one."""
    word = np.int64(s.pending_mcr)
    if word == 0:
        return
    s.pending_mcr = 0
    if condition_passed(word >> 28, read_register(uc, s, CPSR)):
        apply_write(uc, s, word, read_register(uc, s, general_register((word >> 12) & 15)))


@njit(cache=True)
def _scan_block(uc: Any, s: Any, address: Any, size: Any) -> Any:
    """Level `off`: find CP15 accesses in a block; False if it must be run step by step.

    So must one with LDRT or STRT, whose permissions are those of user mode.
    Unicorn ends a block behind an MCR that changes translation, so that one is last.
    """
    end = address + size
    while address < end:
        word = instruction_word(s, address)
        address += 4
        if is_unprivileged_access(word):
            return False
        if not is_cp15(word):
            continue
        if needs_correction(s, word):
            return False
        if word & 0x0010_0000 == 0 and (word >> 16) & 15 != 7:
            if address != end:
                return False
            s.pending_mcr = word
    return True


@njit(cache=True)
def _needs_steps(s: Any, address: Any, length: Any) -> Any:
    """Level `off`: whether alignment is checked, or a breakpoint lies inside the block."""
    if s.attention & _A_ALIGNMENT:
        return True
    for i in range(np.int64(s.breakpoint_count)):
        if address < s.breakpoints[i] < address + length:
            return True
    return False


@cfunc(types.void(types.int64, types.int64, types.uint32, _state_pointer), cache=True)
def on_block(uc: Any, address: Any, size: Any, pointer: Any) -> None:
    """Level `off`: called before each translated block."""
    s = carray(pointer, 1)[0]
    if s.stepping:
        return
    _apply_pending(uc, s)
    if s.attention and attend(uc, s, address):
        return
    if s.cycles >= s.next_event:
        stop_with(uc, s, _STOP_EVENT)
        return
    cpsr = read_register(uc, s, CPSR)
    length = np.int64(size)
    if s.attention and _needs_steps(s, address, length):
        stop_with_argument(uc, s, _STOP_STEP_BLOCK, length)
        return
    if cpsr & PSR_T:
        length >>= 1
    else:
        if (cpsr & MODE_MASK) != MODE_USR and not _scan_block(uc, s, address, length):
            stop_with_argument(uc, s, _STOP_STEP_BLOCK, length)
            return
        length >>= 2
    s.cycles += length
    s.instructions += length


@cfunc(
    types.int32(types.int64, types.int64, types.int32, _entry_pointer, _state_pointer), cache=True
)
def on_tlb_fill(uc: Any, virtual: Any, kind: Any, entry: Any, pointer: Any) -> Any:
    """Translate a page for Unicorn; 0 refuses, and emu_start then returns with an exception."""
    s = carray(pointer, 1)[0]
    if kind == _FETCH:
        _apply_pending(uc, s)
    s.tlb_fills += 1
    privileged = (read_register(uc, s, CPSR) & MODE_MASK) != MODE_USR
    if kind != _FETCH and s.as_user:  # the next instruction may be fetched before it is over
        privileged = False
    page = virtual & 0xFFFF_F000
    found = recall(s, page, privileged)
    if (found >> 32) & needed(kind) == 0:
        found = translate(s, page, np.int64(kind), privileged)
        if found < 0:
            return 0
        note(s, page, privileged, found)
    if kind == _FETCH:
        store8(s.code_pages + ((found & 0xFFFF_FFFF) >> 12), np.int64(1))
    result = carray(entry, 1)
    result[0].physical = found & 0xFFFF_FFFF
    result[0].permissions = found >> 32
    return 1


@njit(cache=True)
def _is_semihosting(uc: Any, s: Any, pc: Any) -> Any:
    if read_register(uc, s, CPSR) & PSR_T:
        return instruction_word(s, pc - 2) & 0xFFFF == 0xDF00 | SEMIHOSTING_THUMB
    return instruction_word(s, pc - 4) & 0xFF_FFFF == SEMIHOSTING_ARM


@cfunc(types.void(types.int64, types.uint32, _state_pointer), cache=True)
def on_interrupt(uc: Any, number: Any, pointer: Any) -> None:
    """SVC, BKPT and alignment faults, as Unicorn reports them."""
    s = carray(pointer, 1)[0]
    finish_previous(uc, s)
    s.pending_mcr = 0
    pc = read_register(uc, s, PC)
    if number == _UC_SVC:
        if s.semihosting and _is_semihosting(uc, s, pc):
            stop_with(uc, s, _STOP_SEMIHOSTING)
        else:
            enter_exception(uc, s, _SVC, pc)
    elif number == _UC_DATA_ABORT:
        s.fault_kind = _READ
        stop_with(uc, s, _STOP_ALIGNMENT)
    elif number == _UC_BREAKPOINT:
        s.fault_kind = _FETCH
        stop_with(uc, s, _STOP_ALIGNMENT)
    else:
        stop_with_argument(uc, s, _STOP_UNKNOWN, number)


@njit(cache=True)
def _udf_number(word: Any) -> Any:
    return ((word >> 4) & 0xFFF0) | (word & 15)


@njit(cache=True)
def _in_rom(s: Any, pc: Any) -> Any:
    found = translate(s, pc, _READ, True)
    if found < 0:
        return False
    region = find_region(s, found & 0xFFFF_FFFF)
    return region >= 0 and s.region_kind[region] == _ROM


@njit(cache=True)
def _is_trap(uc: Any, s: Any, pc: Any, cpsr: Any, word: Any) -> Any:
    if (cpsr & MODE_MASK) == MODE_USR or cpsr & PSR_T or (word & 0xFFF0_00F0) != 0xE7F0_00F0:
        return False
    if s.trap_low <= pc < s.trap_high:
        return True
    return _udf_number(word) >= ROM_TRAP_FIRST and _in_rom(s, pc)


@cfunc(types.uint8(types.int64, _state_pointer), cache=True)
def on_invalid(uc: Any, pointer: Any) -> Any:
    """Undefined instructions: a trap of the registered range stops, any other is taken."""
    s = carray(pointer, 1)[0]
    finish_previous(uc, s)
    s.pending_mcr = 0
    pc = read_register(uc, s, PC)
    cpsr = read_register(uc, s, CPSR)
    word = instruction_word(s, pc) if cpsr & PSR_T == 0 else np.int64(0)
    if _is_trap(uc, s, pc, cpsr, word):
        stop_with_argument(uc, s, _STOP_TRAP, _udf_number(word))
    else:
        enter_exception(uc, s, _UNDEFINED, pc + (2 if cpsr & PSR_T else 4))
    return 1
