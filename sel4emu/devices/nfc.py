# SPDX-License-Identifier: BSD-2-Clause
"""NFC, the NAND flash controller, without a flash (i.MX31 manual, NAND Flash Controller).

Modelled: the RAM buffer, the registers, and operations: each is complete at once, sets INT and,
while INT_MSK is clear, raises the interrupt. Data that is read from the missing flash is all ones.

Not modelled: flash chips, error correction, write protection (the unlock registers only store).
"""

from collections.abc import Mapping
from typing import ClassVar, Final

from sel4emu.devices.base import InterruptingDevice, Register

MAIN_BYTES: Final = 0x800
BUFFER_BYTES: Final = 0x840
CONFIG1: Final = 0xE1A
CONFIG2: Final = 0xE1C

CONFIG1_INT_MSK: Final = 1 << 4
CONFIG1_RST: Final = 1 << 6
CONFIG2_FDO: Final = 7 << 3
CONFIG2_OPERATIONS: Final = 0x3F
CONFIG2_INT: Final = 1 << 15


class Nfc(InterruptingDevice):
    """The controller; its registers have two bytes."""

    table: ClassVar[Mapping[int, Register]] = {
        **{2 * n: Register(f"BUFFER{n}") for n in range(BUFFER_BYTES // 2)},
        0xE00: Register("BUFSIZE", 0x1, writable=0),
        0xE04: Register("RAM_BUFFER_ADDRESS", writable=0xF),
        0xE06: Register("NAND_FLASH_ADD"),
        0xE08: Register("NAND_FLASH_CMD"),
        0xE0A: Register("CONFIGURATION", 0x3, writable=0x3),
        0xE0C: Register("ECC_STATUS_RESULT", writable=0),
        0xE0E: Register("ECC_RSLT_MAIN_AREA", writable=0),
        0xE10: Register("ECC_RSLT_SPARE_AREA", writable=0),
        0xE12: Register("NF_WR_PROT", 0x2, writable=0x7),
        0xE14: Register("UNLOCK_START_BLK_ADD", writable=0xFFFF),
        0xE16: Register("UNLOCK_END_BLK_ADD", writable=0xFFFF),
        0xE18: Register("NAND_FLASH_WR_PR_ST", 0x2, writable=0),
        CONFIG1: Register("NAND_FLASH_CONFIG1", 0x8, writable=0xFC & ~CONFIG1_RST),
        CONFIG2: Register("NAND_FLASH_CONFIG2", writable=CONFIG2_INT),
    }
    width: ClassVar[int] = 2

    def write_word(self, offset: int, value: int, mask: int) -> None:
        """Write a register; an operation in CONFIG2 is carried out."""
        super().write_word(offset, value, mask)
        if offset == CONFIG2 and value & CONFIG2_OPERATIONS:
            if value & CONFIG2_FDO:
                self.registers.update(dict.fromkeys(range(0, BUFFER_BYTES, 2), 0xFFFF))
            self.registers[CONFIG2] |= CONFIG2_INT
        self._settle()

    def _settle(self) -> None:
        masked = self.registers[CONFIG1] & CONFIG1_INT_MSK
        self._line(bool(self.registers[CONFIG2] & CONFIG2_INT and not masked))
