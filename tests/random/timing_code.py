# SPDX-License-Identifier: BSD-2-Clause
"""Puts a program's instructions together: ARM and Thumb code, labels, and a pool of literals."""

from dataclasses import dataclass, field
from typing import Final

from tests.random.arm_words import AL, PC

_BRANCH: Final = 0x0A00_0000
_LINK: Final = 1 << 24
_BLX: Final = 0xFA00_0000


@dataclass(frozen=True)
class _Fixup:
    """A branch whose target is a label."""

    offset: int
    kind: str
    label: str
    word: int


@dataclass
class Code:
    """Code that grows from `base` up. Labels may be used before they are placed."""

    base: int
    image: bytearray = field(default_factory=bytearray)
    _labels: dict[str, int] = field(default_factory=dict)
    _fixups: list[_Fixup] = field(default_factory=list)
    _literals: list[tuple[int, int, int | str]] = field(default_factory=list)
    _names: int = 0

    @property
    def here(self) -> int:
        """The address of the next instruction."""
        return self.base + len(self.image)

    def arm(self, *words: int) -> None:
        """Emit ARM instructions."""
        for word in words:
            self.image += word.to_bytes(4, "little")

    def thumb(self, *halves: int) -> None:
        """Emit Thumb instructions."""
        for half in halves:
            self.image += half.to_bytes(2, "little")

    def align(self) -> None:
        """Fill up Thumb code with a MOV to the next word."""
        if len(self.image) & 2:
            self.thumb(0x46C0)

    def new_label(self) -> str:
        """A name not used yet."""
        self._names += 1
        return f"L{self._names}"

    def place(self, label: str) -> None:
        """The label is here."""
        self._labels[label] = self.here

    def branch(self, label: str, condition: int = AL, *, link: bool = False) -> None:
        """B or BL."""
        self._fixups.append(_Fixup(len(self.image), "arm", label, 0))
        self.arm(condition << 28 | _BRANCH | (_LINK if link else 0))

    def branch_exchange(self, label: str) -> None:
        """BLX to Thumb code."""
        self._fixups.append(_Fixup(len(self.image), "blx", label, 0))
        self.arm(_BLX)

    def thumb_branch(self, label: str, condition: int = AL) -> None:
        """B of either Thumb format."""
        kind = "thumb" if condition == AL else "thumb_condition"
        self._fixups.append(_Fixup(len(self.image), kind, label, 0))
        self.thumb(0xE000 if condition == AL else 0xD000 | condition << 8)

    def thumb_call(self, label: str, *, exchange: bool = False) -> None:
        """The BL or BLX pair; the latter's target is ARM code."""
        self._fixups.append(_Fixup(len(self.image), "pair", label, 0xE800 if exchange else 0xF800))
        self.thumb(0xF000, 0xF800)

    def literal(self, register: int, value: int | str, condition: int = AL) -> None:
        """LDR of a number or of a label's address ("L1+1": its Thumb address) from the pool."""
        word = condition << 28 | 0x059F_0000 | register << 12
        self._literals.append((len(self.image), word, value))
        self.arm(word)

    def literal_pc(self, value: int | str, condition: int = AL) -> None:
        """LDR PC from the pool."""
        self.literal(PC, value, condition)

    def finish(self) -> bytes:
        """Place the pool, resolve every label, and give the bytes."""
        self.align()
        for offset, word, value in self._literals:
            distance = len(self.image) - (offset + 8)
            assert 0 <= distance < 4096, "the pool is out of reach"
            self._put(offset, word | distance)
            number = self._value(value) if isinstance(value, str) else value
            self.arm(number & 0xFFFF_FFFF)
        for fixup in self._fixups:
            self._resolve(fixup)
        return bytes(self.image)

    def address(self, label: str) -> int:
        """The address of a placed label."""
        return self._labels[label]

    def _value(self, expression: str) -> int:
        label, _, addend = expression.partition("+")
        return self._labels[label] + int(addend or "0")

    def _put(self, offset: int, word: int, size: int = 4) -> None:
        self.image[offset : offset + size] = word.to_bytes(size, "little")

    def _get(self, offset: int, size: int = 4) -> int:
        return int.from_bytes(self.image[offset : offset + size], "little")

    def _resolve(self, fixup: _Fixup) -> None:
        origin = self.base + fixup.offset
        distance = self._labels[fixup.label] - origin
        if fixup.kind == "arm":
            self._put(fixup.offset, self._get(fixup.offset) | (distance - 8) >> 2 & 0xFF_FFFF)
        elif fixup.kind == "blx":
            half = distance - 8 >> 1 & 1
            self._put(fixup.offset, _BLX | half << 24 | (distance - 8) >> 2 & 0xFF_FFFF)
        elif fixup.kind == "thumb":
            self._put(fixup.offset, 0xE000 | (distance - 4) >> 1 & 0x7FF, 2)
        elif fixup.kind == "thumb_condition":
            reach = distance - 4 >> 1
            assert -128 <= reach < 128, "a conditional Thumb branch reaches 256 bytes"
            self._put(fixup.offset, self._get(fixup.offset, 2) | reach & 0xFF, 2)
        else:
            self._resolve_pair(fixup, origin)

    def _resolve_pair(self, fixup: _Fixup, origin: int) -> None:
        start = origin + 4
        if fixup.word == 0xE800:
            start &= ~3
        distance = self._labels[fixup.label] - start
        self._put(fixup.offset, 0xF000 | distance >> 12 & 0x7FF, 2)
        self._put(fixup.offset + 2, fixup.word | distance >> 1 & 0x7FF, 2)
