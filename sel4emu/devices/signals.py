# SPDX-License-Identifier: BSD-2-Clause
"""The wires between the devices of one machine, other than interrupt lines.

Modelled: pins with a name ("gpio1.3") that one device drives and another watches, and the one
clock tree that the clock controller changes and the timers follow. It does not matter which of
the two devices is built first.

Not modelled: delays, pins with several drivers, strengths of a level.
"""

from collections import defaultdict
from collections.abc import Callable

from sel4emu.devices.clock import Clocks


class Signals:
    """Named pins, and the clocks; a watcher is called on every change."""

    def __init__(self) -> None:
        self._levels: dict[str, bool] = {}
        self._pin_watchers: defaultdict[str, list[Callable[[bool], None]]] = defaultdict(list)
        self._clock_watchers: list[Callable[[Clocks], None]] = []

    def drive_pin(self, pin: str, level: bool) -> None:
        """Give a pin its level."""
        if self._levels.get(pin) == level:
            return
        self._levels[pin] = level
        for watcher in self._pin_watchers[pin]:
            watcher(level)

    def watch_pin(self, pin: str, watcher: Callable[[bool], None]) -> None:
        """Have every change of a pin, and the level it has now if it is driven."""
        self._pin_watchers[pin].append(watcher)
        if pin in self._levels:
            watcher(self._levels[pin])

    def change_clocks(self, clocks: Clocks) -> None:
        """From now on the clocks have these frequencies."""
        for watcher in self._clock_watchers:
            watcher(clocks)

    def watch_clocks(self, watcher: Callable[[Clocks], None]) -> None:
        """Have every change of the clocks; before the first they are those of the board file."""
        self._clock_watchers.append(watcher)
