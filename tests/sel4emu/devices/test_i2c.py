# SPDX-License-Identifier: BSD-2-Clause
"""I2C: a driver that talks to a bus without devices learns so, and never waits for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sel4emu.devices import i2c

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sel4emu.conftest import Bare
    from tests.sel4emu.devices.conftest import Bench

MASTER = i2c.I2CR_IEN | i2c.I2CR_MSTA
SENDER = MASTER | i2c.I2CR_MTX


@pytest.fixture
def bus(bench: Bench) -> i2c.I2c:
    """A controller after reset."""
    return i2c.I2c("i2c1", 0x43F8_0000, 0x4000, bench.wiring())


def test_start_takes_the_bus_and_stop_frees_it(bench: Bench, bus: i2c.I2c) -> None:
    """IBB follows MSTA, which needs IEN."""
    assert bench.load(bus, i2c.I2SR) == i2c.I2SR_ICF | i2c.I2SR_RXAK
    bench.store(bus, (i2c.I2CR, i2c.I2CR_MSTA))
    assert not bench.load(bus, i2c.I2SR) & i2c.I2SR_IBB
    bench.store(bus, (i2c.I2CR, SENDER))
    assert bench.load(bus, i2c.I2SR) & i2c.I2SR_IBB
    bench.store(bus, (i2c.I2CR, i2c.I2CR_IEN))
    assert not bench.load(bus, i2c.I2SR) & i2c.I2SR_IBB


def test_address_is_not_acknowledged(bench: Bench, bus: i2c.I2c) -> None:
    """A byte sent is complete, without an acknowledgement, and raises the line until IIF is 0."""
    bench.store(bus, (i2c.I2CR, SENDER | i2c.I2CR_IIEN), (i2c.I2DR, 0x34))
    assert bench.level
    status = bench.load(bus, i2c.I2SR)
    assert status & (i2c.I2SR_IIF | i2c.I2SR_ICF) == i2c.I2SR_IIF | i2c.I2SR_ICF
    assert status & i2c.I2SR_RXAK
    bench.store(bus, (i2c.I2SR, 0))
    assert not bench.level
    assert not bench.load(bus, i2c.I2SR) & i2c.I2SR_IIF


def test_received_bytes_are_ones(bench: Bench, bus: i2c.I2c) -> None:
    """A master that reads gets what the pull-ups drive, and another completed byte each time."""
    bench.store(bus, (i2c.I2CR, MASTER))
    for _ in range(2):
        assert bench.load(bus, i2c.I2DR) == 0xFF
        assert bench.load(bus, i2c.I2SR) & i2c.I2SR_IIF
        bench.store(bus, (i2c.I2SR, 0))


def test_disabling_forgets(bench: Bench, bus: i2c.I2c) -> None:
    """IEN 0 frees the bus and drops the interrupt."""
    bench.store(bus, (i2c.I2CR, SENDER | i2c.I2CR_IIEN), (i2c.I2DR, 0), (i2c.I2CR, 0))
    assert not bench.level
    assert bench.load(bus, i2c.I2SR) == i2c.I2SR_ICF | i2c.I2SR_RXAK


def test_probe_by_halfwords_on_the_board(boot: Callable[..., Bare]) -> None:
    """A driver that polls IBB, IIF and RXAK by halfwords finds nobody at an address."""
    bare = boot("""
        ldr     r0, =0x43F80000
        mov     r1, #0x80
        strh    r1, [r0, #8]                 @ I2CR: on
        mov     r1, #0xB0
        strh    r1, [r0, #8]                 @ start, sender
    taken:
        ldrh    r2, [r0, #0xC]
        tst     r2, #0x20
        beq     taken
        mov     r1, #0x68
        strh    r1, [r0, #0x10]
    sent:
        ldrh    r3, [r0, #0xC]
        tst     r3, #2
        beq     sent
        mov     r1, #0x80
        strh    r1, [r0, #8]                 @ stop
    left:
        ldrh    r4, [r0, #0xC]
        tst     r4, #0x20
        bne     left
    done:
        b       done
    """)
    assert bare["r3"] & 1, "no acknowledgement"
    assert bare["r4"] & 0x80
