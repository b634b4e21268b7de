# SPDX-License-Identifier: BSD-2-Clause
"""USB: a host controller driver starts and stops, and finds neither transceiver nor device."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sel4emu.devices import usb

if TYPE_CHECKING:
    from tests.sel4emu.devices.conftest import Bench

CORES = pytest.mark.parametrize("core", range(3))


@pytest.fixture
def ports() -> usb.Usb:
    """The three controllers after reset."""
    return usb.Usb("usb", 0x43F8_8000, 0x4000)


@CORES
def test_reset_ends(bench: Bench, ports: usb.Usb, core: int) -> None:
    """RST reads 0 afterwards, and the controller's registers, its own only, are as at first."""
    start, other = 0x200 * core, 0x200 * ((core + 1) % 3)
    for place in (start, other):
        bench.store(ports, (place + 0x158, 0x8000_0000))
    bench.store(ports, (start + usb.USBCMD, usb.USBCMD_RST))
    assert not bench.load(ports, start + usb.USBCMD) & usb.USBCMD_RST
    assert bench.load(ports, start + 0x158) == 0
    assert bench.load(ports, other + 0x158) == 0x8000_0000


@CORES
def test_status_follows_the_command(bench: Bench, ports: usb.Usb, core: int) -> None:
    """Halted and running, schedules on and off, the doorbell."""
    start = 0x200 * core
    assert bench.load(ports, start + usb.USBSTS) == usb.USBSTS_HCH
    running = usb.USBCMD_RS | usb.USBCMD_ASE
    bench.store(ports, (start + usb.USBCMD, running))
    assert bench.load(ports, start + usb.USBSTS) == usb.USBSTS_AS
    bench.store(ports, (start + usb.USBCMD, running | usb.USBCMD_PSE | usb.USBCMD_IAA))
    both = usb.USBSTS_AS | usb.USBSTS_PS | usb.USBSTS_AAI
    assert bench.load(ports, start + usb.USBSTS) == both
    bench.store(ports, (start + usb.USBSTS, usb.USBSTS_AAI), (start + usb.USBCMD, 0))
    assert bench.load(ports, start + usb.USBSTS) == usb.USBSTS_HCH


def test_nobody_is_there(bench: Bench, ports: usb.Usb) -> None:
    """A transceiver access is over at once and reads 0; no port is connected."""
    bench.store(ports, (usb.ULPI_VIEWPORT, 1 << 30))
    assert bench.load(ports, usb.ULPI_VIEWPORT) == 0
    assert bench.load(ports, usb.PORTSC1) & 1 == 0
