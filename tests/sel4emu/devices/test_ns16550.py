# SPDX-License-Identifier: BSD-2-Clause
"""16550: what a driver's probe and its interrupt handler do."""

import pytest

from sel4emu.console import Console
from sel4emu.devices import ns16550


class Port:
    """A UART, its console and the level of its line."""

    def __init__(self) -> None:
        self.level = False
        self.console = Console()
        self.uart = ns16550.Ns16550(self.console, self.set_level)

    def set_level(self, level: bool) -> None:
        """The interrupt output."""
        self.level = level

    def read(self, register: int) -> int:
        """Read a register."""
        return self.uart.read(register)

    def write(self, *writes: tuple[int, int]) -> None:
        """Write registers: pairs of number and value."""
        for register, value in writes:
            self.uart.write(register, value)


@pytest.fixture
def port() -> Port:
    """A UART after reset."""
    return Port()


def test_polled_output(port: Port) -> None:
    """LSR says empty; what is written to THR is sent, but not what goes to the divisor."""
    for byte in b"ok":
        assert port.read(ns16550.LSR) == ns16550.LSR_EMPTY
        port.write((ns16550.THR, byte))
    port.write((ns16550.LCR, 0x83), (ns16550.DLL, 8), (ns16550.DLM, 1), (ns16550.LCR, 3))
    assert port.console.captured == b"ok"
    port.write((ns16550.LCR, 0x83))
    assert (port.read(ns16550.DLL), port.read(ns16550.DLM)) == (8, 1)


def test_probe_recognises_a_16550(port: Port) -> None:
    """Scratch register, loop back of the modem lines, IIR with both FIFO bits."""
    port.write((ns16550.SCR, 0x5A), (ns16550.MCR, 0x1A))
    assert port.read(ns16550.SCR) == 0x5A
    assert port.read(ns16550.MSR) & 0xF0 == 0x90
    assert port.read(ns16550.IIR) == ns16550.IIR_NONE
    port.write((ns16550.MCR, 0), (ns16550.FCR, 1))
    assert port.read(ns16550.MSR) == 0
    assert port.read(ns16550.IIR) == ns16550.IIR_FIFOS | ns16550.IIR_NONE


def test_empty_transmitter_interrupts_once(port: Port) -> None:
    """On its enable and after each byte; reading IIR takes it away."""
    port.write((ns16550.IER, ns16550.IER_THRI))
    for _ in range(3):
        assert port.level
        assert port.read(ns16550.IIR) == ns16550.IIR_THRI
        assert not port.level
        port.write((ns16550.THR, 65))
    port.write((ns16550.IER, 0))
    assert not port.level


def test_loop_back_of_data(port: Port) -> None:
    """Received bytes interrupt until they are read, in their order; none reaches the line."""
    port.write((ns16550.FCR, 1), (ns16550.MCR, 0x10), (ns16550.IER, ns16550.IER_RDI))
    for byte in b"abc":
        port.write((ns16550.THR, byte))
    assert port.level
    assert port.read(ns16550.IIR) & 0xF == ns16550.IIR_RDI
    received = bytearray()
    while port.read(ns16550.LSR) & ns16550.LSR_DR:
        received.append(port.read(ns16550.RBR))
    assert received == b"abc"
    assert not port.level
    assert port.console.captured == b""


def test_overrun(port: Port) -> None:
    """A byte too many is lost and reported until LSR is read; without FIFOs the second is."""
    port.write((ns16550.MCR, 0x10), (ns16550.IER, ns16550.IER_RLSI))
    port.write((ns16550.THR, 1), (ns16550.THR, 2))
    assert port.read(ns16550.IIR) == ns16550.IIR_RLSI
    assert port.read(ns16550.LSR) & ns16550.LSR_OE
    assert not port.level
    assert port.read(ns16550.LSR) & ns16550.LSR_OE == 0
    assert port.read(ns16550.RBR) == 1


def test_reset_and_clearing_the_fifo(port: Port) -> None:
    """FCR drops received bytes; a reset everything."""
    port.write((ns16550.MCR, 0x10), (ns16550.THR, 1), (ns16550.FCR, 3))
    assert port.read(ns16550.LSR) & ns16550.LSR_DR == 0
    port.write((ns16550.IER, 0xF), (ns16550.THR, 1))
    assert port.level
    port.uart.reset()
    assert not port.level
    assert port.read(ns16550.IER) == 0
