# SPDX-License-Identifier: BSD-2-Clause
"""Seeded bare programs for the cycle model: every instruction class, in the settings of a seed.

A program is a chain of items (a loop, a call, a change of page tables, ...); each of them ends
behind itself, so a program always ends, at its last instruction, after some hundred others.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from tests.random import timing_memory as memory
from tests.random.arm_words import DATA, DEVICE, INDEX, POINTERS, ArmWords
from tests.random.thumb_words import ThumbWords
from tests.random.timing_code import Code
from tests.random.timing_flow import FlowItems
from tests.random.timing_setup import SVC, Setup, draw_setup
from tests.random.timing_system import SystemItems

PREAMBLE: Final = 0x8000_3000
_MASKED: Final = 0x1C0
_STACK_STEP: Final = 0x1_0000
_NAMES: Final = {0x11: "fiq", 0x12: "irq", 0x13: "svc", 0x17: "abt", 0x1B: "und", 0x1F: "sys"}


@dataclass(frozen=True)
class Program:
    """One program, ready to be put into a machine."""

    seed: int
    setup: Setup
    #: Bytes by physical address.
    images: Mapping[int, bytes]
    #: Registers at the start, by name.
    registers: Mapping[str, int]
    #: The address at which it ends; virtual, if addresses are translated.
    end: int

    @cached_property
    def code(self) -> Mapping[int, bytes]:
        """What can be executed, by virtual address."""
        vectors = memory.HIGH_VECTORS if self.setup.high_vectors else 0
        program = self.images[memory.CODE]
        return {
            PREAMBLE: self.images[PREAMBLE],
            memory.HANDLERS_AT: self.images[memory.HANDLERS_AT],
            vectors: self.images[memory.VECTOR_PAGE if self.setup.high_vectors else 0],
            self.setup.base: program,
            memory.LADDER + self.setup.base - memory.CODE: memory.ladder(),
        }

    def half(self, address: int) -> int:
        """The halfword of code at a virtual address, or -1 outside of the code."""
        for base, image in self.code.items():
            if base <= address < base + len(image):
                return int.from_bytes(image[address - base : address - base + 2], "little")
        return -1


class _Builder(FlowItems, SystemItems):
    """The items of a program, with what is known at each place about the processor's mode."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.setup = draw_setup(self.chance)
        self.code = Code(self.setup.base)
        self.words = ArmWords(self.chance, unaligned=self.setup.unaligned)
        self.halves = ThumbWords(self.chance, unaligned=self.setup.unaligned)
        self.mode = self.setup.mode
        self.functions: list[Callable[[], None]] = []
        self.fcse = self.setup.fcse
        self.space = 0

    def choose_items(self) -> list[tuple[Callable[[], None], int]]:
        """Items and their weights: what may stand here in this mode."""
        items = [(self.plain, 30), (self.new_data, 3), (self.new_pointer, 8)]
        items += [(self.conflict, 3), (self.dirty, 3), (self.climb, 3)]
        return [*items, *self.flow_items(), *self.system_items()]

    def plain(self) -> None:
        """Some simple instructions."""
        for _ in range(self.chance.randint(1, 6)):
            self.code.arm(self.words.simple())

    def new_data(self) -> None:
        """A random word into a data register."""
        self.code.literal(self.words.target(), self.chance.getrandbits(32))

    def new_pointer(self) -> None:
        """A pointer, or the device register's base, elsewhere."""
        if self.chance.random() < 0.2:
            self.code.literal(DEVICE, self.chance.choice(memory.DEVICES))
        else:
            self.code.literal(self.chance.choice(POINTERS), self.pointer())

    def conflict(self) -> None:
        """Loads and stores in one set of the data cache, or in so many pages."""
        base, value = self.chance.choice(POINTERS), self.words.target()
        window = self.chance.choice((memory.WRITE_BACK, memory.WRITE_BACK, memory.PAGES))
        self.code.literal(base, window + 0x4_0000 + self._within(0x1000))
        self.code.arm(0xE3A0_0010 | INDEX << 12)  # mov r12, #16
        load = 0xE7B0_0400 | base << 16 | value << 12 | INDEX  # ldr, [base, r12, lsl #8]!
        store = 0xE580_0000 | base << 16 | value << 12 | self.chance.randrange(0, 32, 4)
        body = (load,) if self.chance.random() < 0.3 else (load, store)
        self.counted(self.chance.randint(5, 12), lambda: self.code.arm(*body), {value})

    def dirty(self) -> None:
        """A line that becomes dirty, and an operation that cleans or drops it."""
        base = self.chance.choice(POINTERS)
        value, operand = self.words.targets(2)
        address = memory.WRITE_BACK + self.chance.randrange(0, 0x1_0000, 4)
        self.code.literal(base, address)
        self.code.arm(0xE590_0000 | base << 16 | value << 12)
        for _ in range(self.chance.randint(1, 3)):
            offset = self.chance.randrange(0, 64, 4)
            self.code.arm(0xE580_0000 | base << 16 | value << 12 | offset)
        crm = self.chance.choice((10, 10, 14, 6))
        self.code.literal(operand, address)
        self.code.arm(0xEE07_0F30 | operand << 12 | crm)
        if self.chance.getrandbits(1):
            self.code.arm(0xE590_0000 | base << 16 | value << 12)

    def climb(self) -> None:
        """Up the ladder, by BLX, once or twice."""
        target = self.chance.choice((0, 1, 2, 3, 4))
        start = self.chance.randrange(memory.LADDER_STEPS - 4)
        address = memory.LADDER + self.setup.base - memory.CODE + 0x1000 * start
        self.code.literal(target, address)
        for _ in range(self.chance.randint(1, 2)):
            self.code.arm(0xE3A0_0000 | 5 << 12 | self.chance.randint(2, memory.LADDER_STEPS))
            self.code.arm(0xE12F_FF30 | target)

    def build(self, length: int) -> bytes:
        """Emit items until the code has so many words, then the functions and the literals."""
        first = self.code.here
        while self.code.here < first + 4 * length:
            items = self.choose_items()
            self.chance.choices([item for item, _ in items], [weight for _, weight in items])[0]()
        self.code.place("end")
        self.code.branch("end")
        while self.functions:
            self.functions.pop(0)()
        return self.code.finish()

    def pointer(self) -> int:
        """An address in the middle of some window, of a word; below 32 MB if FCSE moves it."""
        base = self.chance.choice(memory.WINDOWS)
        if base == memory.PAGES:
            address = base + self.chance.randrange(32, 224) * 0x1000 + self._within(0x1000)
        else:
            address = base + 0x4_0000 + self._within(0x1_0000)
        if self.fcse and self.chance.random() < 0.5 and address - self.fcse < 0x0200_0000:
            return address - self.fcse
        return address

    def _within(self, size: int) -> int:
        """An offset: anywhere, at the start of a page, or just before its end."""
        kind = self.chance.randrange(4)
        if kind == 0:
            return self.chance.randrange(0, size, 4)
        if kind == 1:
            return self.chance.randrange(0, size, 0x1000)
        if kind == 2:
            return self.chance.randrange(0, size, 0x1000) + 0x1000 - self.chance.randrange(4, 64, 4)
        return self.chance.randrange(0, size, 32)


def _preamble(setup: Setup, entry: int) -> bytes:
    """Write the control registers that are not as after reset, and go to the program."""
    code = Code(PREAMBLE)
    writes = [(1, 0, 1, setup.actlr, 7), (2, 0, 0, setup.ttbr0, 0), (2, 0, 1, setup.ttbr1, 0)]
    writes += [(2, 0, 2, setup.ttbcr, 0), (3, 0, 0, setup.dacr, 0), (13, 0, 0, setup.fcse, 0)]
    writes += [(13, 0, 1, setup.context_id, 0)]
    for crn, crm, opcode2, value, reset in writes:
        if value != reset and (setup.mmu or crn == 1):
            code.literal(0, value)
            code.arm(0xEE00_0F10 | crn << 16 | opcode2 << 5 | crm)
    if setup.l2:
        code.literal(0, memory.L2CC + 0x100)
        code.arm(0xE3A0_1001, 0xE580_1000)  # mov r1, #1; str r1, [r0]
    if setup.vfp:
        code.literal(0, 0xF0_0000)
        code.arm(0xEE01_0F50, 0xE3A0_0101, 0xEEE8_0A10)  # CPACR; mov r0, #1 << 30; fmxr fpexc, r0
    code.literal(0, setup.sctlr)
    code.arm(0xEE01_0F10)
    if setup.mode != SVC:
        code.arm(0xE321_F000 | 0xC0 | setup.mode)
    code.literal_pc(entry)
    return code.finish()


def _registers(builder: _Builder, chance: random.Random) -> dict[str, int]:
    """Data, pointers and stacks of every mode."""
    registers = {f"r{n}": chance.getrandbits(32) for n in DATA}
    for n in POINTERS:
        registers[f"r{n}"] = registers[f"r{n}_fiq"] = builder.pointer()
    registers[f"r{DEVICE}"] = registers[f"r{DEVICE}_fiq"] = memory.DEVICES[0]
    registers[f"r{INDEX}"] = registers[f"r{INDEX}_fiq"] = 16
    for number, name in enumerate(_NAMES.values()):
        registers[f"sp_{name}"] = memory.STACKS + 0x8_8000 + number * _STACK_STEP
    return registers


def generate(seed: int) -> Program:
    """The program of a seed."""
    builder = _Builder(seed)
    chance = builder.chance
    registers = _registers(builder, chance)
    image = builder.build(chance.randint(30, 70))
    setup = builder.setup
    vectors = memory.vectors(setup.svc)
    images = {
        memory.TABLES: memory.page_tables(xp=setup.xp),
        0: vectors,
        memory.VECTOR_PAGE: vectors,
        memory.HANDLERS_AT: memory.handlers()[0],
        PREAMBLE: _preamble(setup, setup.base),
        memory.LADDER: memory.ladder(),
        memory.CODE: image,
    }
    registers |= {"cpsr": _MASKED | SVC, "pc": PREAMBLE}
    return Program(seed, setup, images, registers, builder.code.address("end"))
