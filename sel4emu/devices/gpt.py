# SPDX-License-Identifier: BSD-2-Clause
"""GPT, the up counter with three compare registers (hardware reference 7.3; i.MX31 manual, GPT).

Modelled: all clock sources on the chip, prescaler, restart at OCR1 and free run, ENMOD, the three
compare flags and the rollover flag, the level interrupt ((SR and IR) while EN) and the software
reset. In restart mode a write to OCR1 starts the counter again at 0. A counter that is above OCR1
when it is switched to restart mode overflows once.

Not modelled: the pins, hence the input captures (ICR1 and ICR2 read 0), the external clock, the
output modes (OM) and forced compares (FO, which read 0), and low power modes.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from sel4emu.devices.base import WORD_MASK, Register
from sel4emu.devices.timer import Rate, Timer

CR: Final = 0x00
PR: Final = 0x04
SR: Final = 0x08
IR: Final = 0x0C
OCR1: Final = 0x10
OCR2: Final = 0x14
OCR3: Final = 0x18
ICR1: Final = 0x1C
ICR2: Final = 0x20
CNT: Final = 0x24

CR_EN: Final = 1 << 0
CR_ENMOD: Final = 1 << 1
CR_CLKSRC_LOW: Final = 6
CR_FRR: Final = 1 << 9
CR_SWR: Final = 1 << 15
#: EN, ENMOD, DBGEN, WAITEN, DOZEN and STOPEN survive a software reset.
CR_KEPT_BY_SWR: Final = 0x3F

SR_OF1: Final = 1 << 0
SR_OF2: Final = 1 << 1
SR_OF3: Final = 1 << 2
SR_ROV: Final = 1 << 5
SR_FLAGS: Final = 0x3F


class Gpt(Timer):
    """One GPT."""

    table: ClassVar[Mapping[int, Register]] = {
        CR: Register("CR", writable=0x1FFF_83FF),
        PR: Register("PR", writable=0xFFF),
        SR: Register("SR", writable=0, clear_by_one=SR_FLAGS),
        IR: Register("IR", writable=SR_FLAGS),
        OCR1: Register("OCR1", reset=WORD_MASK),
        OCR2: Register("OCR2", reset=WORD_MASK),
        OCR3: Register("OCR3", reset=WORD_MASK),
        ICR1: Register("ICR1", writable=0),
        ICR2: Register("ICR2", writable=0),
        CNT: Register("CNT", writable=0),
    }
    control: ClassVar[int] = CR
    status: ClassVar[int] = SR
    count: ClassVar[int] = CNT
    software_reset: ClassVar[int] = CR_SWR
    kept_by_reset: ClassVar[int] = CR_KEPT_BY_SWR
    overflow: ClassVar[int] = SR_ROV
    crystal_sources: ClassVar[Sequence[int]] = range(4, 8)

    def rate(self) -> Rate | None:
        """Source and prescaler, while EN is set and the source is one on the chip."""
        control = self.registers[CR]
        clock = self.sources.get(control >> CR_CLKSRC_LOW & 7)
        if not control & CR_EN or clock is None:
            return None
        return Rate(clock, self.registers[PR] + 1)

    def limit(self) -> int:
        """OCR1 in restart mode, all ones in free run."""
        return WORD_MASK if self.registers[CR] & CR_FRR else self.registers[OCR1]

    def targets(self, limit: int) -> Mapping[int, int]:
        """The compare flags at their registers, ROV where the counter overflows to 0."""
        compares = {SR_OF1: OCR1, SR_OF2: OCR2, SR_OF3: OCR3}
        targets = {
            flag: self.position_of(self.registers[offset], limit)
            for flag, offset in compares.items()
        }
        if limit == WORD_MASK:
            targets[SR_ROV] = 0
        return targets

    def wanted_flags(self) -> int:
        """The flags enabled in IR, while EN is set."""
        return self.registers[IR] if self.registers[CR] & CR_EN else 0

    def position_of(self, value: int, limit: int) -> int:
        """The value itself; one above the limit is on its way to the overflow, hence negative."""
        return value if value <= limit else value - WORD_MASK - 1

    def value_of(self, position: int, limit: int) -> int:
        """The inverse of `position_of`."""
        return position & WORD_MASK

    def initial_value(self) -> int:
        """Zero."""
        return 0

    def apply(self, offset: int, old: int) -> None:
        """Start from 0 on enable (ENMOD) and after OCR1 in restart mode."""
        control = self.registers[CR]
        if (offset == CR and control & ~old & CR_EN and control & CR_ENMOD) or (
            offset == OCR1 and not control & CR_FRR
        ):
            self.load_counter(0)
