# SPDX-License-Identifier: BSD-2-Clause
"""Chance that every version of Python repeats."""

import pytest

from oracle.random_dice import Dice


def test_the_stream_is_that_of_splitmix64() -> None:
    """The first numbers of seed 0 are those that its author published."""
    dice = Dice()
    assert [dice.bits(64) for _ in range(3)] == [
        0xE220_A839_7B1D_CDAF,
        0x6E78_9E6A_A1B9_65F4,
        0x06C4_5D18_8009_454F,
    ]


def test_each_seed_has_its_own_stream() -> None:
    """Two seeds in another order, or one more, give other numbers."""
    streams = [Dice(*seeds).bits(64) for seeds in ((), (0,), (1,), (0, 1), (1, 0), (0, 0))]
    assert len(set(streams)) == len(streams)


def test_draws_stay_in_their_range() -> None:
    """Every value of a range comes, and no other."""
    dice = Dice(5)
    assert {dice.below(3) for _ in range(100)} == {0, 1, 2}
    assert {dice.between(-1, 1) for _ in range(100)} == {-1, 0, 1}
    assert {dice.bits(2) for _ in range(100)} == {0, 1, 2, 3}
    assert {dice.pick("ab") for _ in range(100)} == {"a", "b"}


@pytest.mark.parametrize(("chance", "expected"), [(0, {False}), (100, {True})])
def test_percent_at_its_ends(chance: int, expected: set[bool]) -> None:
    """0 is never and 100 always."""
    dice = Dice(6)
    assert {dice.percent(chance) for _ in range(200)} == expected


def test_weights_are_shares() -> None:
    """A weight of 0 is never drawn; one of three quarters is drawn most often."""
    dice = Dice(7)
    drawn = [dice.weighted((("a", 3), ("b", 0), ("c", 1))) for _ in range(400)]
    assert "b" not in drawn
    assert drawn.count("a") > 2 * drawn.count("c") > 0
