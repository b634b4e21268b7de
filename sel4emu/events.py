# SPDX-License-Identifier: BSD-2-Clause
"""The one queue of things that happen at a cycle: timer compares, arriving bytes, limits.

Events run in the order (cycle, sequence number), so two runs of one image are the same. Only a
handful of events wait at a time, hence a sorted list: it cancels exactly and is easily read.
"""

from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

#: The cycle of "no event": later than any cycle that a run can reach.
NEVER: Final = 1 << 62


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """A call that is due at `cycle` (absolute); `owner` is the name of the device that asked."""

    cycle: int
    sequence: int
    callback: Callable[[], None]
    owner: str

    @property
    def order(self) -> tuple[int, int]:
        """Sort key: the cycle, and first come first served within one cycle."""
        return self.cycle, self.sequence


class EventQueue:
    """Pending events, the earliest first.

    `now` gives the current cycle. `on_change` is called with the new `next_cycle` whenever that
    changes; the queue starts at NEVER without a call.
    """

    def __init__(self, now: Callable[[], int], on_change: Callable[[int], None]) -> None:
        self._now = now
        self._on_change = on_change
        self._pending: list[Event] = []
        self._sequence = 0
        self._announced = NEVER

    @property
    def next_cycle(self) -> int:
        """Cycle of the earliest event, or NEVER."""
        return self._pending[0].cycle if self._pending else NEVER

    def schedule(self, cycle: int, callback: Callable[[], None], owner: str) -> Event:
        """Have `callback` called once at `cycle`; a cycle in the past is due at once."""
        assert 0 <= cycle < NEVER, cycle
        event = Event(cycle, self._sequence, callback, owner)
        self._sequence += 1
        insort(self._pending, event, key=lambda pending: pending.order)
        self._announce()
        return event

    def cancel(self, event: Event) -> None:
        """Forget an event; one that has run or was cancelled before is left alone."""
        if event in self._pending:
            self._pending.remove(event)
            self._announce()

    def run_due(self) -> None:
        """Run, in order, every event that is due now, and those that become due by it."""
        while self.next_cycle <= self._now():
            event = self._pending.pop(0)
            self._announce()
            event.callback()

    def owners(self) -> frozenset[str]:
        """Names of the devices that have an event pending."""
        return frozenset(event.owner for event in self._pending)

    def _announce(self) -> None:
        cycle = self.next_cycle
        if cycle != self._announced:
            self._announced = cycle
            self._on_change(cycle)
