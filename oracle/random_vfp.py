# SPDX-License-Identifier: BSD-2-Clause
"""Random VFPv2 instructions: arithmetic, vectors, conversions, comparisons, moves, memory.

Vectors that wrap onto themselves or overlap in part are UNPREDICTABLE (DDI 0100, C5) and are not
drawn; scalars and whole vectors are.
"""

from collections.abc import Callable
from typing import Final

from oracle.random_builder import PC, Builder

_DOUBLE: Final = 1 << 8
#: p, q, r and s of the opcode, as bits 23, 21, 20 and 6.
_TERNARY: Final = tuple(
    (code >> 3 & 1) << 23 | (code >> 2 & 1) << 21 | (code >> 1 & 1) << 20 | (code & 1) << 6
    for code in range(9)
)
_COPIES: Final = (0x00B0_0040, 0x00B0_00C0, 0x00B1_0040, 0x00B1_00C0)
_COMPARISONS: Final = (0x00B4_0040, 0x00B4_00C0, 0x00B5_0040, 0x00B5_00C0)
_WITH_ZERO: Final = 1 << 16
_TO_WHOLE: Final = (0x00BC_0040, 0x00BC_00C0, 0x00BD_0040, 0x00BD_00C0)
_FROM_WHOLE: Final = (0x00B8_0040, 0x00B8_00C0)
_BASE: Final = 0x0E00_0A00
#: FPSCR's fields, none of them a trap enable: flags, DN and FZ, rounding; then exceptions.
_FPSCR_FREE: Final = 0xF3C0_009F
#: Lengths and strides of vectors that fit a bank of singles.
_SHAPES: Final = (*((n, 1) for n in range(1, 9)), *((n, 2) for n in range(2, 5)))


def operation(b: Builder) -> None:
    """Append one item."""
    b.dice.weighted(_CLASSES)(b)


def steady(b: Builder) -> None:
    """Likewise, but for one that leaves the shape of vectors as it is."""
    b.dice.weighted(_STEADY)(b)


def control_value(b: Builder) -> int:
    """An FPSCR: rounding, flush-to-zero, default NaN, flags, and a shape, which holds from now."""
    b.vector_length, b.vector_stride = b.dice.pick(_SHAPES) if b.dice.percent(40) else (1, 1)
    shape = (b.vector_length - 1) << 16 | (3 if b.vector_stride > 1 else 0) << 20
    return b.dice.bits(32) & _FPSCR_FREE | shape


def _double(b: Builder) -> int:
    """1 for double precision; vectors of doubles only where they fit into a bank of four."""
    fits = b.vector_length * b.vector_stride <= 4
    return b.dice.bits(1) if fits else 0


def _field(number: int, double: int, high: int, low: int) -> int:
    """A VFP register in a field of four bits at `high`, and its fifth bit at `low`."""
    if double:
        return number << high
    return number >> 1 << high | (number & 1) << low


def _operands(b: Builder, count: int, double: int) -> tuple[int, ...]:
    """Registers of an arithmetic operation: the result, then its operands.

    In a vector operation each operand vector is the result's, or does not touch it.
    """
    total = 16 if double else 32
    if b.vector_length == 1:
        return tuple(b.dice.below(total) for _ in range(count))
    bank = 4 if double else 8
    result = b.dice.below(total)
    if result < bank:  # a scalar operation
        return result, *(b.dice.below(total) for _ in range(count - 1))
    touched = _vector(b, result, bank)
    chosen = [result]
    while len(chosen) < count:
        number = b.dice.below(total)
        scalar = len(chosen) == count - 1 and number < bank
        if scalar or (number >= bank and _disjoint(b, number, result, touched, bank)):
            chosen.append(number)
    return tuple(chosen)


def _vector(b: Builder, first: int, bank: int) -> set[int]:
    base = first & -bank
    return {base + (first + n * b.vector_stride) % bank for n in range(b.vector_length)}


def _disjoint(b: Builder, number: int, result: int, touched: set[int], bank: int) -> bool:
    return number == result or not touched & _vector(b, number, bank)


def _ternary(b: Builder) -> None:
    double = _double(b)
    result, first, second = _operands(b, 3, double)
    word = b.condition() | _BASE | double << 8 | b.dice.pick(_TERNARY)
    word |= _field(result, double, 12, 22) | _field(first, double, 16, 7)
    b.arm(word | _field(second, double, 0, 5))


def _copy(b: Builder) -> None:
    """FCPY, FABS, FNEG and FSQRT."""
    double = _double(b)
    result, source = _operands(b, 2, double)
    word = b.condition() | _BASE | double << 8 | b.dice.pick(_COPIES)
    b.arm(word | _field(result, double, 12, 22) | _field(source, double, 0, 5))


def _any(b: Builder, double: int) -> int:
    return b.dice.below(16 if double else 32)


def _compare(b: Builder) -> None:
    double = b.dice.bits(1)
    opcode = b.dice.pick(_COMPARISONS)
    word = b.condition() | _BASE | double << 8 | opcode | _field(_any(b, double), double, 12, 22)
    if not opcode & _WITH_ZERO:
        word |= _field(_any(b, double), double, 0, 5)
    b.arm(word)
    if b.dice.percent(50):
        b.arm(b.condition() | 0x0EF1_FA10)  # FMSTAT


def _convert_precision(b: Builder) -> None:
    double = b.dice.bits(1)
    word = b.condition() | _BASE | double << 8 | 0x00B7_00C0
    word |= _field(_any(b, 1 - double), 1 - double, 12, 22)
    b.arm(word | _field(_any(b, double), double, 0, 5))


def _convert_whole(b: Builder) -> None:
    """To and from whole numbers, which are always in a single register."""
    double = b.dice.bits(1)
    word = b.condition() | _BASE | double << 8
    if b.dice.bits(1):
        word |= b.dice.pick(_TO_WHOLE) | _field(_any(b, 0), 0, 12, 22)
        b.arm(word | _field(_any(b, double), double, 0, 5))
    else:
        word |= b.dice.pick(_FROM_WHOLE) | _field(_any(b, double), double, 12, 22)
        b.arm(word | _field(_any(b, 0), 0, 0, 5))


def _transfer(b: Builder) -> None:
    """FMSR, FMRS, and the halves of a double."""
    read = b.dice.bits(1)
    core = b.target() if read else b.source()
    word = b.condition() | read << 20 | core << 12
    if b.dice.bits(1):
        word |= 0x0E00_0A10 | _field(_any(b, 0), 0, 16, 7)
    else:
        word |= 0x0E00_0B10 | b.dice.bits(1) << 21 | _any(b, 1) << 16
    b.arm(word)


def _transfer_two(b: Builder) -> None:
    """FMRRD, FMDRR, FMRRS and FMSRR."""
    read = b.dice.bits(1)
    low = b.target() if read else b.source()
    high = b.target(low) if read else b.source()
    word = b.condition() | 0x0C40_0A10 | read << 20 | high << 16 | low << 12
    if b.dice.bits(1):
        word |= _DOUBLE | _any(b, 1)
    else:
        word |= _field(b.dice.below(31), 0, 0, 5)
    b.arm(word)


def _control(b: Builder) -> None:
    register = b.target()
    b.set_constant(register, control_value(b))
    b.arm(0xEEE1_0A10 | register << 12)


def _read_control(b: Builder) -> None:
    b.arm(b.condition() | 0x0EF1_0A10 | b.target() << 12)


def _memory(b: Builder) -> None:
    """FLDS, FLDD, FSTS and FSTD."""
    dice = b.dice
    double = dice.bits(1)
    load = dice.bits(1)
    up = dice.bits(1)
    word = b.condition() | 0x0D00_0A00 | double << 8 | load << 20 | up << 23
    word |= _field(_any(b, double), double, 12, 22)
    if load and dice.percent(10):
        back = dice.below(min(b.here // 4 + 1, 60))
        b.arm(word & ~(1 << 23) | PC << 16 | back + 2)
        return
    base = b.target()
    offset = dice.bits(8)
    move = 4 * offset if up else -4 * offset
    b.make_base(base, b.offset(8 if double else 4, 4) - move)
    b.arm(word | base << 16 | offset)


def _memory_multiple(b: Builder) -> None:
    """FLDM and FSTM: increment, with write-back or not, and decrement before; S, D and X."""
    dice = b.dice
    double = dice.bits(1)
    load = dice.bits(1)
    first = _any(b, double)
    count = dice.between(1, (16 if double else 32) - first)
    words = count * (2 if double else 1) + (1 if double and dice.percent(25) else 0)
    mode = dice.pick((0x0080_0000, 0x00A0_0000, 0x0120_0000))
    base = b.target()
    place = b.offset(4 * words, 4)
    down = mode == 0x0120_0000
    b.make_base(base, place + 4 * words if down else place)
    word = b.condition() | 0x0C00_0A00 | mode | double << 8 | load << 20 | words
    b.arm(word | base << 16 | _field(first, double, 12, 22))


_STEADY: Final[tuple[tuple[Callable[[Builder], None], int], ...]] = (
    (_ternary, 40),
    (_copy, 10),
    (_compare, 10),
    (_convert_precision, 6),
    (_convert_whole, 10),
    (_transfer, 8),
    (_transfer_two, 5),
    (_read_control, 2),
    (_memory, 12),
    (_memory_multiple, 8),
)
_CLASSES: Final = (*_STEADY, (_control, 8))
