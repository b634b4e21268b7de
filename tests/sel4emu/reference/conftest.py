# SPDX-License-Identifier: BSD-2-Clause
"""A bench for the reference model: single instructions from assembly, tables of sections."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Final

import pytest

from sel4emu.asm import assemble
from sel4emu.reference import Control, CycleModel, Executed
from sel4emu.reference.decode_arm import decode_arm
from sel4emu.reference.operation import Operation

#: Written here and not read from the board, so that the expectations stand beside their figures.
FIGURES: Final = {
    "instruction.failed_condition": 1, "instruction.early": 1, "instruction.late": 1,
    "instruction.alu_issue": 1, "instruction.alu_latency": 1,
    "instruction.alu_shift_register_issue": 2, "instruction.alu_shift_register_latency": 2,
    "instruction.sum_of_differences_latency": 3, "instruction.saturate_latency": 2,
    "instruction.multiply_issue": 2,
    "instruction.multiply_flags_issue": 5, "instruction.multiply_latency": 4,
    "instruction.multiply_long_issue": 3, "instruction.multiply_long_flags_issue": 6,
    "instruction.multiply_long_low_latency": 4, "instruction.multiply_long_high_latency": 5,
    "instruction.multiply_halfword_issue": 1, "instruction.multiply_halfword_latency": 3,
    "instruction.multiply_dual_long_issue": 2, "instruction.multiply_dual_long_low_latency": 3,
    "instruction.multiply_dual_long_high_latency": 4, "instruction.multiply_high_issue": 2,
    "instruction.multiply_high_latency": 4, "instruction.mrs_issue": 1,
    "instruction.msr_flags_issue": 1, "instruction.msr_control_issue": 4,
    "instruction.msr_spsr_issue": 5, "instruction.cps_issue": 1, "instruction.cps_mode_issue": 2,
    "instruction.setend_issue": 1, "instruction.coprocessor_write_issue": 1,
    "instruction.coprocessor_read_issue": 1, "instruction.coprocessor_read_latency": 3,
    "load_store.issue": 1, "load_store.memory_cycles": 1, "load_store.load_latency": 3,
    "load_store.slow_address": 1, "load_store.unaligned_memory_cycles": 1,
    "load_store.unaligned_latency": 1, "load_store.writeback_latency": 1,
    "load_store.swap_issue": 2, "load_store.swap_memory_cycles": 2, "load_store.lock_first": 1,
    "load_store.pc_extra": 1, "branch.folded": 0, "branch.predicted": 1,
    "branch.static_not_taken": 1, "branch.static_taken": 4, "branch.mispredict_max": 7,
    "branch.mispredict_min": 5, "branch.return_correct": 4, "branch.return_wrong": 7,
    "branch.return_empty": 5, "branch.load_return_correct": 4, "branch.load_return_wrong": 9,
    "branch.load_return_empty": 9, "branch.load_multiple_pc": 8, "branch.load_pc": 8,
    "branch.alu_pc": 6, "branch.alu_pc_shift_register": 7, "branch.exception_return": 9,
    "branch.run_ahead": 4, "exception.entry": 8, "exception.interrupt_entry": 8, "system.dsb": 10,
    "system.dmb": 1, "system.isb": 5, "system.cache_line": 1, "fetch.sequential_lead": 4,
    "bus.beat": 4, "l2.hit": 26, "l2.line_operation": 4, "sdram.latency": 60,
    "sdram.latency_behind_l2": 96, "sdram.line_write": 16, "write_buffer.entries": 4,
    "write_buffer.drain": 12, "write_buffer.half_line": 8, "tlb.micro_entries": 10,
    "tlb.micro_refill": 4, "device.read": 70, "device.write": 40, "vfp.issue_busy": 1,
    "vfp.latency": 8, "vfp.double_multiply_busy": 2, "vfp.double_multiply_latency": 9,
    "vfp.divide_single_busy": 15, "vfp.divide_single_latency": 19,
    "vfp.divide_double_busy": 29, "vfp.divide_double_latency": 33, "vfp.load_latency": 4,
    "vfp.from_arm_latency": 2,
}  # fmt: skip

TABLE: Final = 0x8000_4000
CODE: Final = 0x8001_0000
NOP: Final = 0xE1A0_8008  # mov r8, r8

#: First-level words by megabyte: each full access, but for the one that users may not touch.
SECTIONS: Final = {
    0x800: 0x8000_0C0E,  # write-back
    0x801: 0x8010_0C0A,  # write-through
    0x802: 0x8020_1C02,  # normal, not cached
    0x803: 0x8030_0C02,  # strongly ordered
    0x804: 0x8040_0C06,  # shared device
    0x805: 0x8050_040E,  # write-back, privileged only
    0x530: 0x5300_0C06,  # a peripheral as device memory
    0x531: 0x5310_0C02,  # a peripheral, strongly ordered
    0x300: 0x3000_0C06,  # the L2 controller
    0x700: 0x7000_0C0E,  # nothing there
}

CONTROL: Final = Control(
    sctlr=1 << 23 | 1 << 22 | 1 << 12 | 1 << 11 | 1 << 2 | 1,
    actlr=7,
    ttbr0=TABLE,
    ttbr1=0,
    ttbcr=0,
    dacr=1,
    fcse=0,
    context_id=0,
    tlb_lockdown=0,
    dcache_lockdown=0,
    icache_lockdown=0,
    l2_enabled=False,
    l2_lockdown_data=0,
    l2_lockdown_instructions=0,
)


@cache
def _word(line: str, address: int) -> int:
    """A line of assembly, or a word that the assembler does not know: `.word N`."""
    directive, _, number = line.partition(" ")
    if directive == ".word":
        return int(number, 0)
    return int.from_bytes(assemble(line, address).code[:4], "little")


class Bench:
    """A model whose code is in the cache; everything is at rest when a test begins."""

    def __init__(self, control: Control) -> None:
        self.control = control
        self.memory = {TABLE + 4 * index: word for index, word in SECTIONS.items()}
        self.model = CycleModel(FIGURES, self._word_at, self._is_device)
        self.registers = [0] * 16
        self.cpsr = 0x13
        self.address = CODE
        for line in range(CODE, CODE + 0x400, 32):
            self.word(NOP, line)
        self.rest()

    def _word_at(self, address: int) -> int | None:
        return self.memory.get(address, 0) if 0x8000_0000 <= address < 0x8800_0000 else None

    @staticmethod
    def _is_device(address: int) -> bool:
        return 0x5000_0000 <= address < 0x6000_0000 or address >> 12 == 0x3_0000

    def word(self, word: int, address: int | None = None, *, size: int = 4) -> None:
        """Execute a word (or, with size 2 or thumb's pair, a halfword) and move on."""
        if address is not None:
            self.address = address
        registers = (*self.registers[:15], self.address)
        thumb = bool(self.cpsr >> 5 & 1)
        self.model.execute(
            Executed(self.address, word, size, thumb, registers, self.cpsr), self.control
        )
        self.address += size

    def rest(self, cycles: int = 300) -> None:
        """Let everything that is under way come to an end."""
        for _ in range(cycles):
            self.word(NOP, CODE + 0x3E0)
        self.address = CODE

    def run(self, *lines: str) -> None:
        """Execute lines of assembly one behind the other."""
        for line in lines:
            self.word(_word(line, self.address))

    def cost(self, *lines: str) -> int:
        """The cycles that lines take, up to the next instruction's issue."""
        start = self.model.cycles
        self.run(*lines)
        self.model.settle(self.address)
        return self.model.cycles - start

    def spent(self, *lines: str) -> dict[str, int]:
        """Those cycles by cause, without zeros."""
        before = self.model.breakdown
        self.cost(*lines)
        after = self.model.breakdown
        return {
            cause: after[cause] - before[cause] for cause in after if after[cause] != before[cause]
        }

    def events(self, *lines: str) -> dict[int, int]:
        """The events that lines cause, without those that count cycles and instructions."""
        before = self.model.events
        self.cost(*lines)
        after = self.model.events
        counted = {number: after[number] - before.get(number, 0) for number in after}
        return {
            number: count
            for number, count in counted.items()
            if count and number not in {0x01, 0x02, 0x07, 0xFF}
        }

    def jump(self, line: str, target: int) -> int:
        """The cycles of a branch that goes to `target`."""
        start = self.model.cycles
        self.run(line)
        self.model.settle(target)
        self.address = target
        return self.model.cycles - start

    def warm(self, address: int) -> None:
        """Bring a line of data, its page and the page's tables in."""
        self.registers[10] = address
        self.run("ldr r9, [r10]")
        self.rest()


@pytest.fixture
def bench() -> Bench:
    """MMU on, caches on, L2 off."""
    return Bench(CONTROL)


@pytest.fixture
def bench_with() -> Callable[..., Bench]:
    """A bench under a changed control: `set` and `clear` are bits of SCTLR."""

    def make(set_bits: int = 0, clear_bits: int = 0, **changes: object) -> Bench:
        sctlr = CONTROL.sctlr & ~clear_bits | set_bits
        return Bench(replace(CONTROL, sctlr=sctlr, **changes))  # type: ignore[arg-type]

    return make


@pytest.fixture
def figures() -> dict[str, int]:
    """The figures of the tests."""
    return dict(FIGURES)


@pytest.fixture
def control() -> Control:
    """MMU on, caches on, L2 off, unaligned accesses allowed."""
    return CONTROL


@pytest.fixture
def decode() -> Callable[..., Operation]:
    """The operation of a line of assembly; keyword arguments r0 to r15 and `control`."""

    def of(line: str, control: Control = CONTROL, **values: int) -> Operation:
        registers = tuple(values.get(f"r{number}", 0) for number in range(15))
        word = _word(line, CODE)
        executed = Executed(CODE, word, 4, False, (*registers, CODE), 0x13)
        return decode_arm(word, executed, control, FIGURES)

    return of
