# SPDX-License-Identifier: BSD-2-Clause
"""A 16550 UART, as a block of eight byte registers inside another device.

Modelled: both FIFOs as far as a guest can see them, divisor latch, line and modem status, loop
back of data and modem lines, interrupt identification and the interrupt. A byte takes no time to be
sent, so the transmitter is always empty.

Not modelled: baud rate, parity, breaks, modem lines outside of loop back (none is active), receive
trigger levels (a byte is reported at once) and DMA.
"""

from collections import deque
from typing import Final

from sel4emu.devices.base import InterruptLine
from sel4emu.devices.serial_line import FarEnd

#: Registers; some addresses hold one for reading, another for writing, and one behind DLAB.
RBR = THR = DLL = 0
IER = DLM = 1
IIR = FCR = 2
LCR = 3
MCR = 4
LSR = 5
MSR = 6
SCR = 7
WINDOW_BYTES: Final = 8

FIFO_ENTRIES: Final = 16
IER_RDI: Final = 1 << 0
IER_THRI: Final = 1 << 1
IER_RLSI: Final = 1 << 2
IIR_NONE: Final = 0x1
IIR_THRI: Final = 0x2
IIR_RDI: Final = 0x4
IIR_RLSI: Final = 0x6
IIR_FIFOS: Final = 0xC0
FCR_ENABLE: Final = 1 << 0
FCR_CLEAR_RECEIVED: Final = 1 << 1
LCR_DLAB: Final = 1 << 7
MCR_LOOP: Final = 1 << 4
LSR_DR: Final = 1 << 0
LSR_OE: Final = 1 << 1
LSR_EMPTY: Final = 0x60  # THRE and TEMT
#: In loop back the outputs of MCR come back as the inputs of MSR: (bit of MCR, bit of MSR).
LOOPED: Final = ((0, 5), (1, 4), (2, 6), (3, 7))


class Ns16550:
    """One UART; `line` is its interrupt output."""

    def __init__(self, far_end: FarEnd, line: InterruptLine) -> None:
        self._far_end = far_end
        self._line = line
        self._clear()

    def _clear(self) -> None:
        self._stored = dict.fromkeys((IER, LCR, MCR, SCR), 0)
        self._divisor = {DLL: 0, DLM: 0}
        self._fifo: deque[int] = deque()
        self._fifos_on = False
        self._overrun = False
        self._sent = False  # an interrupt of the empty transmitter waits to be seen

    def reset(self) -> None:
        """As after power-on."""
        self._clear()
        self._settle()

    def read(self, register: int) -> int:
        """A byte register."""
        if self._stored[LCR] & LCR_DLAB and register in self._divisor:
            return self._divisor[register]
        if register == RBR:
            return self._take()
        if register == IIR:
            return self._identify()
        if register == LSR:
            return self._line_status()
        if register == MSR:
            return self._modem_status()
        return self._stored[register]

    def write(self, register: int, value: int) -> None:
        """Write a byte register."""
        if self._stored[LCR] & LCR_DLAB and register in self._divisor:
            self._divisor[register] = value
        elif register == THR:
            self._send(value)
        elif register == FCR:
            self._control_fifos(value)
        elif register == IER:
            self._sent |= bool(value & ~self._stored[IER] & IER_THRI)
            self._stored[IER] = value & 0xF
        elif register in self._stored:
            self._stored[register] = value & 0x1F if register == MCR else value
        self._settle()

    def _send(self, byte: int) -> None:
        if not self._stored[MCR] & MCR_LOOP:
            self._far_end.transmit(byte)
        elif len(self._fifo) < (FIFO_ENTRIES if self._fifos_on else 1):
            self._fifo.append(byte)
        else:
            self._overrun = True
        self._sent = True

    def _take(self) -> int:
        byte = self._fifo.popleft() if self._fifo else 0
        self._settle()
        return byte

    def _control_fifos(self, value: int) -> None:
        on = bool(value & FCR_ENABLE)
        if on != self._fifos_on or value & FCR_CLEAR_RECEIVED:
            self._fifo.clear()
        self._fifos_on = on

    def _line_status(self) -> int:
        status = LSR_EMPTY | (LSR_DR if self._fifo else 0) | (LSR_OE if self._overrun else 0)
        self._overrun = False
        self._settle()
        return status

    def _modem_status(self) -> int:
        control = self._stored[MCR]
        if not control & MCR_LOOP:
            return 0
        return sum((control >> source & 1) << target for source, target in LOOPED)

    def _reason(self) -> int:
        """The interrupt of the highest priority, as IIR has it."""
        enabled = self._stored[IER]
        if enabled & IER_RLSI and self._overrun:
            return IIR_RLSI
        if enabled & IER_RDI and self._fifo:
            return IIR_RDI
        return IIR_THRI if enabled & IER_THRI and self._sent else IIR_NONE

    def _identify(self) -> int:
        """Reading IIR takes away the interrupt of the empty transmitter."""
        reason = self._reason()
        if reason == IIR_THRI:
            self._sent = False
            self._settle()
        return reason | (IIR_FIFOS if self._fifos_on else 0)

    def _settle(self) -> None:
        self._line(self._reason() != IIR_NONE)
