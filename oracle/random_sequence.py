# SPDX-License-Identifier: BSD-2-Clause
"""A random sequence of instructions with the state that it starts from, out of a seed.

`make_sequence(seed, number)` is the same in every run and on every host. A change to what it
draws is a new VERSION, and makes the golden answers stale.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from oracle import random_arm, random_flow, random_memory, random_system, random_thumb, random_vfp
from oracle.random_builder import (
    ABT,
    FIQ,
    IRQ,
    PRIVILEGED_MODES,
    SVC,
    SYS,
    UND,
    USR,
    Builder,
    Checks,
    Place,
)
from oracle.random_dice import Dice

VERSION: Final = 2
#: Bytes of code that a sequence has at least, and that no sequence reaches.
LEAST_BYTES: Final = 0x180
SLOT_BYTES: Final = 0x400
#: Contents that the scratch memory may start with, by number.
PATTERNS: Final = 16

_WORDS: Final = (
    0, 1, 2, 0xFFFF_FFFF, 0xFFFF_FFFE, 0x7FFF_FFFF, 0x8000_0000, 0x8000_0001, 0x7FFF, 0x8000,
    0xFFFF, 0xFFFF_8000, 0x7F80_7F80, 0x0080_FF00, 0x8000_7FFF, 0x5555_5555, 0xAAAA_AAAA, 31, 32,
    33,
)  # fmt: skip
_SINGLES: Final = (
    0, 0x8000_0000, 0x3F80_0000, 0xBF80_0000, 0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0xFFC0_1234,
    0x7F80_0001, 0xFFA0_0000, 1, 0x8000_0001, 0x007F_FFFF, 0x0080_0000, 0x7F7F_FFFF, 0xFF7F_FFFF,
    0x4F00_0000, 0xCF00_0000, 0x4F80_0000, 0x3F00_0000, 0x3FC0_0000, 0x4B80_0001, 0x3EFF_FFFF,
)  # fmt: skip
_DOUBLES: Final = (
    0, 1 << 63, 0x3FF << 52, 0xBFF << 52, 0x7FF << 52, 0xFFF << 52, 0x7FF8 << 48,
    0xFFF8_0000_1234_5678, (0x7FF << 52) + 1, 0xFFF4 << 48, 1, (1 << 63) + 1, (1 << 52) - 1,
    1 << 52, (0x7FF << 52) - 1, 0x41DF_FFFF_FFC0_0000, 0x41E0 << 48, 0xC1E0 << 48,
    0x41EF_FFFF_FFE0_0000, 0x3FE0 << 48, 0x3FF8 << 48, 0x47EF_FFFF_E000_0000,
    0x47EF_FFFF_F000_0000, 0x3810 << 48, 0x36A0 << 48, 0x380F_FFFF_FFFF_FFFF,
)  # fmt: skip


class Kind(Enum):
    """What a sequence consists of mostly."""

    USER = "user"
    PRIVILEGED = "privileged"
    VFP = "vfp"
    THUMB = "thumb"
    STRICT = "strict"  # SCTLR.A set or U clear
    MIXED = "mixed"


_KINDS: Final = (
    (Kind.USER, 25), (Kind.PRIVILEGED, 25), (Kind.VFP, 20), (Kind.THUMB, 12), (Kind.STRICT, 8),
    (Kind.MIXED, 10),
)  # fmt: skip
#: How often an item is simple, a memory access, a change of flow, a system one, or VFP.
_SHARES: Final = {
    Kind.USER: (50, 24, 14, 4, 4),
    Kind.PRIVILEGED: (36, 16, 10, 30, 4),
    Kind.VFP: (10, 4, 4, 2, 80),
    Kind.THUMB: (50, 24, 14, 6, 0),
    Kind.STRICT: (16, 60, 8, 6, 8),
    Kind.MIXED: (30, 25, 15, 15, 15),
}
#: Banked registers of a mode, in the order in which they are set: count without SPSR.
BANKS: Final = ((FIQ, 7), (IRQ, 2), (ABT, 2), (UND, 2), (SYS, 2), (SVC, 2))


@dataclass(frozen=True, slots=True)
class Start:
    """The state before a sequence. `banks` follow BANKS, each with its SPSR (not SYS) behind."""

    registers: tuple[int, ...]  # r0 to r12
    anchor: int  # the number of that register, which the image sets
    status: int  # CPSR
    banks: tuple[int, ...]
    vfp: tuple[int, ...]  # s0 to s31
    control: int  # FPSCR
    checks: Checks
    pattern: int


@dataclass(frozen=True, slots=True)
class Sequence:
    """Code for one slot. `places` are where its items end."""

    number: int
    kind: Kind
    start: Start
    code: bytes
    places: tuple[Place, ...]


def core_word(dice: Dice) -> int:
    """A value for a register of the core."""
    kind = dice.below(4)
    if kind == 0:
        return dice.pick(_WORDS)
    return dice.bits(32) >> (dice.below(32) if kind == 1 else 0)


def vfp_words(dice: Dice) -> tuple[int, int]:
    """Two words that are two singles, or one double with its low word first."""
    kind = dice.below(8)
    if kind < 2:
        return dice.pick(_SINGLES), dice.pick(_SINGLES)
    if kind < 4:
        value = dice.pick(_DOUBLES)
    elif kind == 4:
        return _near_one(dice, 8, 23), _near_one(dice, 8, 23)
    elif kind == 5:
        value = _near_one(dice, 11, 52)
    else:
        value = dice.bits(64)
    return value & 0xFFFF_FFFF, value >> 32


def _near_one(dice: Dice, exponent: int, fraction: int) -> int:
    """A number of moderate size, with few or many bits of fraction."""
    bias = (1 << exponent - 1) - 1 + dice.between(-4, 34)
    bits = dice.bits(fraction)
    if dice.percent(50):
        bits &= -1 << dice.below(fraction)
    return dice.bits(1) << exponent + fraction | bias << fraction | bits


def pattern_words(seed: int, number: int, count: int) -> list[int]:
    """Contents of the scratch memory: values of every kind."""
    dice = Dice(seed, -1 - number)
    words: list[int] = []
    while len(words) < count:
        words.extend(vfp_words(dice) if dice.percent(50) else (core_word(dice), core_word(dice)))
    return words[:count]


def make_sequence(seed: int, number: int) -> Sequence:
    """Sequence `number` of a seed."""
    dice = Dice(seed, number)
    kind = dice.weighted(_KINDS)
    mode = USR
    if kind is Kind.PRIVILEGED or (kind is not Kind.USER and dice.percent(40)):
        mode = dice.pick(PRIVILEGED_MODES)
    checks = Checks(strict=False, unaligned=True)
    if kind is Kind.STRICT:
        checks = dice.pick((Checks(True, True), Checks(True, False), Checks(False, False)))
    thumb = dice.percent(70 if kind is Kind.THUMB else 10)
    b = Builder(dice, anchor=dice.below(8), mode=mode, thumb=thumb, checks=checks)
    start = _start(b)
    _fill(b, kind)
    return Sequence(number, kind, start, bytes(b.code), tuple(b.places))


def _start(b: Builder) -> Start:
    dice = b.dice
    banks: list[int] = []
    for mode, count in BANKS:
        banks.extend(core_word(dice) for _ in range(count))
        if mode != SYS:
            banks.append(random_system.status_value(b, dice.pick(PRIVILEGED_MODES)))
    status = random_system.status_value(b, b.mode) | (0x20 if b.thumb else 0)
    vfp = [word for _ in range(16) for word in vfp_words(dice)]
    return Start(
        registers=tuple(core_word(dice) for _ in range(13)),
        anchor=b.anchor,
        status=status,
        banks=tuple(banks),
        vfp=tuple(vfp),
        control=random_vfp.control_value(b),
        checks=b.checks,
        pattern=dice.below(PATTERNS),
    )


def _fill(b: Builder, kind: Kind) -> None:
    """Items up to the length of a sequence."""
    simple, access, flow, system, vfp = _SHARES[kind]
    common = (("simple", simple), ("access", access), ("system", system))
    arm = (*common, ("flow", flow), ("vfp", vfp))
    thumb = (*common, ("flow", flow if kind is Kind.THUMB else 3 * flow + 10))  # back to ARM soon
    while b.here < LEAST_BYTES:
        name = b.dice.weighted(thumb if b.thumb else arm)
        _append(b, name)
        b.close(name)


def _append(b: Builder, name: str) -> None:
    if b.thumb:
        if name == "simple":
            b.half(random_thumb.simple(b))
        elif name == "access":
            random_thumb.access(b)
        elif name == "flow":
            random_flow.thumb_flow(b)
        else:
            random_system.thumb_system(b)
    elif name == "simple":
        b.arm(random_arm.simple(b))
    elif name == "access":
        random_memory.access(b)
    elif name == "flow":
        random_flow.flow(b)
    elif name == "system":
        random_system.system(b)
    else:
        random_vfp.operation(b)
