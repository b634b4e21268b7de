# SPDX-License-Identifier: BSD-2-Clause
"""Random ARM words that change registers and flags only, and are valid at any place.

Forms that the ARM architecture manual (DDI 0100, A4) calls UNPREDICTABLE are not drawn.
"""

from collections.abc import Callable
from typing import Final

from oracle.random_builder import PC, Builder

_MOVES: Final = (13, 15)
_COMPARISONS: Final = range(8, 12)
_PARALLEL: Final = tuple(
    0x0600_0F10 | kind << 20 | operation << 5
    for kind in (1, 2, 3, 5, 6, 7)
    for operation in (0, 1, 2, 3, 4, 7)
)
_EXTENDS: Final = tuple(0x0680_0070 | kind << 20 for kind in (0, 2, 3, 4, 6, 7))
_REVERSALS: Final = (0x06BF_0F30, 0x06BF_0FB0, 0x06FF_0FB0)
_HALFWORD: Final = (  # opcode, free bits
    (0x0100_0080, 0x60), (0x0120_0080, 0x40), (0x0120_00A0, 0x40), (0x0160_0080, 0x60),
)  # fmt: skip
_DUAL: Final = (  # opcode, free bits, may the accumulator be r15 (none)
    (0x0700_0010, 0x20, True), (0x0700_0050, 0x20, True), (0x0750_0010, 0x20, True),
    (0x0750_00D0, 0x20, False), (0x0780_0010, 0, True),
)  # fmt: skip
_LONG: Final = (0x0080_0090, 0x00A0_0090, 0x00C0_0090, 0x00E0_0090)
_LONG_DUAL: Final = ((0x0740_0010, 0x20), (0x0740_0050, 0x20), (0x0140_0080, 0x60))


def simple(b: Builder) -> int:
    """A word of any class of this module."""
    return b.dice.weighted(_CLASSES)(b)


def _data_processing(b: Builder) -> int:
    dice = b.dice
    operation = dice.below(16)
    status = 1 if operation in _COMPARISONS else dice.bits(1)
    target = 0 if operation in _COMPARISONS else b.target()
    first = 0 if operation in _MOVES else b.source()
    word = b.condition() | operation << 21 | status << 20 | first << 16 | target << 12
    kind = dice.below(10)
    if kind < 3:
        return word | 1 << 25 | dice.bits(12)
    if kind < 8:
        if dice.percent(5):  # reads its own address plus 8
            return word & ~(15 << 16) | (0 if operation in _MOVES else PC << 16) | b.source()
        return word | dice.bits(7) << 5 | b.source()
    return word | b.source() << 8 | dice.bits(2) << 5 | 0x10 | b.source()


def _multiply(b: Builder) -> int:
    accumulate = b.dice.bits(1)
    third = b.source() if accumulate else 0
    target, first = b.target(), b.source()
    word = b.condition() | accumulate << 21 | b.dice.bits(1) << 20 | target << 16
    return word | third << 12 | b.source() << 8 | 0x90 | first


def _multiply_long(b: Builder) -> int:
    high = b.target()
    low = b.target(high)
    word = b.condition() | high << 16 | low << 12 | b.source() << 8 | b.source()
    if b.dice.percent(20):
        return word | 0x0040_0090  # UMAAL
    return word | b.dice.pick(_LONG) | b.dice.bits(1) << 20


def _multiply_halfword(b: Builder) -> int:
    opcode, free = b.dice.pick(_HALFWORD)
    third = b.source() if opcode in (0x0100_0080, 0x0120_0080) else 0
    word = b.condition() | opcode | b.dice.bits(7) & free
    return word | b.target() << 16 | third << 12 | b.source() << 8 | b.source()


def _multiply_dual(b: Builder) -> int:
    opcode, free, bare = b.dice.pick(_DUAL)
    third = PC if bare and b.dice.percent(40) else b.source()
    word = b.condition() | opcode | b.dice.bits(7) & free
    return word | b.target() << 16 | third << 12 | b.source() << 8 | b.source()


def _multiply_long_dual(b: Builder) -> int:
    opcode, free = b.dice.pick(_LONG_DUAL)
    high = b.target()
    word = b.condition() | opcode | b.dice.bits(7) & free
    return word | high << 16 | b.target(high) << 12 | b.source() << 8 | b.source()


def _parallel(b: Builder) -> int:
    opcode = b.dice.pick(_PARALLEL)
    return b.condition() | opcode | b.source() << 16 | b.target() << 12 | b.source()


def _select(b: Builder) -> int:
    return b.condition() | 0x0680_0FB0 | b.source() << 16 | b.target() << 12 | b.source()


def _pack(b: Builder) -> int:
    word = b.condition() | 0x0680_0010 | b.source() << 16 | b.target() << 12
    return word | b.dice.bits(5) << 7 | b.dice.bits(1) << 6 | b.source()


def _extend(b: Builder) -> int:
    first = PC if b.dice.percent(50) else b.source()
    word = b.condition() | b.dice.pick(_EXTENDS) | first << 16 | b.target() << 12
    return word | b.dice.bits(2) << 10 | b.source()


def _reverse(b: Builder) -> int:
    return b.condition() | b.dice.pick(_REVERSALS) | b.target() << 12 | b.source()


def _saturate(b: Builder) -> int:
    unsigned = b.dice.bits(1) << 22
    word = b.condition() | unsigned | b.target() << 12 | b.source()
    if b.dice.percent(40):
        return word | 0x06A0_0F30 | b.dice.bits(4) << 16
    return word | 0x06A0_0010 | b.dice.bits(5) << 16 | b.dice.bits(5) << 7 | b.dice.bits(1) << 6


def _saturating_sum(b: Builder) -> int:
    word = b.condition() | 0x0100_0050 | b.dice.bits(2) << 21
    return word | b.source() << 16 | b.target() << 12 | b.source()


def _leading_zeros(b: Builder) -> int:
    return b.condition() | 0x016F_0F10 | b.target() << 12 | b.source()


def _read_flags(b: Builder) -> int:
    return b.condition() | 0x010F_0000 | b.target() << 12


def _write_flags(b: Builder) -> int:
    """MSR of an immediate to the flags or the GE bits, which every mode may write.

    No bit is set that is not allocated.
    """
    word = b.condition() | 0x0320_F000 | b.dice.between(1, 3) << 18
    if b.dice.percent(60):
        return word | 4 << 8 | b.dice.bits(5) << 3
    return word | 8 << 8 | b.dice.bits(4)


_CLASSES: Final[tuple[tuple[Callable[[Builder], int], int], ...]] = (
    (_data_processing, 40),
    (_multiply, 4),
    (_multiply_long, 4),
    (_multiply_halfword, 4),
    (_multiply_dual, 5),
    (_multiply_long_dual, 3),
    (_parallel, 10),
    (_select, 4),
    (_pack, 2),
    (_extend, 6),
    (_reverse, 3),
    (_saturate, 5),
    (_saturating_sum, 4),
    (_leading_zeros, 1),
    (_read_flags, 3),
    (_write_flags, 3),
)
