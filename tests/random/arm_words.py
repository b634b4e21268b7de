# SPDX-License-Identifier: BSD-2-Clause
"""Random ARM instruction words of every class, confined to a program's own registers and memory.

Registers have roles, so that a word can be executed anywhere in a program: r0 to r7 hold data,
r8 to r10 point into memory, r11 into a device, r12 holds a small index, r13 is a stack pointer.
The classes are ARMv6's; encodings are those of the ARM architecture manual, chapter A4.
"""

import random
from collections.abc import Callable
from typing import Final

AL: Final = 14
DATA: Final = range(8)
POINTERS: Final = (8, 9, 10)
DEVICE: Final = 11
INDEX: Final = 12
SP: Final = 13
LR: Final = 14
PC: Final = 15

_LOGICAL_IMMEDIATE: Final = 1 << 25
_COMPARISONS: Final = range(8, 12)
_PARALLEL_KINDS: Final = (1, 2, 3, 5, 6, 7)
_PARALLEL_OPERATIONS: Final = (0, 1, 2, 3, 4, 7)
_EXTENDS: Final = (0, 2, 3, 4, 6, 7)
_REVERSALS: Final = (0x06BF_0F30, 0x06BF_0FB0, 0x06FF_0FB0)
_SATURATIONS: Final = (0x06A0_0010, 0x06E0_0010)
_HALF_SATURATIONS: Final = (0x06A0_0F30, 0x06E0_0F30)
#: Halfword multiplies: SMLAxy, SMLAWy, SMULWy, SMULxy (opcode, lowest bits, has an accumulator).
_HALFWORD_MULTIPLIES: Final = (
    (0x0100_0080, 0x60, True),
    (0x0120_0080, 0x40, True),
    (0x0120_00A0, 0x40, False),
    (0x0160_0080, 0x60, False),
)


class ArmWords:
    """Draws instruction words; `reserved` data registers are read but never written."""

    def __init__(self, chance: random.Random, *, unaligned: bool) -> None:
        self.chance = chance
        self.unaligned = unaligned
        self.reserved: set[int] = set()
        #: Whether the stack may be used: not while a return address lies on it.
        self.stack = True
        self._classes: list[tuple[Callable[[], int], int]] = [
            (self.data_processing, 24),
            (self.multiply, 4),
            (self.multiply_long, 3),
            (self.multiply_halfword, 3),
            (self.multiply_dual, 4),
            (self.media, 10),
            (self.saturating_arithmetic, 2),
            (self.load_store, 22),
            (self.load_store_extra, 10),
            (self.load_store_dual, 5),
            (self.load_store_user, 2),
            (self.multiple, 10),
            (self.swap, 2),
            (self.exclusive, 3),
            (self.preload, 3),
            (self.read_status, 1),
            (self.write_flags, 1),
            (self.index_reload, 3),
            (self.literal_load, 2),
        ]
        self._functions = [function for function, _ in self._classes]
        self._weights = [weight for _, weight in self._classes]

    def simple(self) -> int:
        """An instruction of any class that neither branches nor needs a privilege."""
        return self.chance.choices(self._functions, self._weights)[0]()

    # Fields ---------------------------------------------------------------------------------

    def bit(self, position: int) -> int:
        """Zero or one, at a bit position."""
        return self.chance.getrandbits(1) << position

    def condition(self) -> int:
        """A condition field in place: AL two times of three."""
        return (AL if self.chance.random() < 0.67 else self.chance.randrange(14)) << 28

    def source(self) -> int:
        """A register to read: data mostly."""
        if self.chance.random() < 0.85:
            return self.chance.choice(DATA)
        return self.chance.choice((8, 9, 10, 11, 12, 13, 14))

    def target(self) -> int:
        """A data register that may be written."""
        register = self.chance.choice(DATA)
        while register in self.reserved:
            register = self.chance.choice(DATA)
        return register

    def targets(self, count: int) -> list[int]:
        """So many different ones."""
        return self.chance.sample([n for n in DATA if n not in self.reserved], count)

    # Arithmetic -----------------------------------------------------------------------------

    def data_processing(self) -> int:
        """Every opcode with every form of its second operand."""
        opcode = self.chance.randrange(16)
        comparison = opcode in _COMPARISONS
        flags = 1 << 20 if comparison else self.bit(20)
        target = 0 if comparison else self.target()
        operand, reads_pc = self._operand()
        source = PC if reads_pc and self.chance.random() < 0.1 else self.source()
        if opcode in (13, 15):
            source = 0
        return self.condition() | opcode << 21 | flags | source << 16 | target << 12 | operand

    def _operand(self) -> tuple[int, bool]:
        """A shifter operand, and whether PC may stand beside it."""
        kind = self.chance.random()
        if kind < 0.3:
            return _LOGICAL_IMMEDIATE | self.chance.getrandbits(12), True
        if kind < 0.5:
            return self.source(), True
        if kind < 0.8:
            register = PC if self.chance.random() < 0.05 else self.source()
            return self.chance.getrandbits(7) << 5 | register, True
        shift = self.chance.getrandbits(2) << 5
        return self.source() << 8 | shift | 1 << 4 | self.source(), False

    def multiply(self) -> int:
        """MUL and MLA; UMAAL."""
        if self.chance.random() < 0.2:
            low, high = self.targets(2)
            return self._product(0x0040_0090, high, low)
        accumulate = self.bit(21)
        rn = self.source() if accumulate else 0
        return self._product(accumulate | self.bit(20) | 0x90, self.target(), rn)

    def _product(self, operation: int, high: int, low: int) -> int:
        factors = self.source() << 8 | self.source()
        return self.condition() | operation | high << 16 | low << 12 | factors

    def multiply_long(self) -> int:
        """UMULL, UMLAL, SMULL and SMLAL."""
        low, high = self.targets(2)
        return self._product(0x0080_0090 | self.bit(22) | self.bit(21) | self.bit(20), high, low)

    def multiply_halfword(self) -> int:
        """SMULxy, SMLAxy, SMULWy, SMLAWy and SMLALxy."""
        if self.chance.random() < 0.25:
            low, high = self.targets(2)
            halves = self.chance.getrandbits(2) << 5
            return self._product(0x0140_0080 | halves, high, low)
        opcode, halves, accumulates = self.chance.choice(_HALFWORD_MULTIPLIES)
        opcode |= self.chance.getrandbits(7) & halves
        return self._product(opcode, self.target(), self.source() if accumulates else 0)

    def multiply_dual(self) -> int:
        """SMUAD and its relatives, the long ones, SMMUL and its relatives."""
        kind = self.chance.randrange(3)
        if kind == 0:
            form = 0x0700_0010 | self.bit(6) | self.bit(5)
            return self._product(form, self.target(), self._accumulator())
        if kind == 1:
            low, high = self.targets(2)
            return self._product(0x0740_0010 | self.bit(6) | self.bit(5), high, low)
        subtract = self.chance.choice((0, 0xC0))
        accumulator = self.source() if subtract else self._accumulator()
        form = 0x0750_0010 | subtract | self.bit(5)
        return self._product(form, self.target(), accumulator)

    def _accumulator(self) -> int:
        """Fifteen where there is none."""
        return self.source() if self.chance.getrandbits(1) else PC

    def saturating_arithmetic(self) -> int:
        """QADD, QSUB, QDADD and QDSUB."""
        opcode = 0x0100_0050 | self.chance.getrandbits(2) << 21
        return self.condition() | opcode | self._three()

    def _three(self) -> int:
        return self.source() << 16 | self.target() << 12 | self.source()

    def media(self) -> int:
        """Parallel arithmetic, packing, extension, saturation, reversal, CLZ, USAD8."""
        forms = (
            self._parallel, self._parallel, self._pack, self._extend, self._extend,
            self._saturate, self._reverse, self._sum_of_differences,
        )  # fmt: skip
        return self.condition() | self.chance.choice(forms)()

    def _parallel(self) -> int:
        kind = self.chance.choice(_PARALLEL_KINDS) << 20
        operation = self.chance.choice(_PARALLEL_OPERATIONS) << 5
        return 0x0600_0F10 | kind | operation | self._three()

    def _pack(self) -> int:
        if self.chance.random() < 0.3:
            return 0x0680_0FB0 | self._three()  # SEL
        return 0x0680_0010 | self.chance.getrandbits(5) << 7 | self.bit(6) | self._three()

    def _extend(self) -> int:
        source = self.source() if self.chance.getrandbits(1) else PC
        rotation = self.chance.getrandbits(2) << 10
        opcode = 0x0680_0070 | self.chance.choice(_EXTENDS) << 20
        return opcode | rotation | source << 16 | self.target() << 12 | self.source()

    def _saturate(self) -> int:
        registers = self.target() << 12 | self.source()
        if self.chance.random() < 0.3:
            return self.chance.choice(_HALF_SATURATIONS) | self._four_bits() << 16 | registers
        shift = self.chance.getrandbits(5) << 7 | self.bit(6)
        place = self.chance.getrandbits(5) << 16
        return self.chance.choice(_SATURATIONS) | place | shift | registers

    def _four_bits(self) -> int:
        return self.chance.getrandbits(4)

    def _reverse(self) -> int:
        opcode = self.chance.choice((*_REVERSALS, 0x016F_0F10))
        return opcode | self.target() << 12 | self.source()

    def _sum_of_differences(self) -> int:
        accumulator = self._accumulator()
        factors = self.source() << 8 | self.source()
        return 0x0780_0010 | self.target() << 16 | accumulator << 12 | factors

    # Loads and stores -----------------------------------------------------------------------

    def index_reload(self) -> int:
        """MOV of a small number, a multiple of four mostly, to the index register."""
        odd = self.unaligned and self.chance.random() < 0.2
        value = self.chance.randrange(0, 256, 1 if odd else 4)
        return 0xE3A0_0000 | INDEX << 12 | value

    def literal_load(self) -> int:
        """LDR of a word of the code around."""
        up = self.bit(23)
        distance = self.chance.randrange(0, 64, 4)
        return self.condition() | 0x051F_0000 | up | self.target() << 12 | distance

    def _offset(self, size: int, limit: int) -> int:
        """An immediate offset: near, or anywhere, or by lines; unaligned sometimes."""
        kind = self.chance.random()
        if kind < 0.5:
            offset = self.chance.randrange(0, min(64, limit), size)
        elif kind < 0.8:
            offset = self.chance.randrange(0, limit, 32 if limit > 32 else size)
        else:
            offset = self.chance.randrange(0, limit, size)
        if self.unaligned and self.chance.random() < 0.12:
            offset = offset + self.chance.randrange(4) & limit - 1
        return offset

    def load_store(self) -> int:
        """LDR, STR, LDRB, STRB: offset, pre-indexed and post-indexed, every kind of offset."""
        load = self.bit(20)
        byte = self.bit(22)
        base = self.chance.choice((*POINTERS, SP) if self.stack else POINTERS)
        form = self._form(base)
        if self.chance.random() < 0.5:
            operand = self._immediate(1 if byte else 4, form)
        else:
            operand = 1 << 25 | self._register_offset(form, load=bool(load))
        transfer = self._transferred(form, load=bool(load)) << 12
        return self.condition() | 0x0400_0000 | form | operand | load | byte | transfer

    def _form(self, base: int) -> int:
        """Base, direction, and P and W: mostly without write-back."""
        index = 1 << 24
        if base != SP:
            index = self.chance.choice((1 << 24, 1 << 24, 1 << 24 | 1 << 21, 0))
        return base << 16 | index | self.bit(23)

    def _writes_back(self, form: int) -> bool:
        return form & 1 << 24 == 0 or form & 1 << 21 != 0

    def _immediate(self, size: int, form: int) -> int:
        if self._writes_back(form):
            return self.chance.randrange(0, 256, 4)
        return self._offset(size, 4096)

    def _register_offset(self, form: int, *, load: bool) -> int:
        """The index register, shifted; by what may leave the window only for plain loads."""
        if self._writes_back(form):
            return self.chance.randrange(2, 5) << 7 | INDEX
        kinds = (0, 0, 0, 1, 2, 3) if load else (0, 0, 0, 1, 2)
        kind = self.chance.choice(kinds)
        if kind:
            amounts = range(32) if self.unaligned else range(8, 25)  # nothing below bit 2 is left
            return self.chance.choice(amounts) << 7 | kind << 5 | INDEX
        amount = self.chance.choice((0, 2, 2, 3, 5, 8))
        if not self.unaligned and amount < 2:
            amount = 2
        return amount << 7 | INDEX

    def _transferred(self, form: int, *, load: bool) -> int:
        """What is loaded or stored: no base that is written back."""
        if load:
            return self.target()
        return self.chance.choice(DATA) if self._writes_back(form) else self.source()

    def load_store_extra(self) -> int:
        """LDRH, STRH, LDRSB and LDRSH."""
        kind = self.chance.choice((0x0010_00B0, 0x0000_00B0, 0x0010_00D0, 0x0010_00F0))
        load = bool(kind & 1 << 20)
        form = self._form(self.chance.choice(POINTERS))
        operand = self._short_offset(form, 2)
        return self.condition() | kind | form | operand | self._transferred(form, load=load) << 12

    def _short_offset(self, form: int, size: int) -> int:
        """An eight-bit immediate in two halves, or the plain index register."""
        if self._writes_back(form):
            offset = self.chance.randrange(0, 256, 4)
        elif self.chance.random() < 0.4 and (self.unaligned or size == 1):
            return INDEX
        else:
            offset = self._offset(size, 256)
        return 1 << 22 | (offset >> 4) << 8 | offset & 15

    def load_store_dual(self) -> int:
        """LDRD and STRD, at addresses of words and of doublewords."""
        kind = self.chance.choice((0xD0, 0xF0))
        pairs = [n for n in (0, 2, 4, 6) if self.reserved.isdisjoint((n, n + 1))]
        form = self._form(self.chance.choice(POINTERS))
        offset = self.chance.randrange(0, 256, 4)
        halves = 1 << 22 | (offset >> 4) << 8 | offset & 15
        return self.condition() | kind | form | halves | self.chance.choice(pairs) << 12

    def load_store_user(self) -> int:
        """LDRT, STRT, LDRBT and STRBT."""
        load = self.bit(20)
        fields = self.chance.choice(POINTERS) << 16 | self.bit(23) | self.bit(22) | load
        transfer = self._transferred(0, load=bool(load)) << 12
        return self.condition() | 0x0420_0000 | fields | transfer | self.chance.randrange(0, 64, 4)

    def multiple(self) -> int:
        """LDM and STM in all four directions, with and without write-back."""
        load = self.bit(20)
        registers = self.targets(self.chance.randint(1, 5))
        if not load and self.chance.random() < 0.3:
            registers.append(LR)
        chosen = sum(1 << n for n in registers)
        fields = self.bit(24) | self.bit(23) | self.bit(21) | load
        return self.condition() | 0x0800_0000 | fields | self.chance.choice(POINTERS) << 16 | chosen

    def user_bank(self) -> int:
        """LDM and STM of the user bank's registers, for a mode that has banks of its own."""
        load = self.bit(20)
        chosen = sum(1 << n for n in self.targets(self.chance.randint(1, 4)))
        chosen |= self.chance.choice((0, 1 << 14) if load else (0, 1 << 13, 3 << 13))
        fields = 1 << 22 | self.bit(24) | self.bit(23) | load
        return self.condition() | 0x0800_0000 | fields | self.chance.choice(POINTERS) << 16 | chosen

    def swap(self) -> int:
        """SWP and SWPB."""
        base = self.chance.choice(POINTERS) << 16
        registers = self.target() << 12 | self.chance.choice(DATA)
        return self.condition() | 0x0100_0090 | self.bit(22) | base | registers

    def exclusive(self) -> int:
        """LDREX and STREX, in any order."""
        base = self.chance.choice(POINTERS) << 16
        if self.chance.getrandbits(1):
            return self.condition() | 0x0190_0F9F | base | self.target() << 12
        status, value = self.targets(2)
        return self.condition() | 0x0180_0F90 | base | status << 12 | value

    def preload(self) -> int:
        """PLD with an immediate and with a register offset."""
        base = self.chance.choice(POINTERS) << 16 | self.bit(23)
        if self.chance.random() < 0.6:
            return 0xF550_F000 | base | self._offset(4, 4096)
        return 0xF750_F000 | base | self.chance.choice((0, 2, 3, 8)) << 7 | INDEX

    # Status ---------------------------------------------------------------------------------

    def read_status(self) -> int:
        """MRS of CPSR."""
        return self.condition() | 0x010F_0000 | self.target() << 12

    def write_flags(self) -> int:
        """MSR of the flags, from an immediate or a register."""
        if self.chance.getrandbits(1):
            return self.condition() | 0x0328_F000 | 2 << 8 | self.chance.getrandbits(4) << 4
        return self.condition() | 0x0128_F000 | self.chance.choice(DATA)
