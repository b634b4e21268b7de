# SPDX-License-Identifier: BSD-2-Clause
"""Aborts and interrupts that the run loop enters, and reports of exceptions nobody handles.

Modelled: data and prefetch aborts with FSR and FAR, alignment faults (`native/alignment.py` finds
them), breakpoints, IRQ and FIQ.
Not modelled: imprecise aborts.
"""

from typing import Final

from sel4emu.cpu import PAGE_BYTES, Processor
from sel4emu.disassembly import describe_instruction
from sel4emu.errors import MachineCrash
from sel4emu.fault_address import (
    Access,
    alignment,
    arm_access,
    fault_address,
    lost_base,
    thumb_access,
)
from sel4emu.native.exceptions import HIGH_VECTORS
from sel4emu.native.hooks import ROM_TRAP_FIRST
from sel4emu.native.mmu import (
    FCSE_LIMIT,
    FS_ALIGNMENT,
    FS_DEBUG,
    FSR_WRITE,
    SCTLR_M,
    SCTLR_U,
    SCTLR_V,
    SUBPAGE_BYTES,
)
from sel4emu.native.registers import MODE_ABT, PSR_F, PSR_T, condition_passed
from sel4emu.native.state import ExceptionKind, FaultKind

NAMES: Final = {
    ExceptionKind.RESET: "reset",
    ExceptionKind.UNDEFINED: "undefined instruction",
    ExceptionKind.SVC: "supervisor call",
    ExceptionKind.PREFETCH_ABORT: "prefetch abort",
    ExceptionKind.DATA_ABORT: "data abort",
    ExceptionKind.IRQ: "IRQ",
    ExceptionKind.FIQ: "FIQ",
}
#: What an exception's link register lies ahead of the instruction that caused it (ARM, Thumb).
_LINK_AHEAD: Final = {
    ExceptionKind.UNDEFINED: (4, 2),
    ExceptionKind.SVC: (4, 2),
    ExceptionKind.PREFETCH_ABORT: (4, 4),
    ExceptionKind.DATA_ABORT: (8, 8),
    ExceptionKind.IRQ: (4, 4),
    ExceptionKind.FIQ: (4, 4),
}
#: The bits of a fault status that tell its cause; the others tell domain and direction.
_FS_CAUSE: Final = 0x40F
#: The exceptions whose instruction could be read, so that a report may show it.
_AT_INSTRUCTION: Final = (ExceptionKind.UNDEFINED, ExceptionKind.SVC, ExceptionKind.DATA_ABORT)


class ExceptionUnit:
    """Enters the exceptions that need a decision outside the native hooks."""

    def __init__(self, cpu: Processor) -> None:
        self._cpu = cpu
        self._record = cpu.state[0]

    def take_interrupt(self) -> None:
        """Enter FIQ, or else IRQ, before the instruction at PC."""
        masked = self._cpu.read("cpsr") & PSR_F
        fiq = bool(self._record["fiq_line"]) and not masked
        kind = ExceptionKind.FIQ if fiq else ExceptionKind.IRQ
        self._cpu.count_exception(kind, executed=False)
        self._cpu.enter_exception(kind, self._cpu.read("pc") + 4)

    def take_abort(self) -> None:
        """Enter the abort for the access that the MMU has just refused."""
        if self._record["fault_again"]:
            self._record["fault_again"] = 0
            self._cpu.run_again()
            return
        status = int(self._record["fault_status"])
        if int(self._record["fault_kind"]) == FaultKind.FETCH:
            self._take_prefetch_abort(status, executed=False)
        else:
            self._take_data_abort(status, executed=True)

    def take_reported(self) -> None:
        """Enter what Unicorn reported itself: a breakpoint, or an unaligned access."""
        if int(self._record["fault_kind"]) == FaultKind.FETCH:
            self._take_prefetch_abort(FS_DEBUG, executed=True)
            return
        self._take_alignment_fault(self._access(), executed=True)

    def take_unaligned(self) -> bool:
        """Enter the abort if the instruction at PC accesses an address that it may not.

        The hooks ask only where they have found that.
        """
        access = self._access()
        if access is None:
            return False
        word = self._cpu.instruction_at(self._cpu.read("pc"))
        thumb = self._cpu.thumb
        if not thumb and not condition_passed(word >> 28, self._cpu.read("cpsr")):
            return False
        doublewords = int(self._record["sctlr"]) & SCTLR_U == 0
        if access.start % alignment(word, access, thumb=thumb, doublewords=doublewords) == 0:
            return False
        self._take_alignment_fault(access, executed=False)
        return True

    def _take_alignment_fault(self, access: Access | None, *, executed: bool) -> None:
        self._record["fault_page"] = access.start & 0xFFFF_F000 if access else 0
        self._record["fault_part"] = 0
        status = FS_ALIGNMENT | (FSR_WRITE if self._is_store() else 0)
        self._take_data_abort(status, executed=executed)

    def _take_prefetch_abort(self, status: int, *, executed: bool) -> None:
        pc = self._cpu.read("pc")
        self._refuse_endless_abort(pc)
        self._cpu.count_exception(ExceptionKind.PREFETCH_ABORT, executed=executed)
        self._cpu.write_cp15(5, 0, 1, status)
        self._cpu.enter_exception(ExceptionKind.PREFETCH_ABORT, pc + 4)

    def _take_data_abort(self, status: int, *, executed: bool) -> None:
        pc = self._cpu.read("pc")
        page = int(self._record["fault_page"])
        size = SUBPAGE_BYTES if self._record["fault_part"] else PAGE_BYTES
        self._restore_base(page)
        address = fault_address(self._access(), page, size)
        if int(self._record["sctlr"]) & SCTLR_M and address < FCSE_LIMIT:
            address |= int(self._record["fcse"])
        self._cpu.count_exception(ExceptionKind.DATA_ABORT, executed=executed)
        self._cpu.write_cp15(5, 0, 0, status)
        self._cpu.write_cp15(6, 0, 0, address)
        self._cpu.enter_exception(ExceptionKind.DATA_ABORT, pc + 8)

    def _restore_base(self, page: int) -> None:
        if self._cpu.thumb:
            return
        word = self._cpu.instruction_at(self._cpu.read("pc"))
        lost = lost_base(word, page, self._read_for_decoding)
        if lost is not None:
            self._cpu.write(f"r{lost[0]}", lost[1])

    def _refuse_endless_abort(self, pc: int) -> None:
        """A vector for prefetch aborts that cannot be fetched would abort for ever."""
        vector = self._vector_base() + 4 * ExceptionKind.PREFETCH_ABORT
        if pc != vector or self._cpu.mode != MODE_ABT:
            return
        raise MachineCrash(
            f"the exception vectors at 0x{self._vector_base():08x} cannot be fetched: "
            f"a prefetch abort at its own vector, taken from 0x{self._origin():08x}"
        )

    def _origin(self) -> int:
        """Where the program was before the abort that cannot be handled."""
        return (self._cpu.read("lr") - 4) & 0xFFFF_FFFF

    def _vector_base(self) -> int:
        return HIGH_VECTORS if int(self._record["sctlr"]) & SCTLR_V else 0

    def _read_for_decoding(self, name: str) -> int:
        """Register by the names of `fault_address`, where "sp_13" is the SP of mode 0x13."""
        base, _, mode = name.partition("_")
        if not mode:
            return self._cpu.read(base)
        return self._cpu.read_in_mode(base, int(mode, 16))

    def _access(self) -> Access | None:
        word = self._cpu.instruction_at(self._cpu.read("pc"))
        if self._cpu.thumb:
            return thumb_access(word & 0xFFFF, self._read_for_decoding)
        return arm_access(word, self._read_for_decoding)

    def _is_store(self) -> bool:
        """Whether the instruction at PC stores first: bit 20, but LDRD and SWP have it clear."""
        word = self._cpu.instruction_at(self._cpu.read("pc"))
        if self._cpu.thumb:
            return not word >> 11 & 1
        swaps = word & 0x0FB0_0FF0 == 0x0100_0090
        return not (word >> 20 & 1 or swaps or word & 0x0E10_00F0 == 0x0000_00D0)

    def describe_recursion(self, depth: int) -> str:
        """A sentence on an exception that is raised for ever; `depth` in bytes of stack, or 0."""
        kind = ExceptionKind(int(self._record["recursion_where"]) & 7)
        ahead_arm, ahead_thumb = _LINK_AHEAD[kind]
        thumb = bool(self._cpu.read("spsr") & PSR_T)
        address = (self._cpu.read("lr") - (ahead_thumb if thumb else ahead_arm)) & 0xFFFF_FFFF
        sentence = f"{NAMES[kind]} at 0x{address:08x}, again and again: "
        if address == self._vector_base() + 4 * kind:
            return f"{sentence}it is raised at its own vector"
        if depth:
            return f"{sentence}in its own handler, and its stack has gone down by {depth >> 10} KB"
        return f"{sentence}its handler does not get past it"

    def describe_unhandled(self, trap: int) -> str:
        """A sentence on an exception that ended in the table that stands for the boot ROM."""
        number = trap - ROM_TRAP_FIRST
        if number not in set(ExceptionKind) - {ExceptionKind.RESET}:
            return f"execution went astray into the boot ROM at 0x{self._cpu.read('pc'):08x}"
        kind = ExceptionKind(number)
        ahead_arm, ahead_thumb = _LINK_AHEAD[kind]
        thumb = bool(self._cpu.read("spsr") & PSR_T)
        address = (self._cpu.read("lr") - (ahead_thumb if thumb else ahead_arm)) & 0xFFFF_FFFF
        sentence = f"unhandled {NAMES[kind]} at 0x{address:08x}"
        status = self._cpu.read_cp15(5, 0, 1)
        breakpoint_hit = kind is ExceptionKind.PREFETCH_ABORT and status & _FS_CAUSE == FS_DEBUG
        if kind in _AT_INSTRUCTION or breakpoint_hit:
            word = self._cpu.instruction_at(address)
            sentence += f": {describe_instruction(word, address, thumb=thumb)}"
        if kind is ExceptionKind.DATA_ABORT:
            sentence += f", address 0x{self._cpu.read_cp15(6, 0, 0):08x}"
            sentence += f", fault status 0x{self._cpu.read_cp15(5, 0, 0):x}"
        if kind is ExceptionKind.PREFETCH_ABORT:
            sentence += ", a breakpoint" if breakpoint_hit else ""
            sentence += f", fault status 0x{status:x}"
        return sentence
