# SPDX-License-Identifier: BSD-2-Clause
"""FPGA of the board: byte registers, and two UARTs whose interrupts reach a pin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sel4emu.devices import fpga, ns16550

if TYPE_CHECKING:
    from tests.sel4emu.devices.conftest import Bench

UART1 = fpga.UARTS[1]


@pytest.fixture
def board(bench: Bench) -> fpga.Fpga:
    """The FPGA after reset."""
    return fpga.Fpga("fpga", 0xB400_0000, 0x2000, bench.wiring(), interrupt_pin="gpio1.1")


def test_byte_registers_have_their_neighbours(board: fpga.Fpga) -> None:
    """LEDs store, switches and revision cannot be written, a word access sees four of them."""
    for offset in range(0x1000, 0x1004):
        board.write(offset, 1, 0x11)
    assert board.read(0x1000, 4) == 0x0000_1111
    board.write(fpga.LEDS, 2, 0xA55A)
    assert board.read(fpga.LEDS + 1, 1) == 0xA5
    board.reset()
    assert board.read(fpga.LEDS, 2) == 0


def test_unknown_byte_is_logged_with_its_address(
    board: fpga.Fpga, caplog: pytest.LogCaptureFixture
) -> None:
    """The rest of the chip select reads 0; a word of it is logged once, not four times."""
    assert board.read(0x20, 4) == 0
    assert board.read(0x21, 1) == 0
    assert caplog.messages == ["fpga: read at 0xb4000020, which has no register"]


@pytest.mark.parametrize("uart", fpga.UARTS)
def test_uarts_have_byte_stride(board: fpga.Fpga, uart: int) -> None:
    """Eight registers at neighbouring bytes, a port of their own each."""
    board.write(uart + ns16550.SCR, 1, 0x77)
    assert [board.read(base + ns16550.SCR, 1) for base in fpga.UARTS].count(0x77) == 1
    assert board.read(uart + ns16550.LSR, 1) == ns16550.LSR_EMPTY


def test_interrupt_needs_the_control_register(bench: Bench, board: fpga.Fpga) -> None:
    """Either UART drives the pin while CTL1 lets it."""
    levels: list[bool] = []
    bench.signals.watch_pin("gpio1.1", levels.append)
    board.write(UART1 + ns16550.IER, 1, ns16550.IER_THRI)
    assert levels == [False]
    board.write(fpga.CTL1, 1, fpga.CTL1_UART_INTERRUPT)
    assert levels == [False, True]
    board.read(UART1 + ns16550.IIR, 1)
    assert levels == [False, True, False]
