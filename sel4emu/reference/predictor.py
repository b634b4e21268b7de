# SPDX-License-Identifier: BSD-2-Clause
"""The branch target cache and the return stack (rule 5).

Modelled: 128 entries, direct mapped, with two-bit counters; three return addresses, circular.
Not modelled: targets, which a direct branch cannot change.
"""

from dataclasses import dataclass
from typing import Final

ENTRIES: Final = 128
DEPTH: Final = 3
WEAKLY_TAKEN: Final = 2
WEAKLY_NOT_TAKEN: Final = 1
STRONGLY_TAKEN: Final = 3


@dataclass(slots=True)
class Entry:
    """A branch by address and state, and its counter: 2 and 3 mean taken."""

    address: int
    thumb: bool
    counter: int

    def move(self, *, taken: bool) -> None:
        """One step towards what happened, saturating."""
        self.counter = min(self.counter + 1, STRONGLY_TAKEN) if taken else max(self.counter - 1, 0)


class BranchTargetCache:
    """The dynamic predictor."""

    def __init__(self) -> None:
        self._entries: list[Entry | None] = [None] * ENTRIES

    @staticmethod
    def _index(address: int) -> int:
        return address >> 3 & (ENTRIES - 1)

    def find(self, address: int, *, thumb: bool) -> Entry | None:
        entry = self._entries[self._index(address)]
        hit = entry is not None and (entry.address, entry.thumb) == (address, thumb)
        return entry if hit else None

    def enter(self, address: int, *, thumb: bool, taken: bool) -> None:
        """A branch that missed takes its place."""
        counter = WEAKLY_TAKEN if taken else WEAKLY_NOT_TAKEN
        self._entries[self._index(address)] = Entry(address, thumb, counter)

    def clear(self) -> None:
        self._entries = [None] * ENTRIES

    def drop(self, address: int) -> None:
        """The entry of one branch, in either state, goes."""
        entry = self._entries[self._index(address)]
        if entry is not None and entry.address == address:
            self._entries[self._index(address)] = None


class ReturnStack:
    """Return addresses; a fourth call overwrites the oldest."""

    def __init__(self) -> None:
        self._addresses: list[int] = []

    @property
    def top(self) -> int | None:
        return self._addresses[-1] if self._addresses else None

    def push(self, address: int) -> None:
        self._addresses = [*self._addresses, address][-DEPTH:]

    def pop(self) -> None:
        self._addresses.pop()
