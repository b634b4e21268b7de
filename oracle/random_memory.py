# SPDX-License-Identifier: BSD-2-Clause
"""Random ARM loads and stores: every kind, addressing mode and size, into the scratch memory.

Each is an item: the base register is made from the anchor, an offset register gets a value that
is known, and the access follows. Forms that the ARM architecture manual (DDI 0100, A4 and A5)
calls UNPREDICTABLE are not drawn, nor is an access whose low address bits would be dropped or
rotated (SCTLR.A and U clear).
"""

from collections.abc import Callable
from typing import Final

from oracle.random_builder import PC, SYS, USR, Builder

_LOAD: Final = 1 << 20
_WRITE_BACK: Final = 1 << 21
_UP: Final = 1 << 23
_BEFORE: Final = 1 << 24
_MASK: Final = 0xFFFF_FFFF
_WORD_OFFSET_MAX: Final = 0xFFF
_PREDICTABLE_SHIFTS: Final = 3


def access(b: Builder) -> None:
    """Append one item that reads or writes memory."""
    b.dice.weighted(_CLASSES)(b)


def _mode(b: Builder) -> tuple[bool, int]:
    """Whether the offset is added before the access, and the bits P and W."""
    kind = b.dice.below(3)
    if kind == 0:
        return True, _BEFORE
    if kind == 1:
        return True, _BEFORE | _WRITE_BACK
    return False, 0


def _word_or_byte(b: Builder) -> None:
    """LDR, STR, LDRB, STRB, and their forms that access as user mode does."""
    dice = b.dice
    byte = dice.bits(1)
    base = b.target()
    before, bits = _mode(b)
    if not before and dice.percent(30):
        bits |= _WRITE_BACK  # LDRT and its like
    load = dice.bits(1)
    data = b.target(base) if load else _stored(b, base, bits)
    place = b.offset(1 if byte else 4)
    word = b.condition() | 0x0400_0000 | byte << 22 | load << 20 | bits | base << 16 | data << 12
    if dice.percent(55):
        offset = dice.bits(12) if dice.percent(30) else dice.bits(6)
        up = dice.bits(1)
        word |= up << 23 | offset
        move = offset if up else -offset
    else:
        index = b.target(base, *((data,) if load else ()))
        field, move = _shifted_index(b, index, free=not before)
        word |= 1 << 25 | field | index
    b.make_base(base, place - move if before else place)
    b.arm(word)


def _stored(b: Builder, base: int, bits: int) -> int:
    """A register to store; not the base where that is written back."""
    while True:
        number = b.source()
        if number != base or bits == _BEFORE:
            return number


def _shifted_index(b: Builder, index: int, *, free: bool) -> tuple[int, int]:
    """Give the index register a value; the instruction's fields, and what is added to the base.

    With `free`, the offset does not enter the address, so that any shift will do.
    """
    dice = b.dice
    value = dice.bits(7)
    if dice.percent(50):
        b.arm(0xE3A0_0000 | index << 12 | value)
    else:
        b.arm(0xE3E0_0000 | index << 12 | value)
        value = ~value & _MASK
    up = dice.bits(1)
    if free:
        return up << 23 | dice.bits(7) << 5, 0
    amount = dice.bits(2) if dice.percent(70) else dice.bits(5)
    kind = dice.below(_PREDICTABLE_SHIFTS)
    moved = _shift(value, kind, amount)
    if not -_WORD_OFFSET_MAX <= moved <= _WORD_OFFSET_MAX:
        kind, amount, moved = 0, 0, _signed(value)
    return up << 23 | amount << 7 | kind << 5, moved if up else -moved


def _signed(value: int) -> int:
    return value - (1 << 32) if value >> 31 else value


def _shift(value: int, kind: int, amount: int) -> int:
    """What LSL, LSR or ASR by an immediate makes of a value, as a signed number."""
    if kind == 0:
        return _signed(value << amount & _MASK)
    amount = amount or 32
    return _signed(value >> amount) if kind == 1 else _signed(value) >> amount


def _extra(b: Builder) -> None:
    """Halfwords and signed bytes."""
    dice = b.dice
    code, size, load = dice.pick(((0xB0, 2, 1), (0xB0, 2, 0), (0xD0, 1, 1), (0xF0, 2, 1)))
    base = b.target()
    before, bits = _mode(b)
    data = b.target(base) if load else _stored(b, base, bits)
    word = b.condition() | code | load << 20 | base << 16 | data << 12
    _extra_offset(b, word | bits, base, b.offset(size), before, (data,) if load else ())


def _extra_offset(
    b: Builder, word: int, base: int, place: int, before: bool, taken: tuple[int, ...]
) -> None:
    """Choose the offset of a halfword or doubleword, then append base and access."""
    up = b.dice.bits(1)
    word |= up << 23
    if b.dice.percent(60):
        offset = b.dice.bits(8)
        word |= 1 << 22 | (offset & 0xF0) << 4 | offset & 15
    else:
        index = b.target(base, *taken)
        offset = b.dice.bits(8)
        b.arm(0xE3A0_0000 | index << 12 | offset)
        word |= index
    move = offset if up else -offset
    b.make_base(base, place - move if before else place)
    b.arm(word)


def _double(b: Builder) -> None:
    """LDRD and STRD. Where SCTLR.U is clear the address is a multiple of eight, or aborts."""
    dice = b.dice
    load = dice.bits(1)
    base = b.target()
    before, bits = _mode(b)
    pairs = [n for n in range(0, 14, 2) if base not in (n, n + 1)]
    if load:
        pairs = [n for n in pairs if b.may_write(n) and b.may_write(n + 1)]
    data = dice.pick(pairs)
    place = b.offset(8, 8 if not b.checks.unaligned or b.checks.strict else 4)
    if place & 3 == 0 and (b.checks.strict or not b.checks.unaligned):
        place &= -8
    word = b.condition() | (0xD0 if load else 0xF0) | base << 16 | data << 12 | bits
    _extra_offset(b, word, base, place, before, (data, data + 1))


def _multiple(b: Builder) -> None:
    """LDM and STM in all four modes, with and without write-back."""
    dice = b.dice
    load = dice.bits(1)
    base = b.target()
    registers = dice.bits(15) & dice.bits(15) if dice.percent(60) else dice.bits(15)
    if load:
        registers &= ~sum(1 << n for n in range(15) if not b.may_write(n))
    back = dice.bits(1)
    if back:
        registers &= ~(1 << base)
    if not registers:
        registers = 1 << b.target(base)
    if back and not load and not registers & ((1 << base) - 1) and dice.percent(30):
        registers |= 1 << base  # stored first, so with its old value
    mode = dice.bits(2)
    b.make_base(base, _multiple_base(b, mode, 4 * registers.bit_count()))
    word = b.condition() | 0x0800_0000 | mode << 23 | back << 21 | load << 20
    b.arm(word | base << 16 | registers)


def _multiple_base(b: Builder, mode: int, size: int) -> int:
    """Where the base of a multiple access of `size` bytes has to point from the anchor."""
    place = b.offset(size, 4)
    return place if mode & 1 else place + size


def _user_multiple(b: Builder) -> None:
    """LDM and STM of the user mode's registers, from a mode that has others."""
    if b.mode in (USR, SYS):
        _multiple(b)
        return
    dice = b.dice
    load = dice.bits(1)
    base = b.target()
    registers = dice.bits(15) | 1 << 13
    if load:
        registers &= ~sum(1 << n for n in range(15) if not b.may_write(n))
    mode = dice.bits(2)
    b.make_base(base, _multiple_base(b, mode, 4 * registers.bit_count()))
    word = b.condition() | 0x0840_0000 | mode << 23 | load << 20 | base << 16 | registers
    b.arm(word, 0xE1A0_0000)  # no banked register may be used directly behind


def _swap(b: Builder) -> None:
    byte = b.dice.bits(1)
    base = b.target()
    data = b.target(base)
    source = data if b.dice.percent(30) else _stored(b, base, 0)
    b.make_base(base, b.offset(1 if byte else 4))
    b.arm(b.condition() | 0x0100_0090 | byte << 22 | base << 16 | data << 12 | source)


def _exclusive(b: Builder) -> None:
    """LDREX and the STREX that closes its monitor, or an STREX without one."""
    base = b.target()
    data = b.target(base)
    if not b.checks.forced and b.dice.percent(10):  # refused, and no monitor opened
        b.add_constant(base, b.anchor, b.dice.between(-0x80, 0x7F) * 4 + b.dice.between(1, 3))
        b.arm(b.condition() | 0x0190_0F9F | base << 16 | data << 12)
        return
    status = b.target(base, data)
    source = b.target(base, status) if b.dice.percent(50) else data
    b.add_constant(base, b.anchor, b.dice.between(-0x80, 0x7F) * 4)
    condition = b.condition()
    if b.dice.percent(70):
        b.arm(condition | 0x0190_0F9F | base << 16 | data << 12)
        if b.dice.percent(50):
            b.arm(0xE280_0001 | data << 16 | data << 12)
    b.arm(condition | 0x0180_0F90 | base << 16 | status << 12 | source)


def _literal(b: Builder) -> None:
    """A load relative to r15, from the code before it."""
    back = b.dice.below(b.here // 4 + 1) * 4
    data = b.target()
    b.arm(b.condition() | 0x051F_0000 | data << 12 | min(back + 8, _WORD_OFFSET_MAX & -4))


def _store_program_counter(b: Builder) -> None:
    """STR of r15: the address of the instruction plus 8 on this core."""
    base = b.target()
    b.make_base(base, b.dice.between(-0x80, 0x7F) * 4)
    b.arm(b.condition() | 0x0500_0000 | _UP | base << 16 | PC << 12)


def _preload(b: Builder) -> None:
    b.arm(0xF550_F000 | b.dice.bits(1) << 23 | b.source() << 16 | b.dice.bits(12))


_CLASSES: Final[tuple[tuple[Callable[[Builder], None], int], ...]] = (
    (_word_or_byte, 40),
    (_extra, 20),
    (_double, 10),
    (_multiple, 16),
    (_user_multiple, 4),
    (_swap, 4),
    (_exclusive, 4),
    (_literal, 2),
    (_store_program_counter, 1),
    (_preload, 1),
)
