# SPDX-License-Identifier: BSD-2-Clause
"""The event queue: order, cancelling, and what it tells the machine."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sel4emu.events import NEVER, EventQueue


class Times:
    """A queue with a settable clock, and everything that it announced."""

    def __init__(self) -> None:
        self.cycle = 0
        self.announced: list[int] = []
        self.ran: list[str] = []
        self.queue = EventQueue(lambda: self.cycle, self.announced.append)

    def add(self, cycle: int, label: str) -> None:
        """Schedule an event that notes its label."""
        self.queue.schedule(cycle, lambda: self.ran.append(label), label)


@pytest.fixture
def times() -> Times:
    """An empty queue at cycle 0."""
    return Times()


def test_runs_by_cycle_then_by_order_of_scheduling(times: Times) -> None:
    """Earlier cycles run first, and within a cycle the event that was scheduled first."""
    for cycle, label in ((20, "c"), (10, "a"), (20, "d"), (10, "b"), (30, "late")):
        times.add(cycle, label)
    times.cycle = 20
    times.queue.run_due()
    assert times.ran == ["a", "b", "c", "d"]
    assert times.queue.next_cycle == 30


def test_announces_every_change_of_the_earliest_cycle(times: Times) -> None:
    """The machine hears of an earlier event, of a cancelled one and of an emptied queue."""
    times.add(50, "first")
    times.add(70, "behind")
    early = times.queue.schedule(40, lambda: None, "early")
    times.queue.cancel(early)
    times.cycle = 70
    times.queue.run_due()
    assert times.announced == [50, 40, 50, 70, NEVER]


def test_cancelled_event_never_runs_and_cancelling_twice_is_harmless(times: Times) -> None:
    """A cancelled event is gone at once, also from the owners."""
    event = times.queue.schedule(5, lambda: times.ran.append("no"), "timer")
    times.queue.cancel(event)
    times.queue.cancel(event)
    times.cycle = 10
    times.queue.run_due()
    assert times.ran == []
    assert times.queue.owners() == frozenset()


def test_event_scheduled_by_an_event_for_the_past_runs_in_the_same_pass(times: Times) -> None:
    """A callback may schedule something that is due already."""
    times.queue.schedule(5, lambda: times.add(3, "inner"), "outer")
    times.cycle = 5
    times.queue.run_due()
    assert times.ran == ["inner"]
    assert times.queue.next_cycle == NEVER


def test_owners_are_those_of_pending_events(times: Times) -> None:
    """An owner disappears with its last event."""
    times.add(1, "uart1")
    times.add(9, "epit1")
    assert times.queue.owners() == {"uart1", "epit1"}
    times.cycle = 1
    times.queue.run_due()
    assert times.queue.owners() == {"epit1"}


@given(st.lists(st.tuples(st.integers(0, 50), st.booleans()), max_size=40), st.integers(0, 50))
def test_any_script_runs_exactly_what_is_due(script: list[tuple[int, bool]], now: int) -> None:
    """Whatever was scheduled and cancelled, the due events run in sorted order, the others stay."""
    ran: list[tuple[int, int]] = []
    queue = EventQueue(lambda: now, lambda cycle: None)
    kept = []
    for number, (cycle, cancelled) in enumerate(script):
        key = (cycle, number)
        event = queue.schedule(cycle, lambda key=key: ran.append(key), "x")  # type: ignore[misc]
        if cancelled:
            queue.cancel(event)
        else:
            kept.append(key)
    queue.run_due()
    assert ran == sorted(key for key in kept if key[0] <= now)
    assert queue.next_cycle == min((cycle for cycle, _ in kept if cycle > now), default=NEVER)
