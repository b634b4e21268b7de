# SPDX-License-Identifier: BSD-2-Clause
"""WDOG: when it resets the board, and that a reset ends the run with a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sel4emu.devices import watchdog
from sel4emu.errors import MachineCrash
from sel4emu.stop import StopReason
from tests.sel4emu.conftest import Bare

if TYPE_CHECKING:
    from tests.sel4emu.devices.conftest import Bench

SECOND = 532_000_000
ON = watchdog.WCR_WDE | watchdog.WCR_SRS | watchdog.WCR_WDA


@pytest.fixture
def wdog(bench: Bench) -> watchdog.Watchdog:
    """The watchdog after reset."""
    return watchdog.Watchdog("wdog", 0x53FD_C000, 0x4000, bench.wiring())


def serve(device: watchdog.Watchdog, *words: int) -> None:
    """Write halfwords to WSR."""
    for word in words:
        device.write(watchdog.WSR, 2, word)


def test_reset_state(bench: Bench, wdog: watchdog.Watchdog) -> None:
    """Off; the cause of the last reset was power-on."""
    assert [wdog.read(offset, 2) for offset in (0, 2, 4)] == [0x30, 0, 0x10]
    assert wdog.read(0, 4) == 0x30
    assert bench.events.owners() == frozenset()


def test_time_out_resets_the_board(bench: Bench, wdog: watchdog.Watchdog) -> None:
    """WT + 1 half seconds after it was enabled, not a cycle earlier."""
    wdog.write(watchdog.WCR, 2, 3 << 8 | ON)
    bench.run_to(2 * SECOND - 1)
    with pytest.raises(MachineCrash, match=r"'wdog' reset the board: .* not serviced for 2\.0 s"):
        bench.run_to(2 * SECOND)
    assert wdog.read(watchdog.WRSR, 2) == watchdog.WRSR_TOUT


def test_service_starts_the_time_anew(bench: Bench, wdog: watchdog.Watchdog) -> None:
    """Only both words in their order do."""
    wdog.write(watchdog.WCR, 2, 2 << 8 | ON)
    for second in range(1, 10):
        bench.run_to(second * SECOND)
        serve(wdog, 0x5555, 0xAAAA)
    bench.run_to(10 * SECOND)
    serve(wdog, 0xAAAA, 0x5555, 0x1234, 0xAAAA)
    bench.run_to(10 * SECOND + SECOND // 2 - 1)
    with pytest.raises(MachineCrash):
        bench.run_to(10 * SECOND + SECOND // 2)


def test_service_of_a_stopped_watchdog_starts_nothing(
    bench: Bench, wdog: watchdog.Watchdog
) -> None:
    """Without WDE there is no time to start."""
    serve(wdog, 0x5555, 0xAAAA)
    assert bench.events.owners() == frozenset()


def test_enable_cannot_be_taken_back(bench: Bench, wdog: watchdog.Watchdog) -> None:
    """WDE stays set; a reset of the device clears it."""
    wdog.write(watchdog.WCR, 2, ON)
    wdog.write(watchdog.WCR, 2, ON & ~watchdog.WCR_WDE)
    assert wdog.read(watchdog.WCR, 2) & watchdog.WCR_WDE
    wdog.reset()
    assert bench.events.owners() == frozenset()


@pytest.mark.parametrize("bit", [watchdog.WCR_SRS, watchdog.WCR_WDA])
def test_software_resets_at_once(wdog: watchdog.Watchdog, bit: int) -> None:
    """Clearing SRS, or asserting the external signal."""
    with pytest.raises(MachineCrash, match="asked for by software"):
        wdog.write(watchdog.WCR, 2, 0x30 & ~bit)
    assert wdog.read(watchdog.WRSR, 2) == watchdog.WRSR_SFTW


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        ("mov r0, #4\nstrh r0, [r1]\nb .", "asked for by software"),
        ("mov r0, #0x34\nstrh r0, [r1]\nb .", "not serviced for 0.5 s"),
        ("mov r0, #0x34\nstrh r0, [r1]\nmcr p15, 0, r0, c7, c0, 4\nb .", "not serviced"),
    ],
    ids=["software", "time-out", "time-out while waiting"],
)
def test_reset_ends_the_run_with_a_report(program: str, sentence: str) -> None:
    """A program on the board: the run ends as a crash does, and says why."""
    bare = Bare("off")
    bare.machine.charge(532_000_000 - 1000)
    bare.load(f"ldr r1, =0x53fdc000\n{program}")
    stop = bare.machine.run(seconds=60)
    assert stop.reason is StopReason.CRASH
    assert "the watchdog 'wdog' reset the board" in stop.message
    assert sentence in stop.message
