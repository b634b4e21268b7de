# SPDX-License-Identifier: BSD-2-Clause
"""A bench for one device: a cycle counter that stops at every event, and a recorded line.

Where it is the whole board that has to be right, `boot` runs a bare program on it.
"""

from collections.abc import Callable

import pytest

from sel4emu.console import Console
from sel4emu.devices.base import Device, Wiring
from sel4emu.devices.clock import Clocks
from sel4emu.devices.signals import Signals
from sel4emu.events import NEVER, EventQueue
from tests.sel4emu.conftest import Bare


class Bench:
    """Time for one device: `cycle` now, and the changes of its interrupt line so far."""

    clocks = Clocks(
        cpu=532_000_000, ipg=66_500_000, ipg_highfreq=66_500_000, ckil=32_768, ckih=26_000_000
    )

    def __init__(self) -> None:
        self.cycle = 0
        self.level = False
        self.changes: list[tuple[int, bool]] = []
        self.next_cycle = NEVER
        self.signals = Signals()
        self.events = EventQueue(self.now, self._note_next)

    def now(self) -> int:
        """The cycle."""
        return self.cycle

    def line(self, level: bool) -> None:
        """The interrupt line; only changes are kept, with their cycle."""
        if level != self.level:
            self.level = level
            self.changes.append((self.cycle, level))

    def wiring(self, console: Console | None = None) -> Wiring:
        """What connects a device to this bench."""
        return Wiring(
            self.events,
            self.now,
            console or Console(),
            self.clocks,
            self.line,
            lambda irq, fiq: None,
            self.signals,
        )

    def run_to(self, cycle: int) -> None:
        """Let time pass, stopping at the events as the machine does."""
        while self.next_cycle <= cycle:
            self.cycle = max(self.cycle, self.next_cycle)
            self.events.run_due()
        self.cycle = cycle

    def rises(self) -> list[int]:
        """Cycles at which the line went up."""
        return [cycle for cycle, level in self.changes if level]

    def load(self, device: Device, offset: int) -> int:
        """Read a word."""
        return device.read(offset, 4)

    def store(self, device: Device, *writes: tuple[int, int]) -> None:
        """Write words: pairs of offset and value."""
        for offset, value in writes:
            device.write(offset, 4, value)

    def _note_next(self, cycle: int) -> None:
        self.next_cycle = cycle


@pytest.fixture
def bench() -> Bench:
    """A bench at cycle 0."""
    return Bench()


@pytest.fixture
def boot() -> Callable[..., Bare]:
    """Runs a bare program to its label `done`; `typed` is its console input."""

    def run(source: str, typed: bytes = b"", **vectors: str) -> Bare:
        bare = Bare("off", typed)
        bare.load(source, handlers=vectors)
        bare.go(cycles=1_000_000)
        return bare

    return run
