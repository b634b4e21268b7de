# SPDX-License-Identifier: BSD-2-Clause
"""The processor: Unicorn's ARM1136 with our hooks, and its registers by name.

Modelled: an ARM1136 of revision r0p4, as on the i.MX31, or r1p3, which has the v6K extensions;
every mode with its banked registers, exception entry, coprocessors 14 and 15 (`sel4emu.native`).
Not modelled: Jazelle (present, but trivial). What an instruction costs is in `sel4emu.native`.
"""

import ctypes
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from unicorn import (
    UC_ARCH_ARM,
    UC_CTL_IO_WRITE,
    UC_CTL_TB_FLUSH,
    UC_CTL_TB_REMOVE_CACHE,
    UC_ERR_OK,
    UC_HOOK_BLOCK,
    UC_HOOK_CODE,
    UC_HOOK_INSN_INVALID,
    UC_HOOK_INTR,
    UC_HOOK_TLB_FILL,
    UC_MODE_ARM,
    UC_TLB_VIRTUAL,
    Uc,
    UcError,
    arm_const,
)
from unicorn.unicorn_py3.unicorn import uclib

from sel4emu.native import calls, hooks
from sel4emu.native import model_state as ms
from sel4emu.native import registers as reg
from sel4emu.native.blocks import NEVER as NEVER_BARE
from sel4emu.native.branches import CUT, EXCEPTION, SIZE_MASK, SIZE_SHIFT, VECTOR
from sel4emu.native.parameters import Parameter
from sel4emu.native.state import (
    CODE_PAGES,
    FILLS,
    Attention,
    ExceptionKind,
    StateArray,
    new_state,
)
from sel4emu.revision import DEFAULT_REVISION, Revision, find_revision
from sel4emu.timing import TIMING_LEVELS

MODES: Final = {
    "usr": reg.MODE_USR,
    "fiq": reg.MODE_FIQ,
    "irq": reg.MODE_IRQ,
    "svc": reg.MODE_SVC,
    "abt": reg.MODE_ABT,
    "und": reg.MODE_UND,
    "sys": reg.MODE_SYS,
}
PAGE_BYTES: Final = 4096
#: Return stack, dynamic and static prediction on.
ACTLR_RESET: Final = 7
#: PRRR and NMRR: remapping that changes nothing.
_REMAP_RESET: Final = (0x0009_8AA4, 0x44E0_48E0)
#: Runs after which a block is translated without calls of the instruction hook.
HOT: Final = 32
_NEVER_HOT: Final = (1 << 31) - 1

_PIPELINE_SECTIONS: Final = ("instruction", "load_store", "branch", "vfp", "exception")
#: Bounds of a hook on every address (the first beyond the last), made to be found again.
_EVERYWHERE: Final = 0x5E14_E111_0C5E_14E1
_NOWHERE: Final = 1 << 62
_HOOK_WORDS: Final = 8

_NUMBERS: Final = {
    **{f"r{n}": reg.R0 + n for n in range(13)},
    "r13": reg.SP,
    "r14": reg.LR,
    "r15": reg.PC,
    "sp": reg.SP,
    "lr": reg.LR,
    "pc": reg.PC,
    "cpsr": reg.CPSR,
    "spsr": reg.SPSR,
}
#: For `Processor.read`: what the mode at hand sees, and what each mode has of its own.
GENERAL: Final = (*(f"r{n}" for n in range(16)), "cpsr")
BANKED: Final = {
    "usr": ("sp", "lr"),
    "svc": ("sp", "lr", "spsr"),
    "abt": ("sp", "lr", "spsr"),
    "und": ("sp", "lr", "spsr"),
    "irq": ("sp", "lr", "spsr"),
    "fiq": ("r8", "r9", "r10", "r11", "r12", "sp", "lr", "spsr"),
}
_WITH_MODE: Final = ("r8", "r9", "r10", "r11", "r12", "r13", "r14", "sp", "lr", "spsr")


class Processor:
    """One ARM1136 core; its physical memory is mapped by `sel4emu.bus`."""

    def __init__(
        self, timing: str, parameters: Sequence[int], revision: str = DEFAULT_REVISION
    ) -> None:
        assert timing in TIMING_LEVELS, timing
        self.timing = timing
        self.state: StateArray = new_state()
        self._address = int(self.state.ctypes.data)
        self._trail = self.state["trail"][0]
        self._trail_count = self.state["trail_count"]
        self._reset_model(parameters)
        self._fills = np.zeros(FILLS, np.int64)
        self.state[0]["fills"] = self._fills.ctypes.data
        self.state[0]["fill_generation"] = 1
        self._code_pages = np.zeros(CODE_PAGES, np.uint8)
        self.state[0]["code_pages"] = self._code_pages.ctypes.data
        #: By physical page: whether the guest has fetched code from it.
        self.code_pages: memoryview = self._code_pages.data
        self.uc = Uc(UC_ARCH_ARM, UC_MODE_ARM)
        self.uc.ctl_set_cpu_model(arm_const.UC_CPU_ARM_1136)
        self.uc.ctl_set_page_size(PAGE_BYTES)
        self.uc.ctl_set_tlb_mode(UC_TLB_VIRTUAL)
        # Without this, Unicorn fetches the page of the `until` address through the MMU.
        self.uc.ctl_exits_enabled(True)
        self.uc.ctl_set_exits([])
        self._handle = self.uc._uch
        self._handle_value = int(self._handle.value)
        self.state[0]["uc"] = self._handle_value
        self._install_hooks()
        self._reset_system(find_revision(revision))

    def _reset_system(self, revision: Revision) -> None:
        """CP15 after reset: no unaligned access is plain, and nobody may use the VFP."""
        record = self.state[0]
        record["midr"] = revision.midr
        record["v6k"] = revision.v6k
        record["sctlr"] = self.read_cp15(1, 0, 0)
        record["remap"] = _REMAP_RESET
        record["strict"] = 1
        record["vfp_closed"] = 1

    def _install_hooks(self) -> None:
        self._add_hook(UC_HOOK_TLB_FILL, hooks.on_tlb_fill)
        self._add_hook(UC_HOOK_INTR, hooks.on_interrupt)
        self._add_hook(UC_HOOK_INSN_INVALID, hooks.on_invalid)
        self._add_hook(UC_HOOK_BLOCK, hooks.on_block)
        self._find_bounds(self._add_hook(UC_HOOK_CODE, hooks.on_instruction))

    def _find_bounds(self, hook: int) -> None:
        """Where Unicorn keeps the bounds of a hook that it looks at while it translates.

        Moving them is how a block is translated without calls of the hook; where they cannot be
        found, every block keeps its calls, and runs as exactly but more slowly.
        """
        words = (ctypes.c_uint64 * _HOOK_WORDS).from_address(hook)
        for index in range(_HOOK_WORDS - 1):
            if words[index] == _EVERYWHERE and words[index + 1] == _EVERYWHERE - 1:
                self.state[0]["hook_bounds"] = ctypes.addressof(words) + 8 * index
                calls.set_bounds(self._address, 1, 0)

    def _reset_model(self, parameters: Sequence[int]) -> None:
        record = self.state[0]
        record["full"] = self.timing == "full"
        record["parameters"] = parameters
        record["privileged"] = 1
        record["actlr"] = ACTLR_RESET
        record["replacement_random"] = ms.LFSR_START
        for name in ("line", "page", "last_next", "fill_line"):
            record[name] = -1
        record["block_generation"] = 1
        record["btac_generation"] = 1
        record["epoch"] = 1
        record["hot"] = HOT
        self.bound_costs(parameters)

    def bound_costs(self, parameters: Sequence[int]) -> None:
        """More than an instruction, a line of code or an access can take, whatever the figures."""
        value = {member: int(parameters[member]) for member in Parameter}
        latency = max(value[Parameter.SDRAM__LATENCY], value[Parameter.SDRAM__LATENCY_BEHIND_L2])
        line_write = value[Parameter.SDRAM__LINE_WRITE]
        transfer = latency + 4 * value[Parameter.BUS__BEAT] + line_write
        transfer += 2 * value[Parameter.WRITE_BUFFER__HALF_LINE] + line_write
        stored = max(value[Parameter.WRITE_BUFFER__DRAIN], value[Parameter.DEVICE__WRITE])
        buffered = value[Parameter.WRITE_BUFFER__ENTRIES] * (stored + line_write)
        translation = value[Parameter.TLB__MICRO_REFILL] + 2 * transfer
        pipeline = max(v for m, v in value.items() if m.section in _PIPELINE_SECTIONS)
        record = self.state[0]
        record["worst_instruction"] = 4 * pipeline + value[Parameter.BRANCH__RUN_AHEAD]
        record["worst_line"] = translation + 2 * transfer
        record["worst_access"] = 2 * translation + 5 * transfer + 2 * buffered
        record["worst_start"] = 4 * transfer + buffered

    def _add_hook(self, kind: int, callback: Any) -> int:
        """Register a native callback for all addresses, past Unicorn's Python wrapper."""
        hook = ctypes.c_size_t()
        status = uclib.uc_hook_add(
            self._handle,
            ctypes.byref(hook),
            kind,
            ctypes.c_void_p(callback.address),
            ctypes.c_void_p(self.state.ctypes.data),
            ctypes.c_uint64(_EVERYWHERE),
            ctypes.c_uint64(_EVERYWHERE - 1),
        )
        if status != UC_ERR_OK:
            raise UcError(status)
        return int(hook.value)

    def start(self) -> int:
        """Run from the current PC until a hook stops; returns Unicorn's error code."""
        status = self.uc.reg_read(reg.CPSR)
        begin = self.uc.reg_read(reg.PC) | ((status & reg.PSR_T) != 0)
        self.state[0]["privileged"] = status & reg.MODE_MASK != reg.MODE_USR
        self.state[0]["big_endian"] = (status & reg.PSR_E) != 0
        self._shorten_trail(begin & ~1)
        error = uclib.uc_emu_start(
            self._handle,
            ctypes.c_uint64(begin),
            ctypes.c_uint64(0),
            ctypes.c_uint64(0),
            ctypes.c_size_t(0),
        )
        return int(error)

    def _shorten_trail(self, begin: int) -> None:
        """The block that a stop has cut is noted again when its rest begins to run."""
        last = int(self._trail_count[0]) - 1
        entry = int(self._trail[last]) if last >= 0 else VECTOR
        done = begin - (entry & 0xFFFF_FFFF)
        if entry & (VECTOR | EXCEPTION) or not 0 <= done < entry >> SIZE_SHIFT & SIZE_MASK:
            return
        if done == 0:
            self._trail_count[0] = last
        else:
            self._trail[last] = entry | CUT

    def finish_instruction(self) -> None:
        """Complete what the last instruction left to the next hook."""
        calls.finish(self._address)

    def abandon_instruction(self) -> None:
        """As `finish_instruction`, where the last instruction was refused an access."""
        calls.abandon(self._address)

    def start_profile(self) -> None:
        """Keep cycles by address from now on; every instruction is looked at."""
        self.state[0]["attention"] |= int(Attention.PROFILE)
        self.state[0]["hot"] = _NEVER_HOT
        self.state[0]["profile_row"] = ms.PROFILE_ROWS

    def profile_rows(self) -> Iterator[tuple[int | None, dict[str, int]]]:
        """Counts by address (None: what found no place), since the profile was started."""
        record = self.state[0]
        calls.close_profile(self._address)
        names = ("cycles", "instructions", "idle", "modelled", *(c.name.lower() for c in ms.Cause))
        table = record["profile_rows"].reshape(-1, ms.PROFILE_COLUMNS)
        for place in np.flatnonzero(table.any(axis=1)):
            row = dict(zip(names, table[place].tolist(), strict=True))
            causes = sum(row[name] for name in names[2:])
            address = int(record["profile_address"][place]) - 1
            counts = {"issue": row["cycles"] - causes, **row}
            yield None if address < 0 else address, counts

    def translate_bare(self, size: int) -> None:
        """Have the block of `size` bytes at PC translated without calls in its prefix."""
        record = self.state[0]
        block = record["blocks"][int(record["block_index"])]
        begin = int(self.uc.reg_read(reg.PC))
        block["bare"] = 1
        block["runs"] = 0
        if block["prefix"] == block["count"]:
            calls.set_bounds(self._address, _NOWHERE, _NOWHERE)
        else:
            calls.set_bounds(self._address, begin + int(block["prefix_bytes"]), begin + size)
        record["bounds_changed"] = 1
        self._forget_translation(begin, size)

    def translate_hooked(self, size: int) -> None:
        """Have the block of `size` bytes at PC translated with calls again."""
        record = self.state[0]
        block = record["blocks"][int(record["block_index"])]
        block["bare"] = 0
        block["runs"] = 0
        self._forget_translation(int(self.uc.reg_read(reg.PC)), size)

    def _forget_translation(self, begin: int, size: int) -> None:
        uclib.uc_ctl(
            self._handle,
            _CTL_TB_REMOVE_CACHE,
            ctypes.c_uint64(begin),
            ctypes.c_uint64(begin + size),
        )

    def forget_translations(self) -> None:
        """Drop every translated block."""
        uclib.uc_ctl(self._handle, _CTL_TB_FLUSH)
        self.state[0]["block_generation"] += 1
        self.state[0]["arena_next"] = 0
        self.state[0]["repetition_next"] = 0

    def count_exception(self, kind: ExceptionKind, *, executed: bool) -> None:
        """Count the entry into an exception at PC; `executed`: its instruction has been counted."""
        record = self.state[0]
        pc = int(self.uc.reg_read(reg.PC))
        if not record["full"]:
            if executed:
                self._take_back(pc)
            return
        if kind in (ExceptionKind.IRQ, ExceptionKind.FIQ):
            calls.count_interrupt(self._address, pc)
        elif kind is ExceptionKind.PREFETCH_ABORT and not executed:
            calls.count_refused_fetch(self._address, pc)
        else:
            calls.count_exception(self._address, pc, executed)

    def run_again(self) -> None:
        """Level `off`: the instruction at PC has not run; from now on its block has calls."""
        record = self.state[0]
        assert not record["full"]
        self._take_back(int(self.uc.reg_read(reg.PC)))
        record["cycles"] -= 1
        record["instructions"] -= 1
        record["blocks"]["refused"][int(record["current_block"])] = NEVER_BARE

    def _take_back(self, pc: int) -> None:
        """Level `off`: a block was counted as a whole, and ends with the instruction at PC."""
        record = self.state[0]
        end = int(record["block_end"])
        if int(record["block_begin"]) <= pc < end:
            rest = (end - pc) // (2 if self.thumb else 4) - 1
            record["cycles"] -= rest
            record["instructions"] -= rest
            record["block_end"] = 0

    def enter_exception(self, kind: ExceptionKind, link: int) -> None:
        """Take an exception now, with `link` in its link register."""
        calls.enter_exception(self._address, kind, link)

    def interrupt_enabled(self) -> bool:
        """Whether a raised interrupt line would be taken before the next instruction."""
        return bool(calls.interrupt_enabled(self._address))

    # Registers ------------------------------------------------------------------------------

    def read(self, name: str) -> int:
        """A register by name: "r0".."r15", "sp", "lr", "pc", "cpsr", "spsr".

        A suffix names the bank of another mode: "sp_irq", "spsr_abt", "r8_fiq". KeyError for an
        unknown name.
        """
        base, _, mode = name.partition("_")
        number = _NUMBERS[base]
        if not mode:
            return int(self.uc.reg_read(number))
        previous = self._enter_bank(base, mode)
        value = int(self.uc.reg_read(number))
        self.uc.reg_write(reg.CPSR, previous)
        return value

    def write(self, name: str, value: int) -> None:
        """Write a register by name; writing "pc" takes effect at the next run."""
        base, _, mode = name.partition("_")
        number = _NUMBERS[base]
        value &= 0xFFFF_FFFF
        if mode:
            previous = self._enter_bank(base, mode)
            self.uc.reg_write(number, value)
            self.uc.reg_write(reg.CPSR, previous)
        elif number == reg.PC:
            self.uc.reg_write(number, value | self.thumb)
        else:
            self.uc.reg_write(number, value)

    def read_in_mode(self, name: str, mode: int) -> int:
        """A register as the mode with this number sees it."""
        previous = int(self.uc.reg_read(reg.CPSR))
        self.uc.reg_write(reg.CPSR, previous & ~reg.MODE_MASK | mode)
        value = int(self.uc.reg_read(_NUMBERS[name]))
        self.uc.reg_write(reg.CPSR, previous)
        return value

    def instruction_at(self, address: int) -> int:
        """The word of memory at an instruction address (0 where nothing is mapped).

        A Thumb instruction is in the low half.
        """
        return calls.instruction_word(self._address, address)

    def _enter_bank(self, base: str, mode: str) -> int:
        if base not in _WITH_MODE:
            raise KeyError(f"{base}_{mode}")
        previous = int(self.uc.reg_read(reg.CPSR))
        self.uc.reg_write(reg.CPSR, previous & ~reg.MODE_MASK | MODES[mode])
        return previous

    @property
    def thumb(self) -> bool:
        """Whether the processor is in Thumb state."""
        return (int(self.uc.reg_read(reg.CPSR)) & reg.PSR_T) != 0

    @property
    def mode(self) -> int:
        """The mode field of CPSR."""
        return int(self.uc.reg_read(reg.CPSR)) & reg.MODE_MASK

    def invalidate_tlb(self) -> None:
        """Drop every translation of the main TLB (c8, c7, 0)."""
        calls.flush(self._address, calls.FLUSH_ALL, 0)

    def invalidate_tlb_asid(self, asid: int) -> None:
        """Drop the translations of one ASID (c8, c7, 2)."""
        calls.flush(self._address, calls.FLUSH_ASID, asid)

    def invalidate_tlb_address(self, address: int, asid: int) -> None:
        """Drop the translation of a page under an ASID (c8, c7, 1)."""
        calls.flush(self._address, calls.FLUSH_ADDRESS, address & ~0xFFF | asid)

    def set_address_space(self, ttbr0: int, asid: int) -> None:
        """Write TTBR0 and CONTEXTIDR, as the guest's MCRs would."""
        self.write_cp15(2, 0, 0, ttbr0)
        self.write_cp15(13, 0, 1, asid)
        calls.set_address_space(self._address, ttbr0, asid)

    def read_cp15(self, crn: int, crm: int, opcode2: int) -> int:
        """A CP15 register, as Unicorn holds it."""
        return int(self.uc.cpr_read(15, 0, crn, crm, opcode2, 0, False))

    def write_cp15(self, crn: int, crm: int, opcode2: int, value: int) -> None:
        """Set a CP15 register in Unicorn (fault status and address)."""
        self.uc.cpr_write(15, 0, crn, crm, opcode2, 0, False, value)

    def flush_translations(self) -> None:
        """Drop Unicorn's own copies of translations, after Python changed what they rest on."""
        calls.empty_unicorn_tlb(self._address)

    def memory_changed(self, address: int, size: int) -> None:
        """Python has changed physical memory: drop translated code if any came from there.

        Unicorn notices the guest's stores by itself, but not ours.
        """
        first, last = address // PAGE_BYTES, (address + max(size, 1) - 1) // PAGE_BYTES
        if self._code_pages[first : last + 1].any():
            self._code_pages[:] = 0
            self.forget_translations()
            calls.empty_unicorn_tlb(self._address)


def _control(number: int, arguments: int, direction: int) -> int:
    """The control word of uc_ctl: direction in the top two bits, argument count below."""
    return number | arguments << 26 | direction << 30


_CTL_TB_FLUSH: Final = _control(UC_CTL_TB_FLUSH, 0, UC_CTL_IO_WRITE)
_CTL_TB_REMOVE_CACHE: Final = _control(UC_CTL_TB_REMOVE_CACHE, 2, UC_CTL_IO_WRITE)
