# SPDX-License-Identifier: BSD-2-Clause
"""The processor: Unicorn's ARM1136 with our hooks, and its registers by name.

Modelled: an ARM1136 without the v6K extensions (r0p4, as on the i.MX31), every mode with its
banked registers, exception entry, CP15 (`sel4emu.native.cp15`).
Not modelled: Jazelle, the debug coprocessor, what an instruction costs.
"""

import ctypes
from typing import Any, Final

import numpy as np
from unicorn import (
    UC_ARCH_ARM,
    UC_CTL_IO_WRITE,
    UC_CTL_TB_FLUSH,
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

from sel4emu.native import hooks
from sel4emu.native import registers as reg
from sel4emu.native.exceptions import enter_exception
from sel4emu.native.fills import empty_unicorn_tlb
from sel4emu.native.mmu import flush_address, flush_all, flush_asid
from sel4emu.native.state import CODE_PAGES, FILLS, NO_PAGE, ExceptionKind, StateArray, new_state
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
#: MIDR of the i.MX31's core, revision r0p4.
MIDR_R0P4: Final = 0x4107_B364
PAGE_BYTES: Final = 4096

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
_BANKED: Final = ("r8", "r9", "r10", "r11", "r12", "r13", "r14", "sp", "lr", "spsr")


class Processor:
    """One ARM1136 core; its physical memory is mapped by `sel4emu.bus`."""

    def __init__(self, timing: str) -> None:
        assert timing in TIMING_LEVELS, timing
        self.timing = timing
        self.state: StateArray = new_state()
        self._fills = np.zeros(FILLS, np.int64)
        self.state[0]["fills"] = self._fills.ctypes.data
        self.state[0]["fill_generation"] = 1
        self._code_pages = np.zeros(CODE_PAGES, np.uint8)
        self.state[0]["code_pages"] = self._code_pages.ctypes.data
        #: By physical page: whether the guest has fetched code from it.
        self.code_pages: memoryview = self._code_pages.data
        self.uc = Uc(UC_ARCH_ARM, UC_MODE_ARM)
        self.uc.ctl_set_cpu_model(arm_const.UC_CPU_ARM_1136_R2)
        self.uc.ctl_set_page_size(PAGE_BYTES)
        self.uc.ctl_set_tlb_mode(UC_TLB_VIRTUAL)
        # Without this, Unicorn fetches the page of the `until` address through the MMU.
        self.uc.ctl_exits_enabled(True)
        self.uc.ctl_set_exits([])
        self._handle = self.uc._uch
        self._handle_value = int(self._handle.value)
        self._install_hooks()
        self.state[0]["midr"] = MIDR_R0P4
        self.state[0]["sctlr"] = self.read_cp15(1, 0, 0)

    def _install_hooks(self) -> None:
        self._add_hook(UC_HOOK_TLB_FILL, hooks.on_tlb_fill)
        self._add_hook(UC_HOOK_INTR, hooks.on_interrupt)
        self._add_hook(UC_HOOK_INSN_INVALID, hooks.on_invalid)
        if self.timing == "off":
            self._add_hook(UC_HOOK_BLOCK, hooks.on_block)
        else:
            self._add_hook(UC_HOOK_CODE, hooks.on_instruction)

    def _add_hook(self, kind: int, callback: Any) -> None:
        """Register a native callback for all addresses, past Unicorn's Python wrapper."""
        hook = ctypes.c_size_t()
        status = uclib.uc_hook_add(
            self._handle,
            ctypes.byref(hook),
            kind,
            ctypes.c_void_p(callback.address),
            ctypes.c_void_p(self.state.ctypes.data),
            ctypes.c_uint64(1),
            ctypes.c_uint64(0),
        )
        if status != UC_ERR_OK:
            raise UcError(status)

    def start(self, count: int = 0) -> int:
        """Run from the current PC until a hook stops; returns Unicorn's error code."""
        begin = self.uc.reg_read(reg.PC) | ((self.uc.reg_read(reg.CPSR) & reg.PSR_T) != 0)
        status = uclib.uc_emu_start(
            self._handle,
            ctypes.c_uint64(begin),
            ctypes.c_uint64(0),
            ctypes.c_uint64(0),
            ctypes.c_size_t(count),
        )
        return int(status)

    def finish_instruction(self) -> None:
        """Complete what the last instruction left to the next hook."""
        hooks.finish_previous(self._handle_value, self.state[0])

    def prepare_instruction(self, word: int) -> None:
        """Do the instruction hook's part for an ARM instruction that is about to be executed."""
        hooks.note_special(self._handle_value, self.state[0], word)

    def start_one(self) -> int:
        """Level `off`: run one instruction past the block hook; returns Unicorn's error code.

        Unicorn runs a whole block that it has translated before, whatever count it is given; so
        it must forget the blocks, before and after (its blocks of one instruction).
        """
        uclib.uc_ctl(self._handle, _CTL_TB_FLUSH)
        self.state[0]["stepping"] = 1
        try:
            return self.start(1)
        finally:
            self.state[0]["stepping"] = 0
            uclib.uc_ctl(self._handle, _CTL_TB_FLUSH)

    def enter_exception(self, kind: ExceptionKind, link: int) -> None:
        """Take an exception now, with `link` in its link register."""
        enter_exception(self._handle_value, self.state[0], int(kind), link)

    def interrupt_enabled(self) -> bool:
        """Whether a raised interrupt line would be taken before the next instruction."""
        return bool(hooks.interrupt_enabled(self._handle_value, self.state[0]))

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
        return int(hooks.instruction_word(self.state[0], address))

    def _enter_bank(self, base: str, mode: str) -> int:
        if base not in _BANKED:
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
        flush_all(self.state[0])
        self.flush_translations()

    def invalidate_tlb_asid(self, asid: int) -> None:
        """Drop the translations of one ASID (c8, c7, 2)."""
        flush_asid(self.state[0], asid)
        self.flush_translations()

    def invalidate_tlb_address(self, address: int, asid: int) -> None:
        """Drop the translation of a page under an ASID (c8, c7, 1)."""
        flush_address(self.state[0], address & ~0xFFF | asid)
        self.flush_translations()

    def set_address_space(self, ttbr0: int, asid: int) -> None:
        """Write TTBR0 and CONTEXTIDR, as the guest's MCRs would."""
        self.write_cp15(2, 0, 0, ttbr0)
        self.write_cp15(13, 0, 1, asid)
        self.state[0]["ttbr0"] = ttbr0
        self.state[0]["context_id"] = asid
        self.flush_translations()

    def read_cp15(self, crn: int, crm: int, opcode2: int) -> int:
        """A CP15 register, as Unicorn holds it."""
        return int(self.uc.cpr_read(15, 0, crn, crm, opcode2, 0, False))

    def write_cp15(self, crn: int, crm: int, opcode2: int, value: int) -> None:
        """Set a CP15 register in Unicorn (fault status and address)."""
        self.uc.cpr_write(15, 0, crn, crm, opcode2, 0, False, value)

    def flush_translations(self) -> None:
        """Drop Unicorn's own copies of translations, after Python changed what they rest on."""
        self.state[0]["fetch_page"] = NO_PAGE
        empty_unicorn_tlb(self._handle_value, self.state[0])

    def memory_changed(self, address: int, size: int) -> None:
        """Python has changed physical memory: drop translated code if any came from there.

        Unicorn notices the guest's stores by itself, but not ours.
        """
        first, last = address // PAGE_BYTES, (address + max(size, 1) - 1) // PAGE_BYTES
        if self._code_pages[first : last + 1].any():
            self._code_pages[:] = 0
            uclib.uc_ctl(self._handle, _CTL_TB_FLUSH)
            self.flush_translations()


def _control(number: int, arguments: int, direction: int) -> int:
    """The control word of uc_ctl: direction in the top two bits, argument count below."""
    return number | arguments << 26 | direction << 30


_CTL_TB_FLUSH: Final = _control(UC_CTL_TB_FLUSH, 0, UC_CTL_IO_WRITE)
