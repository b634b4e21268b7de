# SPDX-License-Identifier: BSD-2-Clause
"""SDHC, the host controller for memory cards, with an empty slot (i.MX31 manual, SDHC).

Modelled: the clock that a driver starts and stops and sees running, software reset, revision, and
commands: each ends at once with the time-out of its response, because there is no card. Status
flags are cleared by ones; the interrupt of the end of a command.

Not modelled: cards, hence data, buffers and DMA, and card detection (no card is ever put in).
"""

from collections.abc import Mapping
from typing import ClassVar, Final

from sel4emu.devices.base import InterruptingDevice, Register

STR_STP_CLK: Final = 0x00
STATUS: Final = 0x04
CMD_DAT_CONT: Final = 0x0C
REV_NO: Final = 0x20
INT_CNTR: Final = 0x24
RES_FIFO: Final = 0x34

CLOCK_STOP: Final = 1 << 0
CLOCK_START: Final = 1 << 1
CLOCK_RESET: Final = 1 << 3
STATUS_TIME_OUT_RESP: Final = 1 << 1
STATUS_CARD_BUS_CLK_RUN: Final = 1 << 8
STATUS_END_CMD_RESP: Final = 1 << 13
#: Both data buffers are empty.
STATUS_RESET: Final = 0x3000_0000
INT_END_CMD_RES: Final = 1 << 2


class Sdhc(InterruptingDevice):
    """One controller."""

    table: ClassVar[Mapping[int, Register]] = {
        STR_STP_CLK: Register("STR_STP_CLK", writable=0),
        STATUS: Register("STATUS", STATUS_RESET, writable=0, clear_by_one=0xC000_7E3F),
        0x08: Register("CLK_RATE", 0x8, writable=0xFFFF),
        CMD_DAT_CONT: Register("CMD_DAT_CONT", writable=0xFFFF),
        0x10: Register("RES_TO", 0x40, writable=0xFF),
        0x14: Register("READ_TO", 0xFFFF, writable=0xFFFF),
        0x18: Register("BLK_LEN", writable=0xFFF),
        0x1C: Register("NOB", writable=0xFFFF),
        REV_NO: Register("REV_NO", 0x400, writable=0),
        INT_CNTR: Register("INT_CNTR", writable=0x7_F01F),
        0x28: Register("CMD", writable=0x3F),
        0x2C: Register("ARG"),
        RES_FIFO: Register("RES_FIFO", writable=0),
        0x38: Register("BUFFER_ACCESS", writable=0),
    }

    def write_word(self, offset: int, value: int, mask: int) -> None:
        """Write a register; CMD_DAT_CONT sends the command in CMD and ARG."""
        super().write_word(offset, value, mask)
        if offset == STR_STP_CLK:
            self._clock(value)
        elif offset == CMD_DAT_CONT:
            self.registers[STATUS] |= STATUS_END_CMD_RESP | STATUS_TIME_OUT_RESP
        self._settle()

    def _clock(self, value: int) -> None:
        if value & CLOCK_RESET:
            self._fill_registers()
        if value & CLOCK_STOP:
            self.registers[STATUS] &= ~STATUS_CARD_BUS_CLK_RUN
        elif value & CLOCK_START:
            self.registers[STATUS] |= STATUS_CARD_BUS_CLK_RUN

    def _settle(self) -> None:
        ended = self.registers[STATUS] & STATUS_END_CMD_RESP
        self._line(bool(ended and self.registers[INT_CNTR] & INT_END_CMD_RES))
