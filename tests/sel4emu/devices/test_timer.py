# SPDX-License-Identifier: BSD-2-Clause
"""The computed course of a counter agrees with one that is stepped tick by tick."""

from hypothesis import given
from hypothesis import strategies as st

from sel4emu.devices.clock import TickClock
from sel4emu.devices.timer import Course

CLOCK = TickClock(1000, 300)
courses = st.builds(
    lambda divider, start, limit, position: Course(
        CLOCK, divider, start, min(position, limit), limit
    ),
    st.integers(1, 4),
    st.integers(0, 20),
    st.integers(0, 12),
    st.integers(-10, 12),
)


def positions(course: Course, ticks: int) -> list[int]:
    """The position after each tick from the start, by counting."""
    position, stepped = course.position, []
    for tick in range(ticks):
        if tick and tick % course.divider == 0:
            position = 0 if position == course.limit else position + 1
        stepped.append(position)
    return stepped


@given(courses)
def test_position_is_that_of_counting(course: Course) -> None:
    """At the cycle of every tick the position is the counted one."""
    for tick, expected in enumerate(positions(course, 60)):
        assert course.position_at(CLOCK.cycle_of(course.start + tick)) == expected


@given(courses, st.integers(-12, 14), st.integers(0, 30))
def test_reaching_a_target_is_that_of_counting(course: Course, target: int, ticks: int) -> None:
    """The next arrival after a moment is the first step there that leads to the target."""
    stepped = positions(course, 200)
    arrivals = [
        tick
        for tick in range(ticks + 1, 200)
        if stepped[tick] == target and tick % course.divider == 0
    ]
    reached = course.cycle_reaching(target, CLOCK.cycle_of(course.start + ticks))
    expected = CLOCK.cycle_of(course.start + arrivals[0]) if arrivals else None
    assert reached == expected


@given(courses, st.integers(0, 30))
def test_entering_the_round_is_that_of_counting(course: Course, ticks: int) -> None:
    """A negative position comes to 0 at one step; one that is not negative never enters."""
    stepped = positions(course, 200)
    entries = [tick for tick in range(1, 200) if stepped[tick - 1] == -1 and stepped[tick] == 0]
    assert len(entries) == (course.position < 0)
    expected = [course.clock.cycle_of(course.start + tick) for tick in entries if tick > ticks]
    entered = course.cycle_entering(CLOCK.cycle_of(course.start + ticks))
    assert entered == (expected[0] if expected else None)


@given(courses, st.integers(0, 60))
def test_rebasing_to_the_same_place_changes_nothing(course: Course, ticks: int) -> None:
    """A run that is continued from its own position goes on in the same cycles."""
    now = CLOCK.cycle_of(course.start + ticks)
    again = course.rebased(now, course.position_at(now), course.limit)
    for later in range(now, now + 100):
        assert again.position_at(later) == course.position_at(later)
