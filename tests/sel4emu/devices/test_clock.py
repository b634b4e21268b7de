# SPDX-License-Identifier: BSD-2-Clause
"""Conversion between ticks and cycles is exact."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from sel4emu.devices.clock import TickClock

CPU = 532_000_000


@given(st.integers(0, 1 << 44), st.sampled_from([32_768, 66_500_000, 26_000_000, CPU]))
def test_tick_is_at_the_first_cycle_not_before_its_time(tick: int, hertz: int) -> None:
    """cycle_of is the ceiling of the exact time, and ticks() counts it from that cycle on."""
    clock = TickClock(CPU, hertz)
    cycle = clock.cycle_of(tick)
    assert cycle - 1 < Fraction(tick * CPU, hertz) <= cycle
    assert clock.ticks(cycle) == tick
    assert cycle == 0 or clock.ticks(cycle - 1) == tick - 1


def test_a_day_of_the_crystal_does_not_drift() -> None:
    """After 86400 s of 32768 Hz exactly 86400 s of cycles have passed."""
    assert TickClock(CPU, 32_768).cycle_of(86_400 * 32_768) == 86_400 * CPU
