# SPDX-License-Identifier: BSD-2-Clause
"""RTC: guest time from a fixed day, setting it, alarm and periodic interrupts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sel4emu.devices import rtc

if TYPE_CHECKING:
    from tests.sel4emu.devices.conftest import Bench

SECOND = 532_000_000
DAY = 14_610


@pytest.fixture
def clock(bench: Bench) -> rtc.Rtc:
    """The clock in cycle 0."""
    return rtc.Rtc("rtc", 0x53FD_8000, 0x4000, bench.wiring(), first_day=DAY)


def shown(bench: Bench, clock: rtc.Rtc) -> tuple[int, int, int, int]:
    """Day, hour, minute, second."""
    minutes = bench.load(clock, rtc.HOURMIN)
    seconds = bench.load(clock, rtc.SECONDS)
    return bench.load(clock, rtc.DAYR), minutes >> 8, minutes & 0x3F, seconds


def test_starts_at_midnight_of_the_fixed_day(bench: Bench, clock: rtc.Rtc) -> None:
    """And needs no event to advance."""
    assert shown(bench, clock) == (DAY, 0, 0, 0)
    bench.run_to(SECOND - 1)
    assert shown(bench, clock) == (DAY, 0, 0, 0)
    bench.run_to((86_400 + 3 * 3600 + 25 * 60 + 45) * SECOND)
    assert shown(bench, clock) == (DAY + 1, 3, 25, 45)
    assert bench.events.owners() == frozenset()


def test_time_can_be_set_and_goes_on(bench: Bench, clock: rtc.Rtc) -> None:
    """Each register sets its part and leaves the others; a reset does not change the time."""
    bench.run_to(10 * SECOND)
    bench.store(clock, (rtc.DAYR, 20_000), (rtc.HOURMIN, 23 << 8 | 59), (rtc.SECONDS, 58))
    assert shown(bench, clock) == (20_000, 23, 59, 58)
    bench.run_to(13 * SECOND)
    clock.reset()
    assert shown(bench, clock) == (20_001, 0, 0, 1)


def test_disabled_clock_stands_still(bench: Bench, clock: rtc.Rtc) -> None:
    """And goes on from where it stood."""
    bench.run_to(5 * SECOND)
    bench.store(clock, (rtc.RCCTL, 0))
    bench.run_to(50 * SECOND)
    assert shown(bench, clock)[3] == 5
    bench.store(clock, (rtc.RCCTL, rtc.RCCTL_EN))
    bench.run_to(52 * SECOND)
    assert shown(bench, clock)[3] == 7


def test_second_interrupt(bench: Bench, clock: rtc.Rtc) -> None:
    """1HZ raises the line in the cycle of each second, until it is cleared."""
    bench.store(clock, (rtc.RTCIENR, rtc.ISR_1HZ))
    for second in range(1, 5):
        bench.run_to(second * SECOND)
        assert bench.level
        bench.store(clock, (rtc.RTCISR, 0xFFFF))
        assert not bench.level
    assert bench.rises() == [second * SECOND for second in range(1, 5)]


@pytest.mark.parametrize(("flag", "seconds"), [(rtc.ISR_MIN, 60), (rtc.ISR_HR, 3600)])
def test_longer_periods(bench: Bench, clock: rtc.Rtc, flag: int, seconds: int) -> None:
    """Minutes and hours are set where the time of day has them, with or without interrupt."""
    bench.store(clock, (rtc.RTCIENR, flag))
    bench.run_to(seconds * SECOND)
    assert bench.rises() == [seconds * SECOND]
    assert bench.load(clock, rtc.RTCISR) & (rtc.ISR_2HZ | rtc.ISR_1HZ) != 0


@pytest.mark.parametrize(("number", "rate"), [(0, 4), (4, 64), (7, 512)])
def test_sampling_interrupts(bench: Bench, clock: rtc.Rtc, number: int, rate: int) -> None:
    """SAM0 to SAM7 come 4 to 512 times a second, and are not set while nobody wants them."""
    flag = rtc.ISR_SAM0 << number
    bench.run_to(SECOND)
    assert not bench.load(clock, rtc.RTCISR) & rtc.SAMPLING_FLAGS
    bench.store(clock, (rtc.RTCIENR, flag))
    for count in range(1, 4):
        bench.run_to(SECOND + -(-count * SECOND // rate))
        bench.store(clock, (rtc.RTCISR, flag))
    expected = [SECOND + -(-count * SECOND // rate) for count in range(1, 4)]
    assert bench.rises() == expected


def test_stopwatch(bench: Bench, clock: rtc.Rtc) -> None:
    """It counts minutes down; one minute behind 0 it interrupts and stands."""
    bench.store(clock, (rtc.RTCIENR, rtc.ISR_SW), (rtc.STPWCH, 2))
    bench.run_to(61 * SECOND)
    assert bench.load(clock, rtc.STPWCH) == 1
    bench.run_to(300 * SECOND)
    assert bench.rises() == [180 * SECOND]
    assert bench.load(clock, rtc.STPWCH) == rtc.STOPWATCH_OUT
    bench.store(clock, (rtc.RTCISR, rtc.ISR_SW))
    bench.run_to(600 * SECOND)
    assert not bench.level


def test_alarm(bench: Bench, clock: rtc.Rtc) -> None:
    """The line rises at the day, hour, minute and second that were set, once."""
    bench.store(clock, (rtc.DAYALARM, DAY), (rtc.ALRM_HM, 1), (rtc.ALRM_SEC, 30))
    bench.store(clock, (rtc.RTCISR, 0xFFFF), (rtc.RTCIENR, rtc.ISR_ALM))
    bench.run_to(200 * SECOND)
    assert bench.rises() == [90 * SECOND]
    bench.store(clock, (rtc.RTCISR, rtc.ISR_ALM))
    bench.run_to(300 * SECOND)
    assert bench.rises() == [90 * SECOND]


def test_software_reset_keeps_the_time(bench: Bench, clock: rtc.Rtc) -> None:
    """SWR clears enables and alarm, and itself."""
    bench.run_to(7 * SECOND)
    bench.store(clock, (rtc.RTCIENR, 0xFFFF), (rtc.RCCTL, rtc.RCCTL_SWR))
    assert bench.load(clock, rtc.RCCTL) == rtc.RCCTL_EN
    assert bench.load(clock, rtc.RTCIENR) == 0
    assert shown(bench, clock)[3] == 7
