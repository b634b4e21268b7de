# SPDX-License-Identifier: BSD-2-Clause
"""LAN9118: a driver finds it, finds it ready, and finds no link."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sel4emu.devices import lan9118

if TYPE_CHECKING:
    from tests.sel4emu.devices.conftest import Bench


@pytest.fixture
def ethernet(bench: Bench) -> lan9118.Lan9118:
    """The controller after reset."""
    return lan9118.Lan9118("lan9118", 0xB600_0000, 0x2_0000, bench.wiring())


def read_mac(bench: Bench, device: lan9118.Lan9118, index: int) -> int:
    """A MAC register, as a driver reads it."""
    command = lan9118.MAC_CSR_BUSY | lan9118.MAC_CSR_READ | index
    bench.store(device, (lan9118.MAC_CSR_CMD, command))
    assert not bench.load(device, lan9118.MAC_CSR_CMD) & lan9118.MAC_CSR_BUSY
    return bench.load(device, lan9118.MAC_CSR_DATA)


def write_mac(bench: Bench, device: lan9118.Lan9118, index: int, value: int) -> None:
    """Write a MAC register, as a driver does."""
    bench.store(device, (lan9118.MAC_CSR_DATA, value))
    bench.store(device, (lan9118.MAC_CSR_CMD, lan9118.MAC_CSR_BUSY | index))


def read_phy(bench: Bench, device: lan9118.Lan9118, index: int, address: int = 1) -> int:
    """A PHY register, as a driver reads it."""
    write_mac(bench, device, lan9118.MII_ACC, address << 11 | index << 6 | 1)
    assert not read_mac(bench, device, lan9118.MII_ACC) & lan9118.MII_BUSY
    return read_mac(bench, device, lan9118.MII_DATA)


def test_identification_and_readiness(bench: Bench, ethernet: lan9118.Lan9118) -> None:
    """Chip and byte order, at every width; power management and reset are done."""
    assert bench.load(ethernet, 0x50) == 0x0118_0001
    assert bench.load(ethernet, 0x64) == 0x8765_4321
    assert ethernet.read(0x52, 2) == 0x0118
    assert bench.load(ethernet, lan9118.PMT_CTRL) & 1
    bench.store(ethernet, (lan9118.HW_CFG, 1))
    assert not bench.load(ethernet, lan9118.HW_CFG) & lan9118.HW_CFG_SRST


def test_phy_has_no_link(bench: Bench, ethernet: lan9118.Lan9118) -> None:
    """Its status has neither link nor finished negotiation, also after a restart of it."""
    assert (read_phy(bench, ethernet, 2), read_phy(bench, ethernet, 3)) == (0x0007, 0xC0D1)
    write_mac(bench, ethernet, lan9118.MII_DATA, 0x1200)
    write_mac(bench, ethernet, lan9118.MII_ACC, 1 << 11 | 3)
    assert read_phy(bench, ethernet, 0) == 0x1000
    assert read_phy(bench, ethernet, lan9118.PHY_STATUS) & 0x24 == 0
    assert read_phy(bench, ethernet, 2, address=5) == 0xFFFF, "nobody is there"


def test_station_address_is_what_the_guest_sets(bench: Bench, ethernet: lan9118.Lan9118) -> None:
    """There is no EEPROM; a software reset forgets it."""
    write_mac(bench, ethernet, 3, 0x3322_1100)
    assert read_mac(bench, ethernet, 3) == 0x3322_1100
    bench.store(ethernet, (lan9118.HW_CFG, lan9118.HW_CFG_SRST))
    assert read_mac(bench, ethernet, 3) == 0xFFFF_FFFF


def test_frames_vanish_and_none_comes(bench: Bench, ethernet: lan9118.Lan9118) -> None:
    """The FIFOs stay as they were, and no interrupt is reported."""
    bench.store(ethernet, *[(lan9118.TX_DATA, n) for n in range(64)])
    assert bench.load(ethernet, 0x7C) == 0
    assert bench.load(ethernet, 0x80) == 0x1200
    assert bench.load(ethernet, 0x58) == 0


def test_free_running_counter(bench: Bench, ethernet: lan9118.Lan9118) -> None:
    """25 MHz."""
    bench.run_to(bench.clocks.cpu // 1000)
    assert bench.load(ethernet, lan9118.FREE_RUN) == 25_000
