# SPDX-License-Identifier: BSD-2-Clause
"""SDHC: a driver finds the controller, and no card."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sel4emu.devices import sdhc

if TYPE_CHECKING:
    from tests.sel4emu.devices.conftest import Bench


@pytest.fixture
def slot(bench: Bench) -> sdhc.Sdhc:
    """A controller after reset."""
    return sdhc.Sdhc("sdhc1", 0x5000_4000, 0x4000, bench.wiring())


def test_reset_and_clock(bench: Bench, slot: sdhc.Sdhc) -> None:
    """A reset restores the registers; the clock is seen running and stopped."""
    assert bench.load(slot, sdhc.REV_NO) == 0x400
    bench.store(slot, (0x1C, 7), (sdhc.STR_STP_CLK, sdhc.CLOCK_RESET))
    assert bench.load(slot, 0x1C) == 0
    bench.store(slot, (sdhc.STR_STP_CLK, sdhc.CLOCK_START))
    assert bench.load(slot, sdhc.STATUS) == sdhc.STATUS_RESET | sdhc.STATUS_CARD_BUS_CLK_RUN
    bench.store(slot, (sdhc.STR_STP_CLK, sdhc.CLOCK_STOP))
    assert bench.load(slot, sdhc.STATUS) == sdhc.STATUS_RESET


def test_command_times_out(bench: Bench, slot: sdhc.Sdhc) -> None:
    """It ends at once, without a response, and with an interrupt that a one clears."""
    bench.store(slot, (sdhc.INT_CNTR, sdhc.INT_END_CMD_RES), (0x28, 8), (0x2C, 0x1AA))
    assert not bench.level
    bench.store(slot, (sdhc.CMD_DAT_CONT, 1))
    assert bench.level
    ended = sdhc.STATUS_END_CMD_RESP | sdhc.STATUS_TIME_OUT_RESP
    assert bench.load(slot, sdhc.STATUS) & ended == ended
    bench.store(slot, (sdhc.STATUS, ended))
    assert not bench.level
    assert bench.load(slot, sdhc.RES_FIFO) == 0
