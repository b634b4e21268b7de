# SPDX-License-Identifier: BSD-2-Clause
"""Caches and how they choose victims (rules 6 and 7).

Modelled: sets, ways, half lines that are dirty, replacement at random and in turn, locked ways.
Not modelled: the data; memory is coherent.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

LINE: Final = 32
HALF: Final = 16
DOUBLEWORD: Final = 8

TAPS: Final = 0xB400
START: Final = 0xACE1


class ShiftRegister:
    """A 16-bit Galois shift register: the caches' source of chance."""

    def __init__(self) -> None:
        self.value = START

    def step(self) -> int:
        """Move on by one bit and return the new value."""
        self.value = self.value >> 1 ^ (TAPS if self.value & 1 else 0)
        return self.value


@dataclass(slots=True)
class Line:
    """A line by its physical address; bit 0 of `dirty` is the lower half. `outer`: L2 keeps it."""

    address: int
    dirty: int = 0
    outer: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line may go, and what has to leave for it."""

    index: int
    way: int
    victim: Line | None


class Cache:
    """Sets of ways, physically tagged; the number of ways is a power of two."""

    def __init__(self, sets: int, ways: int) -> None:
        self._sets: list[list[Line | None]] = [[None] * ways for _ in range(sets)]
        self._ways = ways
        self._turn = 0
        self._chance = ShiftRegister()

    def _index(self, address: int) -> int:
        return address // LINE % len(self._sets)

    def find(self, address: int) -> Line | None:
        """The line that holds a physical address."""
        wanted = address & -LINE
        lines = self._sets[self._index(address)]
        return next((line for line in lines if line and line.address == wanted), None)

    def choose(self, address: int, locked: int, *, round_robin: bool) -> Place | None:
        """A place for a line (a replacement, if no way is free); None if all ways are locked."""
        index = self._index(address)
        open_ways = [way for way in range(self._ways) if not locked >> way & 1]
        if not open_ways:
            return None
        free = [way for way in open_ways if self._sets[index][way] is None]
        if free:
            return Place(index, free[0], None)
        way = self._next_turn() if round_robin else self._chance.step() % self._ways
        while way not in open_ways:
            way = (way + 1) % self._ways
        return Place(index, way, self._sets[index][way])

    def _next_turn(self) -> int:
        turn = self._turn
        self._turn = (turn + 1) % self._ways
        return turn

    def fill(self, place: Place, line: Line) -> None:
        """Put a line into its place."""
        self._sets[place.index][place.way] = line

    def at(self, index: int, way: int) -> Line | None:
        return self._sets[index % len(self._sets)][way]

    def drop(self, line: Line) -> None:
        """Make a line that is present invalid."""
        lines = self._sets[self._index(line.address)]
        lines[lines.index(line)] = None

    def everything(self) -> Iterator[Line | None]:
        """Every line or empty place, by set, then by way."""
        for lines in self._sets:
            yield from tuple(lines)

    def way(self, number: int) -> Iterator[Line | None]:
        """The lines and empty places of one way."""
        for lines in self._sets:
            yield lines[number]
