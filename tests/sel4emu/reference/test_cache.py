# SPDX-License-Identifier: BSD-2-Clause
"""Places, victims and locks of a cache, with the shift register's values worked out by hand."""

from sel4emu.reference.cache import Cache, Line, ShiftRegister

SET_STRIDE = 4096


def filled() -> Cache:
    """128 sets of four ways, set 0 full with lines 0 to 3."""
    cache = Cache(128, 4)
    for number in range(4):
        place = cache.choose(number * SET_STRIDE, 0, round_robin=True)
        assert place is not None and place.way == number and place.victim is None
        cache.fill(place, Line(number * SET_STRIDE))
    return cache


def test_shift_register() -> None:
    """0xACE1 is odd: it becomes 0x5670 ^ 0xB400; 0xE270 is even."""
    register = ShiftRegister()
    assert register.step() == 0xE270 and register.step() == 0x7138


def test_find() -> None:
    """A line is found by any of its bytes, and by its whole address."""
    cache = filled()
    assert cache.find(SET_STRIDE + 31) and not cache.find(SET_STRIDE + 32)
    assert not cache.find(5 * SET_STRIDE)


def test_round_robin() -> None:
    """Victims are taken in turn, with one counter for all sets."""
    cache = filled()
    ways = [cache.choose(9 * SET_STRIDE, 0, round_robin=True) for _ in range(5)]
    assert [place.way for place in ways if place] == [0, 1, 2, 3, 0]


def test_random() -> None:
    """The low bits behind each step choose: 0xE270, 0x7138, 0x389C, 0x1C4E, 0x0E27."""
    cache = filled()
    ways = [cache.choose(9 * SET_STRIDE, 0, round_robin=False) for _ in range(5)]
    assert [place.way for place in ways if place] == [0, 0, 0, 2, 3]


def test_locked_ways_are_passed_over_upward() -> None:
    """With ways 0 and 3 locked, way 0's turn falls to 1 and way 3's to 1 as well."""
    cache = filled()
    ways = [cache.choose(9 * SET_STRIDE, 0b1001, round_robin=True) for _ in range(4)]
    assert [place.way for place in ways if place] == [1, 1, 2, 1]


def test_all_ways_locked() -> None:
    """Then there is no place."""
    assert filled().choose(9 * SET_STRIDE, 0b1111, round_robin=False) is None


def test_invalid_ways_come_first() -> None:
    """A dropped line's way is the next to be filled, unless it is locked."""
    cache = filled()
    line = cache.find(2 * SET_STRIDE)
    assert line
    cache.drop(line)
    free = cache.choose(9 * SET_STRIDE, 0, round_robin=True)
    other = cache.choose(9 * SET_STRIDE, 0b0100, round_robin=True)
    assert free and free.way == 2 and free.victim is None
    assert other and other.way == 0 and other.victim and other.victim.address == 0


def test_walks_over_the_cache() -> None:
    """Everything is 512 places, a way 128 of them."""
    cache = filled()
    assert len(list(cache.everything())) == 512 and len(list(cache.way(1))) == 128
    assert next(iter(cache.way(1))) is cache.at(0, 1) is cache.find(SET_STRIDE)
