# SPDX-License-Identifier: BSD-2-Clause
"""A random sequence under construction: its code, and what is known wherever the code has come.

A sequence is a row of *items*, each one or a few instructions. Control enters an item at its
first byte and leaves it behind its last one, so any prefix of the row is a program too. What an
instruction's validity depends on is known at each place: the instruction set, the mode, and the
length and stride of VFP's vectors. One low register, the *anchor*, always points into the middle
of the scratch memory; every access begins with making its base from it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from oracle.random_dice import Dice

USR: Final = 0x10
FIQ: Final = 0x11
IRQ: Final = 0x12
SVC: Final = 0x13
ABT: Final = 0x17
UND: Final = 0x1B
SYS: Final = 0x1F
MODES: Final = (USR, FIQ, IRQ, SVC, ABT, UND, SYS)
PRIVILEGED_MODES: Final = (FIQ, IRQ, SVC, ABT, UND, SYS)

AL: Final = 14
SP: Final = 13
LR: Final = 14
PC: Final = 15

#: What to add to an address of the scratch memory for its aliases: sections that are not mapped,
#: for privileged modes only, read-only for user mode, read-only for privileged modes, read-only
#: for both, and of a domain without access.
ALIASES: Final = (
    0xD000_0000, 0xD100_0000, 0xD200_0000, 0xD300_0000, 0xD400_0000, 0xD500_0000,
)  # fmt: skip
#: Bytes of scratch memory on each side of the anchor that an access may touch.
REACH: Final = 0x200


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item ends: what a program needs to stop there. `offset` is in bytes."""

    offset: int
    thumb: bool
    name: str


@dataclass(frozen=True, slots=True)
class Checks:
    """SCTLR.A and SCTLR.U of a sequence."""

    strict: bool
    unaligned: bool

    @property
    def forced(self) -> bool:
        """Whether an unaligned access would be rotated, which QEMU lacks."""
        return not self.strict and not self.unaligned


@dataclass(slots=True)
class Builder:
    """See the module's docstring. `mode` and `thumb` hold at the end of the code."""

    dice: Dice
    anchor: int
    mode: int
    thumb: bool
    checks: Checks
    code: bytearray = field(default_factory=bytearray)
    places: list[Place] = field(default_factory=list)
    vector_length: int = 1
    vector_stride: int = 1
    _reserved: set[int] = field(default_factory=set)

    # Registers ------------------------------------------------------------------------------

    @property
    def privileged(self) -> bool:
        """Whether the mode is not user mode."""
        return self.mode != USR

    @property
    def banked(self) -> bool:
        """Whether the mode has an SPSR."""
        return self.mode not in (USR, SYS)

    def source(self) -> int:
        """A register to read: r0 to r14."""
        return self.dice.below(15)

    def target(self, *taken: int, below: int = 15) -> int:
        """A register that may be written, and that is none of those `taken`."""
        while True:
            number = self.dice.below(below)
            if self.may_write(number) and number not in taken:
                return number

    def may_write(self, number: int) -> bool:
        """Whether a register is neither the anchor nor reserved at the moment."""
        return number != self.anchor and number not in self._reserved

    @contextmanager
    def reserving(self, *numbers: int) -> Iterator[None]:
        """Nothing inside writes these registers."""
        before = self._reserved
        self._reserved = before | set(numbers)
        try:
            yield
        finally:
            self._reserved = before

    # Code -----------------------------------------------------------------------------------

    @property
    def here(self) -> int:
        """Bytes of code so far."""
        return len(self.code)

    def arm(self, *words: int) -> None:
        """Append ARM instructions."""
        assert not self.thumb and self.here % 4 == 0
        for word in words:
            self.code += word.to_bytes(4, "little")

    def half(self, *halves: int) -> None:
        """Append Thumb instructions."""
        assert self.thumb
        for half in halves:
            self.code += half.to_bytes(2, "little")

    def patch(self, offset: int, word: int, size: int = 4) -> None:
        """Write an instruction whose place was kept before."""
        self.code[offset : offset + size] = word.to_bytes(size, "little")

    def close(self, name: str) -> None:
        """End an item."""
        self.places.append(Place(self.here, self.thumb, name))

    def condition(self) -> int:
        """A condition field in its place: mostly always, otherwise any."""
        return (AL if self.dice.percent(65) else self.dice.below(14)) << 28

    # Address arithmetic ---------------------------------------------------------------------

    def add_constant(self, target: int, base: int, value: int) -> None:
        """ARM: `target` = `base` + `value` in as few instructions as it takes."""
        operation = 0xE280_0000 if value >= 0 else 0xE240_0000
        rest = abs(value)
        while True:
            chunk, rotation = low_chunk(rest)
            self.arm(operation | base << 16 | target << 12 | rotation << 8 | chunk)
            rest -= chunk << (32 - 2 * rotation) % 32
            base = target
            if not rest:
                return

    def set_constant(self, target: int, value: int) -> None:
        """ARM: `target` = `value` in as few instructions as it takes."""
        chunk, rotation = low_chunk(value)
        self.arm(0xE3A0_0000 | target << 12 | rotation << 8 | chunk)
        rest = value - (chunk << (32 - 2 * rotation) % 32)
        while rest:
            chunk, rotation = low_chunk(rest)
            self.arm(0xE380_0000 | target << 16 | target << 12 | rotation << 8 | chunk)
            rest -= chunk << (32 - 2 * rotation) % 32

    def make_base(self, base: int, place: int) -> None:
        """ARM: a base register that points `place` bytes from the anchor, or into an alias."""
        self.add_constant(base, self.anchor, place)
        if self.dice.percent(8):
            self.add_constant(base, base, self.dice.pick(ALIASES))

    def offset(self, size: int, alignment: int | None = None) -> int:
        """Where, from the anchor, an access of `size` bytes is made: mostly aligned."""
        alignment = size if alignment is None else alignment
        place = self.dice.between(-REACH, REACH - size)
        if self.checks.forced or self.dice.percent(80):
            place &= -max(1, min(alignment, 8))
        return place


def low_chunk(value: int) -> tuple[int, int]:
    """The lowest eight bits worth an immediate, and the rotation field that moves them there."""
    position = 0
    while value and not value & 3:
        value >>= 2
        position += 2
    return value & 0xFF, (32 - position) // 2 % 16
