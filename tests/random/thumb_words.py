# SPDX-License-Identifier: BSD-2-Clause
"""Random Thumb instructions of every format, with the roles of registers of `arm_words`.

Thumb reaches r0 to r7 alone with most instructions, so in Thumb code r7 points into memory and
r6 holds a small index; the rest are data.
"""

import random
from collections.abc import Callable
from typing import Final

POINTER: Final = 7
INDEX: Final = 6
DATA: Final = range(6)

#: Data-processing operations whose result goes nowhere: TST, CMP, CMN.
_COMPARISONS: Final = (8, 10, 11)
_BITS_OF_SIZE: Final = {4: 0x6000, 1: 0x7000, 2: 0x8000}


class ThumbWords:
    """Draws Thumb halfwords."""

    def __init__(self, chance: random.Random, *, unaligned: bool) -> None:
        self.chance = chance
        self.unaligned = unaligned
        self.reserved: set[int] = set()
        #: Whether the stack may be used: not while a return address lies on it.
        self.stack = True
        self._functions: list[Callable[[], int]] = [
            self.shift, self.add_subtract, self.immediate, self.operation, self.high_register,
            self.load_immediate, self.load_immediate, self.load_register, self.load_literal,
            self.multiple, self.extend,
        ]  # fmt: skip
        self._stack_functions = [self.stack_access, self.push_pop, self.address]

    def simple(self) -> int:
        """An instruction of any format that does not branch."""
        if self.stack and self.chance.random() < 0.2:
            return self.chance.choice(self._stack_functions)()
        return self.chance.choice(self._functions)()

    def target(self) -> int:
        """A data register that may be written."""
        return self.chance.choice([n for n in DATA if n not in self.reserved])

    def source(self) -> int:
        """A low register."""
        return self.chance.randrange(8)

    def _bits(self, count: int) -> int:
        return self.chance.getrandbits(count)

    def shift(self) -> int:
        """LSL, LSR and ASR by an immediate."""
        return (
            self.chance.randrange(3) << 11 | self._bits(5) << 6 | self.source() << 3 | self.target()
        )

    def add_subtract(self) -> int:
        """ADD and SUB of a register or of three bits."""
        return 0x1800 | self._bits(2) << 9 | self._bits(3) << 6 | self.source() << 3 | self.target()

    def immediate(self) -> int:
        """MOV, CMP, ADD and SUB of eight bits."""
        return 0x2000 | self._bits(2) << 11 | self.target() << 8 | self._bits(8)

    def operation(self) -> int:
        """The sixteen two-register operations."""
        operation = self._bits(4)
        written = self.source() if operation in _COMPARISONS else self.target()
        return 0x4000 | operation << 6 | self.source() << 3 | written

    def high_register(self) -> int:
        """ADD, CMP and MOV that read r8 to r14, or PC."""
        kind = self.chance.choice((0x4400, 0x4500, 0x4600))
        source = self.chance.randrange(8, 15 if kind == 0x4500 else 16)
        return kind | source << 3 | self.target()

    def load_immediate(self) -> int:
        """LDR, STR, LDRB, STRB, LDRH and STRH with five bits of offset."""
        size = self.chance.choice((4, 4, 1, 2))
        load = self._bits(1) << 11
        register = self.target() if load else self.source()
        return _BITS_OF_SIZE[size] | load | self._bits(5) << 6 | POINTER << 3 | register

    def load_register(self) -> int:
        """All eight loads and stores with a register offset."""
        kinds = range(8) if self.unaligned else (2, 3, 6)
        kind = self.chance.choice(kinds)
        register = self.target() if kind >= 3 else self.source()
        return 0x5000 | kind << 9 | INDEX << 6 | POINTER << 3 | register

    def load_literal(self) -> int:
        """LDR of a word behind PC."""
        return 0x4800 | self.target() << 8 | self.chance.randrange(4)

    def stack_access(self) -> int:
        """LDR and STR by SP."""
        load = self._bits(1) << 11
        register = self.target() if load else self.source()
        return 0x9000 | load | register << 8 | self._bits(5)

    def multiple(self) -> int:
        """LDMIA and STMIA."""
        load = self._bits(1) << 11
        chosen = sum(1 << n for n in self.chance.sample(DATA, self.chance.randint(1, 4)))
        for register in self.reserved:
            chosen &= ~(1 << register)
        return 0xC000 | load | POINTER << 8 | (chosen or 1 << self.target())

    def push_pop(self) -> int:
        """PUSH and POP of data; the stack moves a little either way."""
        chosen = 1 << self.target() | 1 << self.target()  # one or two
        return self.chance.choice((0xB400, 0xBC00)) | chosen

    def extend(self) -> int:
        """SXTH, SXTB, UXTH, UXTB, REV, REV16 and REVSH."""
        registers = self.source() << 3 | self.target()
        if self._bits(1):
            return 0xB200 | self._bits(2) << 6 | registers
        return 0xBA00 | self.chance.choice((0, 1, 3)) << 6 | registers

    def address(self) -> int:
        """ADD of PC or SP into a register, and of an immediate to SP."""
        if self.chance.random() < 0.3:
            return 0xB000 | self._bits(1) << 7 | self.chance.randrange(4)
        return 0xA000 | self._bits(1) << 11 | self.target() << 8 | self._bits(4)

    def index_reload(self) -> int:
        """MOV of a small number to the index register."""
        return 0x2000 | INDEX << 8 | self.chance.randrange(0, 128, 4)
