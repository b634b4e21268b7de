# SPDX-License-Identifier: BSD-2-Clause
"""CSPI: exchanges end, words of a missing slave are ones, and the flags follow the FIFOs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sel4emu.devices import cspi

if TYPE_CHECKING:
    from tests.sel4emu.devices.conftest import Bench

MASTER_8_BITS = cspi.CONREG_EN | 1 << 1 | 7 << cspi.CONREG_BITS_LOW


@pytest.fixture
def port(bench: Bench) -> cspi.Cspi:
    """A controller after reset."""
    return cspi.Cspi("cspi1", 0x43FA_4000, 0x4000, bench.wiring())


def test_exchange_is_complete_and_reads_ones(bench: Bench, port: cspi.Cspi) -> None:
    """XCH clears itself, TC and RR are set, and a word of eight bits is 0xFF."""
    assert bench.load(port, cspi.STATREG) == cspi.STATREG_TE | cspi.STATREG_TH
    bench.store(port, (cspi.CONREG, MASTER_8_BITS), (cspi.TXDATA, 0x55), (cspi.TXDATA, 0xAA))
    assert not bench.load(port, cspi.STATREG) & (cspi.STATREG_TE | cspi.STATREG_RR)
    bench.store(port, (cspi.CONREG, MASTER_8_BITS | cspi.CONREG_XCH))
    assert bench.load(port, cspi.CONREG) == MASTER_8_BITS
    status = cspi.STATREG_TE | cspi.STATREG_TH | cspi.STATREG_RR | cspi.STATREG_TC
    assert bench.load(port, cspi.STATREG) == status
    assert [bench.load(port, cspi.RXDATA) for _ in range(3)] == [0xFF, 0xFF, 0]
    bench.store(port, (cspi.STATREG, cspi.STATREG_TC))
    assert bench.load(port, cspi.STATREG) == cspi.STATREG_TE | cspi.STATREG_TH


def test_loop_back_and_start_by_data(bench: Bench, port: cspi.Cspi) -> None:
    """With SMC a word is exchanged when it is written; with LBC it comes back."""
    bench.store(port, (cspi.TESTREG, cspi.TESTREG_LBC))
    bench.store(port, (cspi.CONREG, MASTER_8_BITS | cspi.CONREG_SMC), (cspi.TXDATA, 0x15A))
    assert bench.load(port, cspi.RXDATA) == 0x5A


def test_ninth_word_overflows(bench: Bench, port: cspi.Cspi) -> None:
    """The receive FIFO keeps eight words; RO is set, and cleared by a one."""
    bench.store(port, (cspi.CONREG, MASTER_8_BITS | cspi.CONREG_SMC))
    for _ in range(9):
        bench.store(port, (cspi.TXDATA, 0))
    full = cspi.STATREG_RF | cspi.STATREG_RH | cspi.STATREG_RO
    assert bench.load(port, cspi.STATREG) & full == full
    bench.store(port, (cspi.STATREG, cspi.STATREG_RO))
    assert not bench.load(port, cspi.STATREG) & cspi.STATREG_RO


def test_full_transmit_fifo_drops(bench: Bench, port: cspi.Cspi) -> None:
    """Without an exchange the ninth word has no room."""
    bench.store(port, (cspi.CONREG, MASTER_8_BITS), (cspi.TESTREG, cspi.TESTREG_LBC))
    for word in range(9):
        bench.store(port, (cspi.TXDATA, word))
    assert bench.load(port, cspi.STATREG) & cspi.STATREG_TF
    bench.store(port, (cspi.CONREG, MASTER_8_BITS | cspi.CONREG_XCH))
    assert [bench.load(port, cspi.RXDATA) for _ in range(8)] == list(range(8))


def test_interrupt_follows_the_wanted_flags(bench: Bench, port: cspi.Cspi) -> None:
    """RREN raises the line while a word waits; a controller that is off raises nothing."""
    bench.store(port, (cspi.CONREG, MASTER_8_BITS | cspi.CONREG_SMC))
    bench.store(port, (cspi.INTREG, cspi.STATREG_RR), (cspi.TXDATA, 1))
    assert bench.level
    bench.load(port, cspi.RXDATA)
    assert not bench.level
    bench.store(port, (cspi.TXDATA, 1), (cspi.CONREG, 0))
    assert not bench.level
    assert not bench.load(port, cspi.STATREG) & cspi.STATREG_RR, "off empties the FIFOs"
