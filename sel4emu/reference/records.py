# SPDX-License-Identifier: BSD-2-Clause
"""What the model is told about an executed instruction and about coprocessor 15."""

from dataclasses import dataclass
from typing import Final

WORD: Final = 0xFFFF_FFFF
MODE_USER: Final = 0x10

SCTLR_M: Final = 1 << 0
SCTLR_A: Final = 1 << 1
SCTLR_C: Final = 1 << 2
SCTLR_S: Final = 1 << 8
SCTLR_R: Final = 1 << 9
SCTLR_Z: Final = 1 << 11
SCTLR_I: Final = 1 << 12
SCTLR_RR: Final = 1 << 14
SCTLR_FI: Final = 1 << 21
SCTLR_U: Final = 1 << 22
SCTLR_XP: Final = 1 << 23
SCTLR_EE: Final = 1 << 25

ACTLR_RS: Final = 1 << 0
ACTLR_DB: Final = 1 << 1
ACTLR_SB: Final = 1 << 2
ACTLR_TR: Final = 1 << 3
ACTLR_NO_HIT_UNDER_MISS: Final = 1 << 31


@dataclass(frozen=True, slots=True)
class Control:
    """CP15 and the L2 controller as they are before an instruction.

    The lockdown registers are c10,c0,0, c9,c0,0 and c9,c0,1, and the L2CC's 0x900 and 0x904.
    """

    sctlr: int
    actlr: int
    ttbr0: int
    ttbr1: int
    ttbcr: int
    dacr: int
    fcse: int
    context_id: int
    tlb_lockdown: int
    dcache_lockdown: int
    icache_lockdown: int
    l2_enabled: bool
    l2_lockdown_data: int
    l2_lockdown_instructions: int

    @property
    def mmu_on(self) -> bool:
        return bool(self.sctlr & SCTLR_M)

    @property
    def asid(self) -> int:
        return self.context_id & 0xFF

    @property
    def round_robin(self) -> bool:
        """Whether the first-level caches choose victims in turn."""
        return bool(self.sctlr & SCTLR_RR)

    @property
    def hit_under_miss(self) -> bool:
        """Whether the load/store unit goes on behind a miss."""
        return not (self.actlr & ACTLR_NO_HIT_UNDER_MISS and self.sctlr & SCTLR_FI)

    def predicts(self, predictor: int) -> bool:
        """Whether one of the predictors (a bit of ACTLR) is on."""
        return bool(self.sctlr & SCTLR_Z and self.actlr & predictor)


@dataclass(frozen=True, slots=True)
class Executed:
    """One executed instruction, seen from outside.

    Thumb: size 2 with the halfword in `word`; the pair BL/BLX: size 4, `first | second << 16`.
    `registers` are r0 to r15 before it, in its mode; r15 is the instruction's address. `srs_stack`
    is needed for SRS only: r13 of the mode that it names, before it. Without it the model takes
    the last value of r13 it saw in that mode.
    """

    address: int
    word: int
    size: int
    thumb: bool
    registers: tuple[int, ...]
    cpsr: int
    srs_stack: int | None = None

    @property
    def mode(self) -> int:
        return self.cpsr & 0x1F

    @property
    def privileged(self) -> bool:
        return self.mode != MODE_USER

    def value(self, number: int) -> int:
        """A register as an operand: PC reads two instructions ahead, in Thumb as a word's."""
        if number != 15:
            return self.registers[number]
        return (self.address + (4 if self.thumb else 8)) & WORD & ~3


def condition_passes(condition: int, cpsr: int) -> bool:
    """Whether a condition field holds under the flags (ARM ARM A3.2); 14 and 15 always do."""
    if condition >= 14:
        return True
    negative, zero, carry, overflow = (bool(cpsr >> bit & 1) for bit in (31, 30, 29, 28))
    holds = (
        zero,
        carry,
        negative,
        overflow,
        carry and not zero,
        negative == overflow,
        negative == overflow and not zero,
    )[condition >> 1]
    return holds != bool(condition & 1)


def bits(word: int, high: int, low: int) -> int:
    """A field of a word, both ends included."""
    return word >> low & ((1 << (high - low + 1)) - 1)
