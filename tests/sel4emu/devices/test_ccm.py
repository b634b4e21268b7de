# SPDX-License-Identifier: BSD-2-Clause
"""CCM: its registers say what the clocks of the board are, and change them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sel4emu.board import load_board
from sel4emu.devices import ccm
from sel4emu.devices.clock import Clocks

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sel4emu.devices.conftest import Bench


#: What can be written of a register of a PLL.
PLL = 0xBFFF_3FFF


@pytest.fixture
def make(bench: Bench) -> Callable[..., ccm.Ccm]:
    """Makes a clock controller with presets."""

    def build(presets: Mapping[str, int]) -> ccm.Ccm:
        return ccm.Ccm("ccm", 0x53F8_0000, 0x4000, bench.wiring(), presets=presets)

    return build


@pytest.fixture
def kzm(make: Callable[..., ccm.Ccm]) -> ccm.Ccm:
    """The clock controller as the board's file sets it."""
    entry = load_board("kzm_arm11").device("ccm")
    assert entry is not None
    return make(entry.options["presets"])


def test_reset_values_are_those_of_the_chip(make: Callable[..., ccm.Ccm]) -> None:
    """Without presets the registers have the chip's values, among them the processor's PLL."""
    device = make({})
    assert device.read(ccm.CCMR, 4) == 0x074B_0B7D
    assert device.read(ccm.MPCTL, 4) == 0x0400_1800
    assert device.read(0x64, 4) == 0x285


def test_presets_survive_a_reset_and_writes_do_not(make: Callable[..., ccm.Ccm]) -> None:
    """What the boot loader left is there again after a reset."""
    device = make({"MPCTL": 0x1234})
    device.write(ccm.MPCTL, 4, 0)
    assert device.read(ccm.MPCTL, 4) == 0
    device.reset()
    assert device.read(ccm.MPCTL, 4) == 0x1234


@pytest.mark.parametrize("offset", [*range(0, 0x68, 4)])
def test_every_register_reads_what_was_written(kzm: ccm.Ccm, offset: int) -> None:
    """But for reserved bits, which read 0; none of the registers is unknown."""
    reserved = {ccm.PDR0: 0x0060_C000, 0x10: ~PLL, 0x14: ~PLL, 0x18: ~PLL}.get(offset, 0)
    kzm.write(offset, 4, 0x5A5A_A5A5)
    assert kzm.read(offset, 4) == 0x5A5A_A5A5 & ~reserved


def test_reserved_bits_of_a_pll_stay_clear(kzm: ccm.Ccm) -> None:
    """Bits 30, 15 and 14."""
    kzm.write(ccm.SPCTL, 4, 0xFFFF_FFFF)
    assert kzm.read(ccm.SPCTL, 4) == 0xBFFF_3FFF


@pytest.mark.parametrize(
    ("control", "hertz"),
    [
        (12 << 16 | 10 << 10 | 3, 532_000_000),
        (0x0400_1800, 156_000_000),
        (2 << 10, 260_000_000),
        (12 << 16 | 10 << 10 | 0x3FD, 508_000_000),
        (15 << 26 | 0x200, 13_000_000),
    ],
    ids=["the board", "the reset value", "least factor", "negative numerator", "forbidden"],
)
def test_pll_formula(control: int, hertz: int) -> None:
    """2 * 26 MHz * (MFI + MFN / (MFD + 1)) / (PD + 1), with MFI at least 5 and MFN signed."""
    assert ccm.pll_hertz(control, 26_000_000) == hertz


def test_registers_agree_with_the_clocks_of_the_board(kzm: ccm.Ccm) -> None:
    """A guest that computes its clocks from the CCM finds those of the board file."""
    assert kzm.clocks() == load_board("kzm_arm11").clocks


def test_a_divider_changes_the_clocks_of_the_devices(bench: Bench, kzm: ccm.Ccm) -> None:
    """AHB from a quarter to an eighth of the PLL: IPG is half of what it was; told once."""
    seen: list[Clocks] = []
    bench.signals.watch_clocks(seen.append)
    kzm.write(ccm.PDR0, 4, 0xFF87_0B78)
    kzm.write(ccm.PDR0, 4, 0xFF87_0B78)
    kzm.write(0x20, 4, 0)
    half = bench.clocks.ipg // 2
    assert seen == [replace(bench.clocks, ipg=half, ipg_highfreq=half)]
    kzm.reset()
    assert seen[-1] == bench.clocks


def test_peripheral_clock_from_the_usb_pll(kzm: ccm.Ccm) -> None:
    """PERCS clear: 195 MHz of the USB PLL divided by PER + 1 = 8."""
    kzm.write(ccm.CCMR, 4, 0x074B_0B7D & ~ccm.CCMR_PERCS)
    assert kzm.clocks().ipg_highfreq == 195_000_000 // 8
    assert kzm.clocks().ipg == 66_500_000


@pytest.mark.parametrize(
    ("offset", "value", "main"),
    [
        (ccm.CCMR, 0x074B_0B7D | ccm.CCMR_MDS, 26_000_000),
        (ccm.CCMR, 0x074B_0B7D & ~ccm.CCMR_MPE, 26_000_000),
        (ccm.CCMR, 0x074B_0B7B & ~ccm.CCMR_MPE, 32_768 * 1024),
        (ccm.PMCR0, 0x0020_9828, ccm.pll_hertz(0x0404_3001, 26_000_000)),
    ],
    ids=["bypass", "PLL off", "pre-multiplier", "serial PLL"],
)
def test_source_of_the_processor_clock(kzm: ccm.Ccm, offset: int, value: int, main: int) -> None:
    """The selectors of the chip: PLL bypass, its reference, and the other PLL."""
    kzm.write(offset, 4, value)
    assert kzm.clocks().cpu == main


def test_no_clock_of_a_timer_is_faster_than_the_processor(kzm: ccm.Ccm) -> None:
    """With the processor divided by 8, and the bus by 1, the bus clock is that of the processor."""
    kzm.write(ccm.PDR0, 4, 0xFF87_0007)
    clocks = kzm.clocks()
    assert clocks.cpu == clocks.ipg == 532_000_000 // 8
