# SPDX-License-Identifier: BSD-2-Clause
"""GPIO: directions, levels, and the four ways in which a pin interrupts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sel4emu.devices import gpio

if TYPE_CHECKING:
    from tests.sel4emu.devices.conftest import Bench

LEVELS = 0xFFFF_FFF9


@pytest.fixture
def bank(bench: Bench) -> gpio.Gpio:
    """GPIO1 after reset; pins 1 and 2 are low, the others high."""
    return gpio.Gpio("gpio1", 0x53FC_C000, 0x4000, bench.wiring(), input_levels=LEVELS)


def test_inputs_read_their_pulls(bench: Bench, bank: gpio.Gpio) -> None:
    """After reset all pins are inputs and DR is what PSR is."""
    assert bench.load(bank, gpio.DR) == bench.load(bank, gpio.PSR) == LEVELS
    assert bench.load(bank, gpio.GDIR) == 0
    assert not bench.level


def test_outputs_read_what_was_written(bench: Bench, bank: gpio.Gpio) -> None:
    """An output pin has the level of DR, an input pin keeps that of the board."""
    bench.store(bank, (gpio.GDIR, 0x0000_FFFF), (gpio.DR, 0x1234_0F0F))
    assert bench.load(bank, gpio.PSR) == 0xFFFF_0F0F
    bench.store(bank, (gpio.GDIR, 0))
    assert bench.load(bank, gpio.DR) == LEVELS
    bench.store(bank, (gpio.GDIR, 0xFFFF_FFFF))
    assert bench.load(bank, gpio.DR) == 0x1234_0F0F, "the data were kept"


@pytest.mark.parametrize("pin", [1, 17])
@pytest.mark.parametrize(
    ("sensitivity", "levels", "flags"),
    [
        (gpio.RISING_EDGE, (False, True, False), (0, 1, 1)),
        (gpio.FALLING_EDGE, (False, True, False), (0, 0, 1)),
        (gpio.HIGH_LEVEL, (False, True, False), (0, 1, 0)),
        (gpio.LOW_LEVEL, (False, True, False), (1, 0, 1)),
    ],
    ids=["rising", "falling", "high", "low"],
)
def test_what_sets_the_flag(
    bench: Bench,
    bank: gpio.Gpio,
    pin: int,
    sensitivity: int,
    levels: tuple[bool, ...],
    flags: tuple[int, ...],
) -> None:
    """Edges stay until they are cleared, levels last as long as the pin has them."""
    bench.signals.drive_pin(f"gpio1.{pin}", False)
    shift = 2 * (pin % 16)
    bench.store(bank, (gpio.ICR1 + 4 * (pin // 16), sensitivity << shift))
    bench.store(bank, (gpio.ISR, 0xFFFF_FFFF), (gpio.IMR, 1 << pin))
    seen = []
    for level in levels:
        bench.signals.drive_pin(f"gpio1.{pin}", level)
        seen.append((bench.load(bank, gpio.ISR) >> pin & 1, bench.level))
    assert seen == [(flag, bool(flag)) for flag in flags]


def test_edge_is_cleared_by_a_one_and_a_level_is_not(bench: Bench, bank: gpio.Gpio) -> None:
    """Pin 1 rises, pin 2 is high."""
    bench.store(bank, (gpio.ICR1, gpio.RISING_EDGE << 2 | gpio.HIGH_LEVEL << 4), (gpio.IMR, 6))
    bench.signals.drive_pin("gpio1.1", True)
    bench.signals.drive_pin("gpio1.2", True)
    assert bench.load(bank, gpio.ISR) & 6 == 6
    bench.store(bank, (gpio.ISR, 6))
    assert bench.load(bank, gpio.ISR) & 6 == 4
    assert bench.level
    bench.signals.drive_pin("gpio1.2", False)
    assert not bench.level


def test_masked_pins_do_not_interrupt(bench: Bench, bank: gpio.Gpio) -> None:
    """The flag is set, the line follows the mask."""
    bench.store(bank, (gpio.ICR1, gpio.RISING_EDGE << 2))
    bench.signals.drive_pin("gpio1.1", True)
    assert bench.load(bank, gpio.ISR) >> 1 & 1
    assert not bench.level
    bench.store(bank, (gpio.IMR, 2))
    assert bench.level
    bank.reset()
    assert not bench.level
