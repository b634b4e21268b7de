# SPDX-License-Identifier: BSD-2-Clause
"""LAN9118: a driver finds it, finds it ready, and finds no link."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sel4emu.devices import frames, lan9118

if TYPE_CHECKING:
    from tests.sel4emu.devices.conftest import Bench


@pytest.fixture
def ethernet(bench: Bench) -> lan9118.Lan9118:
    """The controller after reset."""
    return lan9118.Lan9118(
        "lan9118", 0xB600_0000, 0x2_0000, bench.wiring(), interrupt_pin="gpio1.2"
    )


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


def write_phy(bench: Bench, device: lan9118.Lan9118, index: int, value: int) -> None:
    """Write a PHY register, as a driver does."""
    write_mac(bench, device, lan9118.MII_DATA, value)
    write_mac(bench, device, lan9118.MII_ACC, 1 << 11 | index << 6 | lan9118.MII_WRITE)


def send(bench: Bench, device: lan9118.Lan9118, data: bytes, tag: int = 0x123) -> None:
    """Write a frame of whole words to the transmit FIFO."""
    command = frames.COMMAND_FIRST | frames.COMMAND_LAST | len(data)
    words = [int.from_bytes(data[n : n + 4], "little") for n in range(0, len(data), 4)]
    bench.store(device, *[(lan9118.TX_DATA, word) for word in (command, tag << 16, *words)])


def start(bench: Bench, device: lan9118.Lan9118) -> None:
    """Switch the transmitter and the receiver on."""
    bench.store(device, (lan9118.TX_CFG, lan9118.TX_CFG_ON))
    write_mac(bench, device, lan9118.MAC_CR, lan9118.MAC_CR_TXEN | lan9118.MAC_CR_RXEN)


def test_reset_of_the_phy_ends(bench: Bench, ethernet: lan9118.Lan9118) -> None:
    """PHY_RST stayed set once, and a driver waited a hundred seconds for it."""
    write_phy(bench, ethernet, 0, lan9118.PHY_LOOPBACK)
    bench.store(ethernet, (lan9118.PMT_CTRL, lan9118.PMT_CTRL_PHY_RST))
    assert bench.load(ethernet, lan9118.PMT_CTRL) == lan9118.PMT_CTRL_READY
    assert read_phy(bench, ethernet, 0) == 0x3000


def test_missing_eeprom_times_out(bench: Bench, ethernet: lan9118.Lan9118) -> None:
    """A command is not busy, and failed; a one clears the flag."""
    bench.store(ethernet, (lan9118.E2P_CMD, lan9118.E2P_BUSY | 3))
    assert bench.load(ethernet, lan9118.E2P_CMD) == lan9118.E2P_TIMEOUT | 3
    bench.store(ethernet, (lan9118.E2P_CMD, lan9118.E2P_TIMEOUT))
    assert bench.load(ethernet, lan9118.E2P_CMD) == 0


def test_frame_without_a_cable(bench: Bench, ethernet: lan9118.Lan9118) -> None:
    """Its status says that there was no carrier; nothing is received."""
    start(bench, ethernet)
    send(bench, ethernet, bytes(64))
    assert bench.load(ethernet, lan9118.TX_FIFO_INF) == 1 << 16 | 0x1200
    error = lan9118.TX_STATUS_ERROR | lan9118.TX_STATUS_NO_CARRIER
    assert bench.load(ethernet, lan9118.TX_STATUS_PEEK) == 0x123 << 16 | error
    assert bench.load(ethernet, lan9118.TX_STATUS) == 0x123 << 16 | error
    assert bench.load(ethernet, lan9118.TX_FIFO_INF) == 0x1200
    assert bench.load(ethernet, lan9118.RX_FIFO_INF) == 0


def test_stopped_transmitter_sends_nothing(bench: Bench, ethernet: lan9118.Lan9118) -> None:
    """Neither a status nor a frame."""
    send(bench, ethernet, bytes(64))
    assert bench.load(ethernet, lan9118.TX_FIFO_INF) == 0x1200


def test_loop_back_of_the_phy(bench: Bench, ethernet: lan9118.Lan9118) -> None:
    """Drivers test the chip so before they use it: a frame comes back with four bytes more."""
    write_phy(bench, ethernet, 0, lan9118.PHY_LOOPBACK | 1 << 8)
    start(bench, ethernet)
    data = b"\xff" * 6 + bytes(range(6, 64))
    send(bench, ethernet, data)
    assert bench.load(ethernet, lan9118.TX_STATUS) == 0x123 << 16
    assert bench.load(ethernet, lan9118.RX_FIFO_INF) == 1 << 16 | 68
    assert bench.load(ethernet, lan9118.RX_STATUS_PEEK) == 68 << 16 | 1 << 13
    assert bench.load(ethernet, lan9118.RX_STATUS) == 68 << 16 | 1 << 13
    got = [bench.load(ethernet, lan9118.RX_DATA) for _ in range(17)]
    assert b"".join(word.to_bytes(4, "little") for word in got)[:64] == data
    assert bench.load(ethernet, lan9118.RX_FIFO_INF) == 0


def test_dumps_and_fast_forward(bench: Bench, ethernet: lan9118.Lan9118) -> None:
    """Received data and statuses can be dropped; the bits that do it read 0."""
    write_mac(bench, ethernet, lan9118.MAC_CR, lan9118.MAC_CR_LOOPBACK)
    bench.store(ethernet, (lan9118.TX_CFG, lan9118.TX_CFG_ON))
    both = lan9118.MAC_CR_LOOPBACK | lan9118.MAC_CR_TXEN | lan9118.MAC_CR_RXEN
    write_mac(bench, ethernet, lan9118.MAC_CR, both)
    send(bench, ethernet, bytes(64))
    bench.store(ethernet, (lan9118.RX_DP_CTRL, lan9118.RX_DP_FFWD | 16))
    assert bench.load(ethernet, lan9118.RX_DP_CTRL) == 0
    assert bench.load(ethernet, lan9118.RX_FIFO_INF) == 1 << 16 | 4
    bench.store(ethernet, (lan9118.RX_CFG, lan9118.RX_CFG_DUMP))
    assert bench.load(ethernet, lan9118.RX_FIFO_INF) == 0
    dumps = lan9118.TX_CFG_DUMP_DATA | lan9118.TX_CFG_DUMP_STATUS
    bench.store(ethernet, (lan9118.TX_CFG, dumps))
    assert bench.load(ethernet, lan9118.TX_CFG) == 0
    assert bench.load(ethernet, lan9118.TX_FIFO_INF) == 0x1200


def test_interrupt_by_software(bench: Bench, ethernet: lan9118.Lan9118) -> None:
    """Drivers test their interrupt so: enabling SW raises the pin until its flag is cleared."""
    levels: list[bool] = []
    bench.signals.watch_pin("gpio1.2", levels.append)
    push_pull_high = lan9118.IRQ_CFG_ENABLE | lan9118.IRQ_CFG_POL | lan9118.IRQ_CFG_TYPE
    bench.store(ethernet, (lan9118.IRQ_CFG, push_pull_high), (lan9118.INT_EN, lan9118.INT_SW))
    assert bench.load(ethernet, lan9118.IRQ_CFG) == push_pull_high | lan9118.IRQ_CFG_INT
    bench.store(ethernet, (lan9118.INT_STS, lan9118.INT_SW))
    assert levels == [False, True, False]
    assert bench.load(ethernet, lan9118.INT_STS) == 0


def test_stopping_is_reported(bench: Bench, ethernet: lan9118.Lan9118) -> None:
    """A receiver and a transmitter that stop set their flags."""
    start(bench, ethernet)
    write_mac(bench, ethernet, lan9118.MAC_CR, 0)
    assert bench.load(ethernet, lan9118.INT_STS) == lan9118.INT_RXSTOP
    bench.store(ethernet, (lan9118.TX_CFG, lan9118.TX_CFG_STOP))
    assert bench.load(ethernet, lan9118.INT_STS) == lan9118.INT_RXSTOP | lan9118.INT_TXSTOP
    assert bench.load(ethernet, lan9118.TX_CFG) == 0


def test_free_running_counter(bench: Bench, ethernet: lan9118.Lan9118) -> None:
    """25 MHz."""
    bench.run_to(bench.clocks.cpu // 1000)
    assert bench.load(ethernet, lan9118.FREE_RUN) == 25_000
