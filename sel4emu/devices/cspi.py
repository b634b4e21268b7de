# SPDX-License-Identifier: BSD-2-Clause
"""CSPI, the serial peripheral interface, as a master without a slave (i.MX31 manual, CSPI).

Modelled: both FIFOs of eight words, the exchange (XCH, or at once with SMC), which is complete when
the write that starts it is, every flag that follows from the FIFOs, transfer complete, overflow,
loop back (LBC), and the interrupt. The input line is high: a word of n bits reads n ones.

Not modelled: slaves and slave mode, the bit clock (DATARATE and PERIODREG only store), the ready
signal and DMA.
"""

from collections import deque
from collections.abc import Mapping
from typing import ClassVar, Final

from sel4emu.devices.base import Register, RegisterDevice, Wiring

RXDATA: Final = 0x00
TXDATA: Final = 0x04
CONREG: Final = 0x08
INTREG: Final = 0x0C
DMAREG: Final = 0x10
STATREG: Final = 0x14
PERIODREG: Final = 0x18
TESTREG: Final = 0x1C

FIFO_WORDS: Final = 8
CONREG_EN: Final = 1 << 0
CONREG_XCH: Final = 1 << 2
CONREG_SMC: Final = 1 << 3
CONREG_BITS_LOW: Final = 8
STATREG_TE: Final = 1 << 0
STATREG_TH: Final = 1 << 1
STATREG_TF: Final = 1 << 2
STATREG_RR: Final = 1 << 3
STATREG_RH: Final = 1 << 4
STATREG_RF: Final = 1 << 5
STATREG_RO: Final = 1 << 6
STATREG_TC: Final = 1 << 8
TESTREG_LBC: Final = 1 << 14


class Cspi(RegisterDevice):
    """One controller."""

    table: ClassVar[Mapping[int, Register]] = {
        RXDATA: Register("RXDATA", writable=0),
        TXDATA: Register("TXDATA", writable=0),
        CONREG: Register("CONREG", writable=0x0337_1FFF & ~CONREG_XCH),
        INTREG: Register("INTREG", writable=0x1FF),
        DMAREG: Register("DMAREG", writable=0x33),
        STATREG: Register("STATREG", writable=0, clear_by_one=STATREG_RO | 1 << 7 | STATREG_TC),
        PERIODREG: Register("PERIODREG", writable=0xFFFF),
        TESTREG: Register("TESTREG", writable=0xC000),
    }

    def __init__(self, name: str, base: int, size: int, wiring: Wiring) -> None:
        super().__init__(name, base, size)
        self._line = wiring.line
        self._to_send: deque[int] = deque()
        self._received: deque[int] = deque()

    def reset(self) -> None:
        """Registers as after power-on, FIFOs empty."""
        super().reset()
        self._clear()
        self._settle()

    def _clear(self) -> None:
        self._to_send.clear()
        self._received.clear()

    def read_word(self, offset: int) -> int:
        """The register at the offset; reading RXDATA takes a word from the FIFO."""
        if offset == STATREG:
            return self._status()
        if offset == RXDATA and self._received:
            word = self._received.popleft()
            self._settle()
            return word
        return super().read_word(offset)

    def write_word(self, offset: int, value: int, mask: int) -> None:
        """Write a register; TXDATA fills the FIFO, XCH in CONREG exchanges what it holds."""
        super().write_word(offset, value, mask)
        control = self.registers[CONREG]
        if not control & CONREG_EN:
            self._clear()
        elif offset == TXDATA:
            if len(self._to_send) < FIFO_WORDS:
                self._to_send.append(value)
            if control & CONREG_SMC:
                self._exchange()
        elif offset == CONREG and value & CONREG_XCH:
            self._exchange()
        self._settle()

    def _exchange(self) -> None:
        bits = (self.registers[CONREG] >> CONREG_BITS_LOW & 0x1F) + 1
        ones = (1 << bits) - 1
        looped = self.registers[TESTREG] & TESTREG_LBC
        while self._to_send:
            word = self._to_send.popleft() & ones
            if len(self._received) == FIFO_WORDS:
                self.registers[STATREG] |= STATREG_RO
            else:
                self._received.append(word if looped else ones)
        self.registers[STATREG] |= STATREG_TC

    def _status(self) -> int:
        sending, received = len(self._to_send), len(self._received)
        flags = {
            STATREG_TE: sending == 0,
            STATREG_TH: sending <= FIFO_WORDS // 2,
            STATREG_TF: sending == FIFO_WORDS,
            STATREG_RR: received > 0,
            STATREG_RH: received >= FIFO_WORDS // 2,
            STATREG_RF: received == FIFO_WORDS,
        }
        return self.registers[STATREG] | sum(flag for flag, is_set in flags.items() if is_set)

    def _settle(self) -> None:
        enabled = self.registers[CONREG] & CONREG_EN
        self._line(bool(enabled and self._status() & self.registers[INTREG]))
