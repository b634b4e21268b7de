# SPDX-License-Identifier: BSD-2-Clause
"""Repeatable chance: the same numbers from a seed in every version of Python.

The golden answers hold for the programs that a seed makes, and the standard generator's derived
draws (`choice`, `randrange`) may change between versions. Source: Vigna, splitmix64.
"""

from collections.abc import Sequence
from typing import Final, TypeVar

_T = TypeVar("_T")
_MASK: Final = (1 << 64) - 1
_GOLDEN_GAMMA: Final = 0x9E37_79B9_7F4A_7C15


class Dice:
    """A stream of draws that its seeds (whole numbers) decide."""

    def __init__(self, *seeds: int) -> None:
        self._state = 0
        for seed in seeds:
            self._state = (self._next() ^ seed) & _MASK

    def _next(self) -> int:
        self._state = (self._state + _GOLDEN_GAMMA) & _MASK
        value = self._state
        value = (value ^ value >> 30) * 0xBF58_476D_1CE4_E5B9 & _MASK
        value = (value ^ value >> 27) * 0x94D0_49BB_1331_11EB & _MASK
        return value ^ value >> 31

    def bits(self, count: int) -> int:
        """A number of `count` random bits (at most 64)."""
        return self._next() >> (64 - count)

    def below(self, limit: int) -> int:
        """A number from 0 to `limit` - 1."""
        return self._next() % limit

    def between(self, low: int, high: int) -> int:
        """A number from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def percent(self, chance: int) -> bool:
        """True in `chance` of 100 draws."""
        return self.below(100) < chance

    def pick(self, items: Sequence[_T]) -> _T:
        """One of the items."""
        return items[self.below(len(items))]

    def weighted(self, items: Sequence[tuple[_T, int]]) -> _T:
        """The first member of one of the pairs, as often as its second member says."""
        place = self.below(sum(weight for _, weight in items))
        for item, weight in items:
            place -= weight
            if place < 0:
                return item
        raise AssertionError("a draw lies below the sum of the weights")
