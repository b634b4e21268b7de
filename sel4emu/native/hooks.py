# SPDX-License-Identifier: BSD-2-Clause
"""The callbacks that Unicorn runs: instruction, block, TLB fill, interrupt, invalid instruction.

At both levels, events and interrupts are noticed before the first instruction at or after their
cycle. A block that runs often is accounted for at its head (`blocks.py`), and then has no calls of
the instruction hook.

Modelled: at level `off` one cycle for each instruction; at level `full` by `execution.py`.
Not modelled: see there.
"""

from typing import Any, Final

import numpy as np
from numba import carray, cfunc, from_dtype, njit, types

from sel4emu.native import model_state as ms
from sel4emu.native import state as st
from sel4emu.native.alignment import abandon_adjusted, finish_adjusted, wants_check
from sel4emu.native.blocks import (
    KEY_SIZE,
    account,
    block_key,
    find_block,
    may_run,
    new_block,
    restore_bounds,
    unchanged,
    worthwhile,
)
from sel4emu.native.branches import note_block, note_void
from sel4emu.native.exceptions import enter_exception
from sel4emu.native.execution import count_exception, execute
from sel4emu.native.fetch import keep_fetch_page, known_fetch_page
from sel4emu.native.fills import empty_unicorn_tlb, note, recall
from sel4emu.native.intrinsics import load8, load16, load32, store8, uc_emu_stop
from sel4emu.native.linkage import imported
from sel4emu.native.micro_tlb import DATA, INSTRUCTIONS
from sel4emu.native.mmu import PERMIT_EXECUTE, PERMIT_PART, find_region, needed
from sel4emu.native.monitor import monitor_changed
from sel4emu.native.predictor import settle_predicted
from sel4emu.native.profile import note_profile
from sel4emu.native.registers import (
    CPSR,
    MODE_MASK,
    MODE_USR,
    PC,
    PSR_E,
    PSR_F,
    PSR_I,
    PSR_T,
    general_register,
    read_register,
    write_register,
)
from sel4emu.native.special import is_special, is_unprivileged_access, is_vfp, lacks_half
from sel4emu.native.subpages import find as _find

_record = from_dtype(st.STATE)
_state_pointer = types.CPointer(_record)
#: uc_tlb_entry of Unicorn.
FILL_ENTRY: Final = np.dtype([("physical", "i8"), ("permissions", "u4"), ("padding", "u4")])
_entry_pointer = types.CPointer(from_dtype(FILL_ENTRY))

_fill_part = imported("fill_part")
_follow = imported("follow")
_settle = imported("settle")
_analyse = imported("analyse")
_check_alignment = imported("check_alignment")

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
_A_FORGET = int(st.Attention.FORGET)
_A_MONITOR = int(st.Attention.MONITOR)
_A_STEP = int(st.Attention.STEP)
_A_MODE = int(st.Attention.MODE)
_A_ADJUSTED = int(st.Attention.ADJUSTED)
_A_PROFILE = int(st.Attention.PROFILE)
_A_PART_DATA = int(st.Attention.PART_DATA)
_A_PART_CODE = int(st.Attention.PART_CODE)
#: Reasons to look at each instruction of a block.
_A_SINGLE = _A_BREAKPOINT | _A_MONITOR | _A_STEP | _A_PROFILE | _A_PART_CODE

_STOP_EVENT = int(st.Stop.EVENT)
_STOP_INTERRUPT = int(st.Stop.INTERRUPT)
_STOP_REQUEST = int(st.Stop.REQUEST)
_STOP_BREAKPOINT = int(st.Stop.BREAKPOINT)
_STOP_TRAP = int(st.Stop.TRAP)
_STOP_SEMIHOSTING = int(st.Stop.SEMIHOSTING)
_STOP_ALIGNMENT = int(st.Stop.ALIGNMENT)
_STOP_STEP = int(st.Stop.STEP)
_STOP_MONITOR = int(st.Stop.MONITOR)
_STOP_BARE = int(st.Stop.TRANSLATE_BARE)
_STOP_HOOKED = int(st.Stop.TRANSLATE_HOOKED)
_STOP_FORGET = int(st.Stop.FORGET_BLOCKS)
_STOP_UNKNOWN = int(st.Stop.UNKNOWN_EXCEPTION)
_STOP_REFUSED_FETCH = int(st.Stop.REFUSED_FETCH)
_STOP_CHECK_ALIGNMENT = int(st.Stop.CHECK_ALIGNMENT)

_V_SKIP = int(st.Verdict.SKIP)
_V_UNDEFINED = int(st.Verdict.UNDEFINED)
_UNDEFINED = int(st.ExceptionKind.UNDEFINED)
_SVC = int(st.ExceptionKind.SVC)

# Exception numbers that Unicorn hands to the interrupt hook.
_UC_SVC: Final = 2
_UC_DATA_ABORT: Final = 4
_UC_BREAKPOINT: Final = 7

#: Bits that only coprocessor instructions and SVC have set, both.
_COPROCESSOR: Final = 0x0C00_0000

#: A fetch page that no address matches.
NO_PAGE: Final = st.NO_PAGE

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
    if s.attention & _A_PART_DATA:
        s.attention &= ~_A_PART_DATA
        empty_unicorn_tlb(uc, s)
    if s.attention & _A_ADJUSTED:
        finish_adjusted(s)


@njit(cache=True)
def abandon_previous(uc: Any, s: Any) -> None:
    """Undo what was prepared for the instruction before this one, which was refused."""
    if s.attention & _A_ADJUSTED:
        abandon_adjusted(s)
    finish_previous(uc, s)


@njit(cache=True)
def interrupt_enabled(uc: Any, s: Any) -> Any:
    """Whether a raised interrupt line is unmasked now."""
    cpsr = read_register(uc, s, CPSR)
    if s.fiq_line and cpsr & PSR_F == 0:
        return True
    return s.irq_line != 0 and cpsr & PSR_I == 0


@njit(cache=True)
def note_mode(uc: Any, s: Any) -> None:
    """Look whether the processor is in a privileged mode, and in which order its data is."""
    cpsr = read_register(uc, s, CPSR)
    s.privileged = 1 if (cpsr & MODE_MASK) != MODE_USR else 0
    s.big_endian = 1 if cpsr & PSR_E else 0


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
def _fetch_refused(uc: Any, s: Any, address: Any) -> Any:
    """Whether an instruction lies in a subpage that it may not be fetched from."""
    privileged = (read_register(uc, s, CPSR) & MODE_MASK) != MODE_USR
    return _find(s, INSTRUCTIONS, address, _FETCH, privileged) < 0


@njit(cache=True)
def attend(uc: Any, s: Any, address: Any) -> Any:
    """Handle the reasons in `attention`; True if the processor was stopped."""
    finish_previous(uc, s)
    if s.attention & _A_MODE:
        s.attention &= ~_A_MODE
        note_mode(uc, s)
    if s.attention & _A_FORGET:
        s.attention &= ~_A_FORGET
        stop_with(uc, s, _STOP_FORGET)
        return True
    if s.attention & _A_MONITOR and monitor_changed(s):
        stop_with(uc, s, _STOP_MONITOR)
        return True
    if s.attention & _A_REQUEST:
        stop_with(uc, s, _STOP_REQUEST)
        return True
    if s.attention & _A_INTERRUPT and interrupt_enabled(uc, s):
        stop_with(uc, s, _STOP_INTERRUPT)
        return True
    if s.attention & _A_BREAKPOINT and _at_breakpoint(s, address):
        stop_with(uc, s, _STOP_BREAKPOINT)
        return True
    if s.attention & _A_PART_CODE and _fetch_refused(uc, s, address):
        stop_with(uc, s, _STOP_REFUSED_FETCH)
        return True
    if s.attention & _A_STEP and s.instructions >= s.instruction_limit:
        stop_with(uc, s, _STOP_STEP)
        return True
    if s.attention & _A_PROFILE:
        note_profile(s, address)
    return False


@njit(cache=True)
def _is_aligned_multiple(s: Any, word: Any, thumb: Any) -> Any:
    """LDM or STM with an aligned base: the most common case, decided at once."""
    if thumb or word & 0x0E00_0000 != 0x0800_0000 or word >> 28 == 15:
        return False
    return read_register(s.uc, s, general_register((word >> 16) & 15)) & 3 == 0


@njit(cache=True)
def _is_unaligned(s: Any, address: Any, size: Any, word: Any) -> Any:
    """Whether the access of an instruction must not be made, to be looked at in Python."""
    thumb = size == 2 or _is_thumb_pair(s.uc, s, word)
    if not wants_check(s, word, size, thumb) or _is_aligned_multiple(s, word, thumb):
        return False
    if _check_alignment(s.address, address, word & 0xFFFF if thumb else word, thumb) == 0:
        return False
    if s.aligned_at == address:
        s.aligned_at = st.NO_PAGE
        return False
    return True


@njit(cache=True)
def find_fetch_page(s: Any, address: Any) -> None:
    """Remember where the page that holds an instruction lies in host memory."""
    s.attention &= ~_A_PART_CODE
    if s.full and known_fetch_page(s, address):
        return
    s.tlb_attributes[st.TLB_SCRATCH] = 0
    found = _find(s, INSTRUCTIONS, address, _READ, True)
    if found < 0:
        # Executable but not readable for a privileged access does not exist on this core; a
        # translation that is gone since the fetch is looked up again by the next fetch. A subpage
        # is: Unicorn knows the page, and the program has jumped from another one.
        if s.fault_part:
            s.attention |= _A_PART_CODE
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
    s.fetch_physical = physical
    s.fetch_page = address & _PAGE
    if (found >> 32) & PERMIT_PART:
        s.attention |= _A_PART_CODE
        return
    if s.full and s.tlb_attributes[st.TLB_SCRATCH] & st.TLB_VALID:
        keep_fetch_page(s, address)


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
def _enter_undefined(uc: Any, s: Any, address: Any, link: Any) -> None:
    if s.full:
        count_exception(s, address, True)
    enter_exception(uc, s, _UNDEFINED, link)


@njit(cache=True)
def note_special(uc: Any, s: Any, address: Any, word: Any) -> None:
    """Instructions that the machine must know of before they run, and what becomes of them."""
    if is_unprivileged_access(word):
        s.as_user = 1
        s.attention |= _A_AS_USER
        return
    if word & _COPROCESSOR != _COPROCESSOR and not is_special(word):
        return  # it only changes the mode
    _follow(s.address, word)
    if s.verdict == _V_SKIP:
        write_register(uc, s, PC, address + 4)
    elif s.verdict == _V_UNDEFINED:
        _enter_undefined(uc, s, address, address + 4)


@njit(cache=True)
def _is_thumb_pair(uc: Any, s: Any, word: Any) -> Any:
    """Whether a four-byte instruction is Thumb's BL or BLX pair, two instructions on this core."""
    if (word & 0xE800_F800) != 0xE800_F000:
        return False
    return (read_register(uc, s, CPSR) & PSR_T) != 0


@njit(cache=True)
def _count_one(uc: Any, s: Any, address: Any, size: Any, word: Any) -> None:
    """Level `off`."""
    s.issued_at = s.cycles
    s.cycles += 1
    s.instructions += 1
    if size == 4:
        if _is_thumb_pair(uc, s, word):
            s.cycles += 1
            s.instructions += 1
        elif is_special(word) or (s.vfp_closed and is_vfp(word)):
            note_special(uc, s, address, word)
    elif lacks_half(word & 0xFFFF):
        _enter_undefined(uc, s, address, address + 2)


@njit(cache=True)
def _stores_state(word: Any) -> Any:
    """SRS."""
    return word & 0xFE5F_FFE0 == 0xF84D_0500


@njit(cache=True)
def _model_one(uc: Any, s: Any, address: Any, size: Any, word: Any) -> None:
    """Level `full`."""
    if size == 4 and not _is_thumb_pair(uc, s, word):
        place = execute(s, address, np.int64(4), word, False)
        if s.decoded[place].special:
            note_special(uc, s, address, word)
            if word & _COPROCESSOR != _COPROCESSOR and not _stores_state(word):
                s.attention |= _A_MODE
        return
    place = execute(s, address, np.int64(2), word & 0xFFFF, True)
    if size == 4:
        execute(s, address + 2, np.int64(2), word >> 16, True)
    elif lacks_half(word & 0xFFFF):
        _enter_undefined(uc, s, address, address + 2)
    elif s.decoded[place].special:
        s.attention |= _A_MODE


@cfunc(types.void(types.int64, types.int64, types.uint32, _state_pointer), cache=True)
def on_instruction(uc: Any, address: Any, size: Any, pointer: Any) -> None:
    """Called before each instruction of a block that is not accounted for as a whole."""
    s = carray(pointer, 1)[0]
    if s.block_begin <= address < s.block_end:
        return
    if s.pending_flow and not settle_predicted(s, address):
        _settle(s.address, address)
    if s.attention:
        if attend(uc, s, address):
            return
    if s.cycles >= s.next_event:
        stop_with(uc, s, _STOP_EVENT)
        return
    word = instruction_word(s, address)
    if _is_unaligned(s, address, size, word):
        stop_with(uc, s, _STOP_CHECK_ALIGNMENT)
    elif s.full:
        _model_one(uc, s, address, size, word)
    else:
        _count_one(uc, s, address, size, word)


@njit(cache=True)
def _wants_single(s: Any, address: Any, size: Any) -> Any:
    """Whether the instructions of a block have to be looked at one by one."""
    if s.attention & (_A_SINGLE & ~_A_BREAKPOINT):
        return True
    for i in range(np.int64(s.breakpoint_count)):
        if address <= s.breakpoints[i] < address + size:
            return True
    return False


@njit(cache=True)
def _attend_block(uc: Any, s: Any, address: Any, size: Any) -> Any:
    """Handle the reasons in `attention` at a block's head; 1: stopped, 2: take single steps."""
    if _wants_single(s, address, size):
        return 2
    seen = s.attention & _A_BREAKPOINT
    s.attention &= ~_A_BREAKPOINT  # there is none in this block
    stopped = attend(uc, s, address)
    s.attention |= seen
    return 1 if stopped else 0


@njit(cache=True)
def _first_runs(uc: Any, s: Any, place: Any, address: Any, size: Any) -> None:
    """A block that has calls for each instruction: see whether it should lose them."""
    b = s.blocks[place]
    b.runs += 1
    if b.runs < s.hot or s.hook_bounds == 0:
        return
    if not b.ready:
        if s.arena_next + ms.BLOCK_LIMIT > ms.ARENA:
            stop_with(uc, s, _STOP_FORGET)
            return
        _analyse(s.address, place, s.fetch_host + (address & 0xFFF), size)
    if b.runs == s.hot and worthwhile(b):
        s.block_index = place
        stop_with_argument(uc, s, _STOP_BARE, size)


@njit(cache=True)
def _meet_block(uc: Any, s: Any, place: Any, key: Any, address: Any) -> None:
    """A block that has not run before, or whose place another one took."""
    b = s.blocks[place]
    if b.bare and b.generation == s.block_generation:
        stop_with(uc, s, _STOP_FORGET)  # nothing would tell any longer that it has no calls
        return
    thumb = 1 if read_register(uc, s, CPSR) & PSR_T else 0
    new_block(s, place, key, thumb)
    note_void(s, address, key >> KEY_SIZE)


@njit(cache=True)
def _run_bare(uc: Any, s: Any, place: Any, address: Any, size: Any) -> None:
    """A block without calls: account for it now, or have it translated with them again."""
    b = s.blocks[place]
    if s.full == 0 and not worthwhile(b):
        s.block_index = place
        stop_with_argument(uc, s, _STOP_HOOKED, size)
        return
    if may_run(s, b, address) and unchanged(s, b, s.fetch_host + (address & 0xFFF)):
        if s.full:
            account(s, b, address)
        else:
            s.cycles += b.prefix
            s.instructions += b.prefix
        s.block_begin = address
        s.block_end = address + b.prefix_bytes
    else:
        s.block_index = place
        stop_with_argument(uc, s, _STOP_HOOKED, size)


@cfunc(types.void(types.int64, types.int64, types.uint32, _state_pointer), cache=True)
def on_block(uc: Any, address: Any, size: Any, pointer: Any) -> None:
    """Called before each translated block."""
    s = carray(pointer, 1)[0]
    s.block_end = 0
    s.current_block = -1
    if s.bounds_changed:
        restore_bounds(s)
    if s.pending_flow and not settle_predicted(s, address):
        _settle(s.address, address)
    single = 0
    if s.attention:
        single = _attend_block(uc, s, address, np.int64(size))
        if single == 1:
            return
    if (address & _PAGE) != s.fetch_page:
        find_fetch_page(s, address)
        if s.fetch_host == 0:
            note_block(s, address, np.int64(size), 0)
            return
        if s.attention & _A_PART_CODE:
            single = 2
    physical = s.fetch_physical | (address & 0xFFF)
    key = block_key(physical, np.int64(size))
    place = find_block(s, physical, key)
    s.current_block = place
    if s.blocks[place].key != key or s.blocks[place].generation != s.block_generation:
        _meet_block(uc, s, place, key, address)
        note_block(s, address, np.int64(size), s.blocks[place].thumb)
        return
    note_block(s, address, np.int64(size), s.blocks[place].thumb)
    if not s.blocks[place].bare:
        if single == 0:
            _first_runs(uc, s, place, address, np.int64(size))
    elif s.cycles >= s.next_event:
        stop_with(uc, s, _STOP_EVENT)
    elif single:
        s.block_index = place
        stop_with_argument(uc, s, _STOP_HOOKED, np.int64(size))
    else:
        _run_bare(uc, s, place, address, np.int64(size))


@njit(cache=True)
def _part_of(uc: Any, s: Any, page: Any, kind: Any, privileged: Any) -> Any:
    """What may be accessed of a page with subpages by the instruction at PC."""
    pc = np.int64(read_register(uc, s, PC))
    word = np.int64(0) if kind == _FETCH else np.int64(instruction_word(s, pc))
    return _fill_part(s.address, page, kind, privileged, pc, word)


@cfunc(
    types.int32(types.int64, types.int64, types.int32, _entry_pointer, _state_pointer), cache=True
)
def on_tlb_fill(uc: Any, virtual: Any, kind: Any, entry: Any, pointer: Any) -> Any:
    """Translate a page for Unicorn; 0 refuses, and emu_start then returns with an exception."""
    s = carray(pointer, 1)[0]
    s.tlb_fills += 1
    if s.full and kind != _FETCH:
        privileged = s.privileged != 0
    else:
        privileged = (read_register(uc, s, CPSR) & MODE_MASK) != MODE_USR
    if kind != _FETCH and s.as_user:  # the next instruction may be fetched before it is over
        privileged = False
    page = virtual & 0xFFFF_F000
    found = recall(s, page, privileged)
    if (found >> 32) & needed(kind) == 0:
        s.fault_again = 0
        found = _find(s, INSTRUCTIONS if kind == _FETCH else DATA, page, kind, privileged)
        if found >= 0 and (found >> 32) & PERMIT_PART == 0:
            note(s, page, privileged, found)
        elif found >= 0 or s.fault_part:
            found = _part_of(uc, s, page, kind, privileged)
        if found < 0:
            return 0
    permitted = found >> 32
    code_page = s.code_pages + ((found & 0xFFFF_FFFF) >> 12)
    if kind == _FETCH:
        if load8(code_page) == 0:
            store8(code_page, np.int64(1))
            empty_unicorn_tlb(uc, s)  # writable aliases of the page were given out as data
    elif load8(code_page) == 0:
        permitted &= ~PERMIT_EXECUTE
    result = carray(entry, 1)
    result[0].physical = found & 0xFFFF_FFFF
    result[0].permissions = permitted
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
    pc = read_register(uc, s, PC)
    if number == _UC_SVC:
        if s.semihosting and _is_semihosting(uc, s, pc):
            stop_with(uc, s, _STOP_SEMIHOSTING)
        else:
            if s.full:
                count_exception(s, pc, True)
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
    found = _find(s, INSTRUCTIONS, pc, _READ, True)
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
    pc = read_register(uc, s, PC)
    cpsr = read_register(uc, s, CPSR)
    word = instruction_word(s, pc) if cpsr & PSR_T == 0 else np.int64(0)
    if _is_trap(uc, s, pc, cpsr, word):
        stop_with_argument(uc, s, _STOP_TRAP, _udf_number(word))
    else:
        if s.full:
            count_exception(s, pc, True)
        enter_exception(uc, s, _UNDEFINED, pc + (2 if cpsr & PSR_T else 4))
    return 1
