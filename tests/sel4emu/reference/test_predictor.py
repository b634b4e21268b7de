# SPDX-License-Identifier: BSD-2-Clause
"""The branch target cache and the return stack, apart from what they cost."""

import pytest

from sel4emu.reference.predictor import BranchTargetCache, Entry, ReturnStack


@pytest.mark.parametrize(
    ("start", "outcomes", "end"),
    [(2, "TT", 3), (2, "N", 1), (3, "NNNN", 0), (0, "NT", 1), (1, "TTTT", 3)],
)
def test_counter_saturates(start: int, outcomes: str, end: int) -> None:
    """The counter moves a step a time between 0 and 3."""
    entry = Entry(0, False, start)
    for outcome in outcomes:
        entry.move(taken=outcome == "T")
    assert entry.counter == end


def test_new_entries_are_weak() -> None:
    """A branch enters with 2 if it was taken and with 1 if not."""
    branches = BranchTargetCache()
    branches.enter(0x100, thumb=False, taken=True)
    branches.enter(0x108, thumb=False, taken=False)
    first, second = branches.find(0x100, thumb=False), branches.find(0x108, thumb=False)
    assert first and second and (first.counter, second.counter) == (2, 1)


def test_index_and_tag() -> None:
    """Bits 9 to 3 choose the place: 1 KB further, and 4 bytes further, drive a branch out."""
    for other in (0x500, 0x104):
        branches = BranchTargetCache()
        branches.enter(0x100, thumb=False, taken=True)
        assert not branches.find(0x100, thumb=True) and not branches.find(other, thumb=False)
        branches.enter(other, thumb=False, taken=True)
        assert branches.find(other, thumb=False) and not branches.find(0x100, thumb=False)


def test_clear_and_drop() -> None:
    """One entry can go, if its address is the one named, or all of them."""
    branches = BranchTargetCache()
    branches.enter(0x100, thumb=False, taken=True)
    branches.enter(0x200, thumb=False, taken=True)
    branches.drop(0x104)
    assert branches.find(0x100, thumb=False)
    branches.drop(0x100)
    assert not branches.find(0x100, thumb=False) and branches.find(0x200, thumb=False)
    branches.clear()
    assert not branches.find(0x200, thumb=False)


def test_return_stack_forgets_the_oldest() -> None:
    """Of four calls the last three are known."""
    stack = ReturnStack()
    for address in (1, 2, 3, 4):
        stack.push(address)
    seen = []
    while stack.top is not None:
        seen.append(stack.top)
        stack.pop()
    assert seen == [4, 3, 2]
