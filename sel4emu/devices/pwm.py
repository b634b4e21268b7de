# SPDX-License-Identifier: BSD-2-Clause
"""PWM, the pulse-width modulator (i.MX31 manual, PWM).

Modelled: its registers, the software reset, which is complete at once, and a sample FIFO that takes
every sample and is always empty.

Not modelled: the output, the counter (PWMCNR reads 0), compare and rollover, and the interrupt.
"""

from collections.abc import Mapping
from typing import ClassVar, Final

from sel4emu.devices.base import Register, RegisterDevice

PWMCR: Final = 0x00
PWMSR: Final = 0x04
PWMIR: Final = 0x08
PWMSAR: Final = 0x0C
PWMPR: Final = 0x10
PWMCNR: Final = 0x14

PWMCR_SWR: Final = 1 << 3
PWMSR_FE: Final = 1 << 3
#: STOPEN, DOZEN, WAITEN and DBGEN survive a software reset.
PWMCR_KEPT_BY_SWR: Final = 0x03C0_0000


class Pwm(RegisterDevice):
    """The modulator."""

    table: ClassVar[Mapping[int, Register]] = {
        PWMCR: Register("PWMCR", writable=0x0FFF_FFFF & ~PWMCR_SWR),
        PWMSR: Register("PWMSR", PWMSR_FE, writable=0, clear_by_one=0x70),
        PWMIR: Register("PWMIR", writable=0x7),
        PWMSAR: Register("PWMSAR", writable=0xFFFF),
        PWMPR: Register("PWMPR", 0xFFFE, writable=0xFFFF),
        PWMCNR: Register("PWMCNR", writable=0),
    }

    def write_word(self, offset: int, value: int, mask: int) -> None:
        """Write a register; SWR gives them their reset values."""
        super().write_word(offset, value, mask)
        if offset == PWMCR and value & PWMCR_SWR:
            kept = self.registers[PWMCR] & PWMCR_KEPT_BY_SWR
            self._fill_registers()
            self.registers[PWMCR] = kept
