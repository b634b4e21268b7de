# SPDX-License-Identifier: BSD-2-Clause
"""I2C, the two-wire bus controller, as a master on a bus with nobody else (i.MX31 manual, I2C).

Modelled: start and stop conditions as far as a driver sees them (IBB), and bytes sent and received,
each of which is complete at once: IIF is set, no byte is acknowledged (RXAK), and what is received
is all ones, as on a bus that only its pull-ups drive. IIF and IAL are cleared by writing zeros. The
interrupt while IIEN is set.

Not modelled: devices on the bus, the slave (nobody ever addresses it), and the bus clock (IFDR only
stores).
"""

from collections.abc import Mapping
from typing import ClassVar, Final

from sel4emu.devices.base import InterruptingDevice, Register

IADR: Final = 0x00
IFDR: Final = 0x04
I2CR: Final = 0x08
I2SR: Final = 0x0C
I2DR: Final = 0x10

I2CR_RSTA: Final = 1 << 2
I2CR_MTX: Final = 1 << 4
I2CR_MSTA: Final = 1 << 5
I2CR_IIEN: Final = 1 << 6
I2CR_IEN: Final = 1 << 7
I2SR_RXAK: Final = 1 << 0
I2SR_IIF: Final = 1 << 1
I2SR_IAL: Final = 1 << 4
I2SR_IBB: Final = 1 << 5
I2SR_ICF: Final = 1 << 7
#: What nobody drives reads as ones.
IDLE_BUS: Final = 0xFF


class I2c(InterruptingDevice):
    """One controller."""

    table: ClassVar[Mapping[int, Register]] = {
        IADR: Register("IADR", writable=0xFE),
        IFDR: Register("IFDR", writable=0x3F),
        I2CR: Register("I2CR", writable=0xFC & ~I2CR_RSTA),
        I2SR: Register("I2SR", reset=I2SR_ICF | I2SR_RXAK, writable=0),
        I2DR: Register("I2DR", writable=0xFF),
    }

    def read_word(self, offset: int) -> int:
        """The register at the offset; reading I2DR as a receiver starts the next byte."""
        if offset == I2DR and self._is_master() and not self.registers[I2CR] & I2CR_MTX:
            self._finish_byte()
            return IDLE_BUS
        return super().read_word(offset)

    def write_word(self, offset: int, value: int, mask: int) -> None:
        """Write a register; writing I2DR as a sender sends a byte."""
        super().write_word(offset, value, mask)
        if offset == I2CR:
            self._control()
        elif offset == I2SR:
            self.registers[I2SR] &= ~(mask & ~value & (I2SR_IIF | I2SR_IAL))
        elif offset == I2DR and self._is_master() and self.registers[I2CR] & I2CR_MTX:
            self._finish_byte()
        self._settle()

    def _is_master(self) -> bool:
        both = I2CR_IEN | I2CR_MSTA
        return self.registers[I2CR] & both == both

    def _control(self) -> None:
        """Take the bus or leave it; a controller that is off forgets its state."""
        if not self.registers[I2CR] & I2CR_IEN:
            self.registers[I2SR] = self.table[I2SR].reset
        if self._is_master():
            self.registers[I2SR] |= I2SR_IBB
        else:
            self.registers[I2SR] &= ~I2SR_IBB

    def _finish_byte(self) -> None:
        self.registers[I2SR] |= I2SR_ICF | I2SR_IIF | I2SR_RXAK
        self._settle()

    def _settle(self) -> None:
        asks = self.registers[I2CR] & I2CR_IIEN and self.registers[I2SR] & I2SR_IIF
        self._line(bool(asks))
