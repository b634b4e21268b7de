# SPDX-License-Identifier: BSD-2-Clause
"""Random Thumb instructions other than branches: register operations, loads and stores.

Forms that the ARM architecture manual (DDI 0100, A7) calls UNPREDICTABLE are not drawn.
"""

from collections.abc import Callable
from typing import Final

from oracle.random_builder import SP, Builder

_LOW: Final = 8
#: Formats with an immediate offset: opcode, size in bytes, whether it loads.
_IMMEDIATE: Final = (
    (0x6000, 4, 0), (0x6800, 4, 1), (0x7000, 1, 0), (0x7800, 1, 1), (0x8000, 2, 0), (0x8800, 2, 1),
)  # fmt: skip
#: Formats with an offset register: STR, STRH, STRB, LDRSB, LDR, LDRH, LDRB, LDRSH.
_REGISTER: Final = (
    (0x5000, 4, 0), (0x5200, 2, 0), (0x5400, 1, 0), (0x5600, 1, 1),
    (0x5800, 4, 1), (0x5A00, 2, 1), (0x5C00, 1, 1), (0x5E00, 2, 1),
)  # fmt: skip
_COMPARING: Final = (8, 10, 11)
_UNARY_WORDS: Final = (0xB200, 0xB240, 0xB280, 0xB2C0, 0xBA00, 0xBA40, 0xBAC0)


def simple(b: Builder) -> int:
    """An instruction that changes registers and flags only."""
    return b.dice.weighted(_SIMPLE)(b)


def access(b: Builder) -> None:
    """Append one item that reads or writes memory."""
    b.dice.weighted(_ACCESSES)(b)


def _low(b: Builder) -> int:
    return b.dice.below(_LOW)


def _low_target(b: Builder, *taken: int) -> int:
    return b.target(*taken, below=_LOW)


def _shift(b: Builder) -> int:
    return b.dice.below(3) << 11 | b.dice.bits(5) << 6 | _low(b) << 3 | _low_target(b)


def _add_subtract(b: Builder) -> int:
    return 0x1800 | b.dice.bits(2) << 9 | _low(b) << 6 | _low(b) << 3 | _low_target(b)


def _immediate(b: Builder) -> int:
    kind = b.dice.bits(2)
    target = _low(b) if kind == 1 else _low_target(b)
    return 0x2000 | kind << 11 | target << 8 | b.dice.bits(8)


def _arithmetic(b: Builder) -> int:
    kind = b.dice.bits(4)
    target = _low(b) if kind in _COMPARING else _low_target(b)
    return 0x4000 | kind << 6 | _low(b) << 3 | target


def _high(b: Builder) -> int:
    """ADD, CMP and MOV where one register at least is high."""
    kind = b.dice.below(3)
    target = b.source() if kind == 1 else b.target()
    source = b.dice.between(_LOW, 14) if target < _LOW else b.source()
    return 0x4400 | kind << 8 | (target & 8) << 4 | source << 3 | target & 7


def _address(b: Builder) -> int:
    """ADD of an immediate to r15 or to SP, into a low register."""
    return 0xA000 | b.dice.bits(1) << 11 | _low_target(b) << 8 | b.dice.bits(8)


def _adjust_stack(b: Builder) -> int:
    return 0xB000 | b.dice.bits(8)


def _unary(b: Builder) -> int:
    return b.dice.pick(_UNARY_WORDS) | _low(b) << 3 | _low_target(b)


def _base_for(b: Builder, base: int, offset: int) -> None:
    """`base` = anchor + `offset` (-255 to 255), by way of instructions that change the flags."""
    b.half(0x1C00 | b.anchor << 3 | base)  # ADD base, anchor, #0
    if offset:
        b.half((0x3000 if offset > 0 else 0x3800) | base << 8 | abs(offset))


def _near(b: Builder, size: int) -> int:
    place = b.dice.between(-255, 255)
    if b.checks.forced or b.dice.percent(80):
        place = place // size * size if place >= 0 else -(-place // size * size)
    return place


def _immediate_offset(b: Builder) -> None:
    opcode, size, load = b.dice.pick(_IMMEDIATE)
    base = _low_target(b)
    data = _low_target(b) if load else _low(b)
    _base_for(b, base, _near(b, size))
    b.half(opcode | b.dice.bits(5) << 6 | base << 3 | data)


def _register_offset(b: Builder) -> None:
    opcode, size, load = b.dice.pick(_REGISTER)
    base = _low_target(b)
    index = _low_target(b, base)
    data = _low_target(b) if load else _low(b)
    _base_for(b, base, _near(b, size))
    offset = b.dice.bits(7)
    if b.checks.forced:
        offset &= -size
    b.half(0x2000 | index << 8 | offset)
    b.half(opcode | index << 6 | base << 3 | data)


def _stack_offset(b: Builder) -> None:
    load = b.dice.bits(1)
    _stack_at_anchor(b)
    data = _low_target(b) if load else _low(b)
    b.half(0x9000 | load << 11 | data << 8 | b.dice.bits(6))


def _stack_at_anchor(b: Builder) -> None:
    b.half(0x4680 | (SP & 7) | b.anchor << 3)
    if b.dice.percent(50):
        b.half(0xB000 | b.dice.bits(1) << 7 | b.dice.bits(5))


def _literal(b: Builder) -> None:
    b.half(0x4800 | _low_target(b) << 8 | b.dice.bits(4))


def _push_pop(b: Builder) -> None:
    _stack_at_anchor(b)
    for _ in range(b.dice.between(1, 3)):
        registers = b.dice.bits(8) or 1 << b.anchor
        if b.dice.bits(1):
            b.half(0xB400 | b.dice.bits(1) << 8 | registers)
        else:
            writable = registers & ~_unwritable(b) or 1 << _low_target(b)
            b.half(0xBC00 | writable)


def _unwritable(b: Builder) -> int:
    return sum(1 << n for n in range(_LOW) if not b.may_write(n))


def _multiple(b: Builder) -> None:
    """STMIA and LDMIA: the base is stored first or not at all; loaded, it is not written back."""
    load = b.dice.bits(1)
    base = _low_target(b)
    registers = b.dice.bits(8)
    if load:
        registers &= ~_unwritable(b)
    elif registers & ((1 << base) - 1):
        registers &= ~(1 << base)
    _base_for(b, base, _near(b, 4))
    b.half(0xC000 | load << 11 | base << 8 | (registers or 1 << base))


_SIMPLE: Final[tuple[tuple[Callable[[Builder], int], int], ...]] = (
    (_shift, 12),
    (_add_subtract, 10),
    (_immediate, 14),
    (_arithmetic, 24),
    (_high, 10),
    (_address, 4),
    (_adjust_stack, 2),
    (_unary, 10),
)
_ACCESSES: Final[tuple[tuple[Callable[[Builder], None], int], ...]] = (
    (_immediate_offset, 30),
    (_register_offset, 30),
    (_stack_offset, 8),
    (_literal, 4),
    (_push_pop, 12),
    (_multiple, 16),
)
