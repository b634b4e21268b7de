# SPDX-License-Identifier: BSD-2-Clause
"""Room in the board's RAM: what is loaded where, and places for what may lie anywhere."""

from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sel4emu.board import Board, MemoryEntry
from sel4emu.bootloader.tags import Span
from sel4emu.errors import InputError

#: Memory for a kernel is at least as large; what is smaller (on-chip RAM) is not told to it.
_LEAST_MAIN_RAM: Final = 1 << 20


def ram_at(board: Board, address: int, size: int) -> MemoryEntry | None:
    """The RAM in which all of `size` bytes lie, or None."""
    for memory in board.memories:
        inside = memory.base <= address and address + size <= memory.base + memory.size
        if memory.kind == "ram" and inside:
            return memory
    return None


def main_ram(board: Board) -> MemoryEntry:
    """The largest RAM."""
    return max(
        (memory for memory in board.memories if memory.kind == "ram"),
        key=lambda memory: memory.size,
    )


def kernel_memories(board: Board) -> list[Span]:
    """The RAM that a kernel is told of, by address."""
    largest = main_ram(board)
    return sorted(
        (
            Span(memory.base, memory.size)
            for memory in board.memories
            if memory.kind == "ram" and (memory.size >= _LEAST_MAIN_RAM or memory is largest)
        ),
        key=lambda span: span.start,
    )


def ram_ranges(board: Board) -> str:
    """The RAM of a board, for a sentence."""
    return ", ".join(
        address_range(memory.base, memory.size) for memory in board.memories if memory.kind == "ram"
    )


def address_range(start: int, size: int) -> str:
    """The first and the last address, for a sentence."""
    return f"0x{start:08x}-0x{start + size - 1:08x}"


@dataclass(frozen=True, slots=True)
class _Claim:
    name: str
    start: int
    size: int

    @property
    def end(self) -> int:
        return self.start + self.size

    def __str__(self) -> str:
        return address_range(self.start, self.size)


class Placement:
    """What is taken of a board's RAM. Names are for sentences: a file, and what of it."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._main = main_ram(board)
        self._claims: list[_Claim] = []  # by address

    def claim(self, name: str, start: int, size: int) -> None:
        """Take a range; InputError if it is not all in RAM, or another one's already."""
        wanted = _Claim(name, start, size)
        if ram_at(self._board, start, size) is None:
            raise InputError(
                f"{name}: expected to be loaded inside the board's RAM "
                f"({ram_ranges(self._board)}), but it would lie at {wanted}"
            )
        other = self._in_the_way(start, size)
        if other is not None:
            raise InputError(
                f"{name}: expected memory of its own, but it would lie at {wanted}, which "
                f"overlaps {other} of {other.name}"
            )
        insort(self._claims, wanted, key=lambda claim: claim.start)

    def is_free(self, start: int, size: int) -> bool:
        """Whether a range lies in one RAM and nobody has any of it."""
        if ram_at(self._board, start, size) is None:
            return False
        return self._in_the_way(start, size) is None

    def _in_the_way(self, start: int, size: int) -> _Claim | None:
        """The last claim that begins below the range's end, if it reaches into the range."""
        index = bisect_left(self._claims, start + size, key=lambda claim: claim.start)
        if index and self._claims[index - 1].end > start:
            return self._claims[index - 1]
        return None

    def find(self, size: int, alignment: int, preferred: int) -> int | None:
        """The free place in the main RAM that is nearest to the preferred one, or None."""
        places = set(self._places(size, alignment, preferred))
        free = [place for place in places if self.is_free(place, size)]
        return min(free, key=lambda place: (abs(place - preferred), place), default=None)

    def largest_free(self) -> int:
        """Bytes of the largest free range of the main RAM."""
        largest, start = 0, self._main.base
        for claim in self._claims:
            if self._main.base <= claim.start < self._main.base + self._main.size:
                largest = max(largest, claim.start - start)
                start = claim.end
        return max(largest, self._main.base + self._main.size - start)

    def _places(self, size: int, alignment: int, preferred: int) -> Iterator[int]:
        """The preferred place, and both ends of every gap."""

        def down(address: int) -> int:
            return address // alignment * alignment

        yield down(preferred)
        yield down(self._main.base + alignment - 1)
        yield down(self._main.base + self._main.size - size)
        for claim in self._claims:
            yield down(claim.end + alignment - 1)
            yield down(claim.start - size)
