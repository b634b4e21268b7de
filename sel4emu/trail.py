# SPDX-License-Identifier: BSD-2-Clause
"""The last branches of a machine, as its native part has noted them (`sel4emu.native.branches`)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from sel4emu.native.branches import CUT, EXCEPTION, SIZE_MASK, SIZE_SHIFT, THUMB, VECTOR
from sel4emu.native.state import ExceptionKind, StateArray

#: Branches of the longest loop that is shown as one.
LONGEST_SHOWN: Final = 8
#: Rounds from which on branches are shown as a loop.
LEAST_ROUNDS: Final = 2
_ADDRESS: Final = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True)
class Branch:
    """Control went from the instruction at `origin` to `target`, by an exception or not."""

    origin: int
    target: int
    exception: ExceptionKind | None = None


@dataclass(frozen=True, slots=True)
class Rounds:
    """Branches that came one after the other, `times` times."""

    branches: tuple[Branch, ...]
    times: int


def last_branches(state: StateArray, least: int) -> list[Rounds]:
    """The latest branches, the last one at the end: `least` of them or some more, if known."""
    rounds = _merged(_all_rounds(state))
    kept: list[Rounds] = []
    while rounds and sum(len(each.branches) for each in kept) < least:
        kept.insert(0, rounds.pop())
    return kept


def _merged(rounds: Iterable[Rounds]) -> list[Rounds]:
    """Equal rounds that follow one another as one."""
    merged: list[Rounds] = []
    for each in rounds:
        if merged and merged[-1].branches == each.branches:
            merged[-1] = Rounds(each.branches, merged[-1].times + each.times)
        else:
            merged.append(each)
    return merged


def _all_rounds(state: StateArray) -> Iterator[Rounds]:
    record = state[0]
    entries = _whole(record["trail"][: int(record["trail_count"])])
    before: list[int] = []
    if record["trail_set_aside"]:
        before = _whole(record["trail_before"])
    period, skipped = int(record["trail_period"]), int(record["trail_skipped"])
    if not skipped:
        yield from fold(list(branches(before + entries)))
        return
    loop = before[-period:]
    rest = loop[: skipped % period] + entries
    times = skipped // period  # one round more is in `before`, and one less has surely been closed
    while before[-period - 1 : -period] == loop[-1:]:  # the loop begins before what repeats
        loop, rest, before = loop[-1:] + loop[:-1], loop[-1:] + rest, before[:-1]
    while rest[:period] == loop:
        times, rest = times + 1, rest[period:]
    yield from fold(list(branches(before[:-period] + loop[:1])))
    yield Rounds(tuple(branches(loop + loop[:1])), times)
    yield from fold(list(branches(loop + rest)))


def _whole(trail: Iterable[int]) -> list[int]:
    """The entries, those of a block that was stopped in its middle made one again."""
    entries: list[int] = []
    for entry in map(int, trail):
        if entries and entries[-1] & CUT and _is_inside(entries[-1], entry & _ADDRESS):
            entries[-1] = _joined(entries[-1], entry)
            continue
        entries.append(entry)
    return entries


def _joined(first: int, rest: int) -> int:
    """A block and what ran of it later, which may go on behind its end or be stopped as well."""
    longer = max(0, _end(rest) - _end(first))
    return (first & ~CUT | rest & CUT) + (longer << SIZE_SHIFT)


def branches(entries: Sequence[int]) -> Iterator[Branch]:
    """The branches between the entries of a trail."""
    for before, entry in pairwise(entries):
        target = entry & _ADDRESS
        if entry & VECTOR:
            yield Branch(before & _ADDRESS, target, ExceptionKind(_size(before)))
        elif before & EXCEPTION:
            continue
        elif target != _end(before) and not (entry & EXCEPTION and _is_inside(before, target)):
            yield Branch(_end(before) - (2 if before & THUMB else 4), target)


def _size(entry: int) -> int:
    return entry >> SIZE_SHIFT & SIZE_MASK


def _end(entry: int) -> int:
    """The address behind a block; a vector that has been entered has not run yet."""
    return (entry & _ADDRESS) + (0 if entry & VECTOR else _size(entry))


def _is_inside(entry: int, address: int) -> bool:
    return entry & _ADDRESS <= address < _end(entry)


def fold(entries: Sequence[Branch]) -> Iterator[Rounds]:
    """The branches with repetitions put together."""
    at = 0
    while at < len(entries):
        length, times = _repetition(entries, at)
        yield Rounds(tuple(entries[at : at + length]), times)
        at += length * times


def _repetition(entries: Sequence[Branch], at: int) -> tuple[int, int]:
    """How many branches from there on repeat, and how often; (1, 1) if none do."""
    for length in range(1, LONGEST_SHOWN + 1):
        first, times = entries[at : at + length], 1
        while entries[at + times * length : at + (times + 1) * length] == first:
            times += 1
        if times >= LEAST_ROUNDS:
            return length, times
    return 1, 1
