# SPDX-License-Identifier: BSD-2-Clause
"""UART of the i.MX family (hardware reference 7.1; i.MX31 manual, UART).

Modelled: the 32-entry receive FIFO with its trigger level, ageing timer and overrun; one received
byte each character time while receiver and UART are enabled; transmission without delay, so the
transmit FIFO is always empty; every interrupt that these conditions can raise; software reset.
After reset the UART is enabled, as a boot ROM leaves it (UARTEN, RXEN, TXEN).

Not modelled: baud rate (UBIR and UBMR only store; the board file gives the character time), parity,
frame and break conditions, modem lines (RTSS is always set), infrared, escape detection, loop back,
DMA, and the time that a byte takes to be sent.
"""

from collections import deque
from collections.abc import Mapping
from typing import ClassVar, Final

from sel4emu.devices.base import Register, RegisterDevice, Wiring
from sel4emu.events import Event

URXD: Final = 0x00
UTXD: Final = 0x40
UCR1: Final = 0x80
UCR2: Final = 0x84
UCR3: Final = 0x88
UCR4: Final = 0x8C
UFCR: Final = 0x90
USR1: Final = 0x94
USR2: Final = 0x98
UTS: Final = 0xB4

FIFO_ENTRIES: Final = 32
#: The ageing timer runs for this many character times.
AGING_CHARACTERS: Final = 8

URXD_CHARRDY: Final = 1 << 15
URXD_ERR: Final = 1 << 14
URXD_OVRRUN: Final = 1 << 13
UCR1_UARTEN: Final = 1 << 0
UCR1_TXMPTYEN: Final = 1 << 6
UCR2_SRST: Final = 1 << 0
UCR2_RXEN: Final = 1 << 1
UCR2_TXEN: Final = 1 << 2
UCR2_ATEN: Final = 1 << 3
UFCR_RXTL: Final = 0x3F
USR1_RXDS: Final = 1 << 6
USR1_AGTIM: Final = 1 << 8
USR1_RRDY: Final = 1 << 9
USR1_TRDY: Final = 1 << 13
USR1_RTSS: Final = 1 << 14
USR2_RDR: Final = 1 << 0
USR2_ORE: Final = 1 << 1
USR2_TXDC: Final = 1 << 3
USR2_DCDIN: Final = 1 << 5
USR2_WAKE: Final = 1 << 7
USR2_TXFE: Final = 1 << 14
UTS_RXFULL: Final = 1 << 3
UTS_RXEMPTY: Final = 1 << 5
UTS_TXEMPTY: Final = 1 << 6

#: Enabled in UCR1 by the bit that the flag has in USR1, and in UCR4 by that of USR2.
_UCR1_ENABLES: Final = USR1_TRDY | USR1_RRDY
_UCR4_ENABLES: Final = USR2_RDR | USR2_ORE | USR2_TXDC | USR2_WAKE


class Uart(RegisterDevice):
    """One UART whose other end is the console of its wiring.

    `receive_cycles` is the time of a character in processor cycles. With `flow_control` the sender
    waits while the FIFO is full; without, its bytes are lost and ORE is set.
    """

    table: ClassVar[Mapping[int, Register]] = {
        URXD: Register("URXD", writable=0),
        UTXD: Register("UTXD", writable=0),
        UCR1: Register("UCR1", reset=UCR1_UARTEN, writable=0xFFFF),
        UCR2: Register("UCR2", reset=0x4020 | UCR2_TXEN | UCR2_RXEN | UCR2_SRST, writable=0xFFFF),
        UCR3: Register("UCR3", reset=0x0700, writable=0xFFFF),
        UCR4: Register("UCR4", reset=0x8000, writable=0xFFFF),
        UFCR: Register("UFCR", reset=0x0801, writable=0xFFFF),
        USR1: Register("USR1", writable=0, clear_by_one=0x8DB0),
        USR2: Register("USR2", writable=0, clear_by_one=0xBDD6),
        0x9C: Register("UESC", reset=0x002B, writable=0xFFFF),
        0xA0: Register("UTIM", writable=0xFFF),
        0xA4: Register("UBIR", writable=0xFFFF),
        0xA8: Register("UBMR", writable=0xFFFF),
        0xAC: Register("UBRC", reset=0x0004, writable=0),
        0xB0: Register("ONEMS", writable=0xFFFF),
        UTS: Register("UTS", writable=0),
    }

    def __init__(
        self,
        name: str,
        base: int,
        size: int,
        wiring: Wiring,
        *,
        receive_cycles: int,
        flow_control: bool,
    ) -> None:
        super().__init__(name, base, size)
        self._events = wiring.events
        self._now = wiring.now
        self._line = wiring.line
        self._console = wiring.console
        self._receive_cycles = receive_cycles
        self._flow_control = flow_control
        self._fifo: deque[int] = deque()
        self._arrival: Event | None = None
        self._aging: Event | None = None
        self._settle()

    def reset(self) -> None:
        """Registers as the boot ROM leaves them, FIFO empty."""
        super().reset()
        self._clear_fifo()
        self._settle()

    def read_word(self, offset: int) -> int:
        """The register at a word offset; reading URXD takes a byte from the FIFO."""
        if offset == URXD:
            return self._take()
        status = {USR1: self._status1, USR2: self._status2, UTS: self._test_status}.get(offset)
        return super().read_word(offset) if status is None else status()

    def write_word(self, offset: int, value: int, mask: int) -> None:
        """Write a register; writing UTXD sends a byte."""
        super().write_word(offset, value, mask)
        if offset == UTXD:
            self._send(value & 0xFF)
        elif offset == UCR2 and mask & UCR2_SRST and not value & UCR2_SRST:
            self._soft_reset()
        self._settle()

    def _enabled(self, direction: int) -> bool:
        return bool(self.registers[UCR1] & UCR1_UARTEN and self.registers[UCR2] & direction)

    def _send(self, byte: int) -> None:
        if self._enabled(UCR2_TXEN):
            self._console.transmit(byte)

    def _take(self) -> int:
        if not self._fifo:
            return 0
        entry = self._fifo.popleft()
        self._restart_aging()
        self._settle()
        return entry

    def _soft_reset(self) -> None:
        """Status and FIFOs as after reset; the control registers stay, SRST reads one again."""
        self.registers[UCR2] |= UCR2_SRST
        for offset in (USR1, USR2, 0xA4, 0xA8, 0xAC):
            self.registers[offset] = self.table[offset].reset
        self._clear_fifo()

    def _clear_fifo(self) -> None:
        self._fifo.clear()
        self._restart_aging()

    def _trigger_reached(self) -> bool:
        return len(self._fifo) >= max(1, self.registers[UFCR] & UFCR_RXTL)

    def _status1(self) -> int:
        received = USR1_RRDY if self._trigger_reached() else 0
        return self.registers[USR1] | USR1_TRDY | USR1_RXDS | USR1_RTSS | received

    def _status2(self) -> int:
        ready = USR2_RDR if self._fifo else 0
        return self.registers[USR2] | USR2_TXFE | USR2_TXDC | USR2_DCDIN | ready

    def _test_status(self) -> int:
        full = UTS_RXFULL if len(self._fifo) == FIFO_ENTRIES else 0
        return UTS_TXEMPTY | full | (0 if self._fifo else UTS_RXEMPTY)

    def _interrupt(self) -> bool:
        control, status = self.registers[UCR1], self._status1()
        aged = self.registers[UCR2] & UCR2_ATEN and status & USR1_AGTIM
        return bool(
            status & control & _UCR1_ENABLES
            or aged
            or control & UCR1_TXMPTYEN  # the transmit FIFO is always empty
            or self._status2() & self.registers[UCR4] & _UCR4_ENABLES
        )

    def _settle(self) -> None:
        """Make the interrupt line and the wait for the next byte agree with the state."""
        self._line(self._interrupt())
        if not self._receiving():
            self._cancel_arrival()
        elif self._arrival is None:
            due = self._now() + self._receive_cycles
            self._arrival = self._events.schedule(due, self._receive, self.name)

    def _receiving(self) -> bool:
        held_back = self._flow_control and len(self._fifo) == FIFO_ENTRIES
        return self._enabled(UCR2_RXEN) and not held_back and not self._console.at_end

    def _cancel_arrival(self) -> None:
        if self._arrival is not None:
            self._events.cancel(self._arrival)
            self._arrival = None

    def _receive(self) -> None:
        self._arrival = None
        byte = self._console.next_byte()
        if byte is not None:
            self._store(byte)
        self._settle()

    def _store(self, byte: int) -> None:
        if len(self._fifo) == FIFO_ENTRIES:
            self.registers[USR2] |= USR2_ORE
            self._fifo[-1] |= URXD_ERR | URXD_OVRRUN
            return
        self._fifo.append(byte | URXD_CHARRDY)
        self._restart_aging()

    def _restart_aging(self) -> None:
        if self._aging is not None:
            self._events.cancel(self._aging)
            self._aging = None
        if self._fifo and not self._trigger_reached():
            due = self._now() + AGING_CHARACTERS * self._receive_cycles
            self._aging = self._events.schedule(due, self._age, self.name)

    def _age(self) -> None:
        self._aging = None
        self.registers[USR1] |= USR1_AGTIM
        self._settle()
