# SPDX-License-Identifier: BSD-2-Clause
"""Pins and clocks reach their watchers, in whatever order the devices are built."""

from dataclasses import replace

from sel4emu.devices.clock import Clocks
from sel4emu.devices.signals import Signals

CLOCKS = Clocks(cpu=1000, ipg=100, ipg_highfreq=100, ckil=10, ckih=20)


def test_a_watcher_has_every_change_of_its_pin() -> None:
    """Only changes, and only of the pin with that name."""
    signals = Signals()
    seen: list[bool] = []
    signals.watch_pin("gpio1.1", seen.append)
    for level in (True, True, False):
        signals.drive_pin("gpio1.1", level)
    signals.drive_pin("gpio1.2", True)
    assert seen == [True, False]


def test_a_late_watcher_has_the_level_at_once() -> None:
    """It does not matter whether driver or watcher is built first."""
    signals = Signals()
    signals.drive_pin("gpio1.1", True)
    seen: list[bool] = []
    signals.watch_pin("gpio1.1", seen.append)
    assert seen == [True]


def test_all_watchers_of_the_clocks_are_told() -> None:
    """Each has the new frequencies."""
    signals = Signals()
    seen: list[Clocks] = []
    for _ in range(2):
        signals.watch_clocks(seen.append)
    faster = replace(CLOCKS, ipg=200)
    signals.change_clocks(faster)
    assert seen == [faster, faster]
