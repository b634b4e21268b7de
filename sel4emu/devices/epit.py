# SPDX-License-Identifier: BSD-2-Clause
"""EPIT, the down counter with one compare register (hardware reference 7.2; i.MX31 manual, EPIT).

Modelled: all clock sources and prescalers, reload from LR or from 0xFFFFFFFF, ENMOD, IOVW, the
compare flag, the level interrupt (OCIF and OCIEN and EN) and the software reset. From 0 the counter
goes on to its reload value at the next step, so a period is LR + 1 steps.

Not modelled: the output pin (OM), low power modes, and a compare register that is written with the
value that the counter holds already (the flag is set when the counter *gets* there).
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from sel4emu.devices.base import WORD_MASK, Register
from sel4emu.devices.timer import Rate, Timer

CR: Final = 0x00
SR: Final = 0x04
LR: Final = 0x08
CMPR: Final = 0x0C
CNT: Final = 0x10

CR_EN: Final = 1 << 0
CR_ENMOD: Final = 1 << 1
CR_OCIEN: Final = 1 << 2
CR_RLD: Final = 1 << 3
CR_PRESCALE_LOW: Final = 4
CR_PRESCALE_MASK: Final = 0xFFF
CR_SWR: Final = 1 << 16
CR_IOVW: Final = 1 << 17
CR_CLKSRC_LOW: Final = 24
#: EN, ENMOD, DBGEN, WAITEN, DOZEN and STOPEN survive a software reset.
CR_KEPT_BY_SWR: Final = CR_EN | CR_ENMOD | 0xF << 18

SR_OCIF: Final = 1 << 0


class Epit(Timer):
    """One EPIT."""

    table: ClassVar[Mapping[int, Register]] = {
        CR: Register("CR", writable=0x03FF_FFFF),
        SR: Register("SR", writable=0, clear_by_one=SR_OCIF),
        LR: Register("LR", reset=WORD_MASK),
        CMPR: Register("CMPR"),
        CNT: Register("CNT", reset=WORD_MASK, writable=0),
    }
    control: ClassVar[int] = CR
    status: ClassVar[int] = SR
    count: ClassVar[int] = CNT
    software_reset: ClassVar[int] = CR_SWR
    kept_by_reset: ClassVar[int] = CR_KEPT_BY_SWR
    crystal_sources: ClassVar[Sequence[int]] = (3,)

    def rate(self) -> Rate | None:
        """Source and prescaler from CR, while EN is set and the source is not off."""
        control = self.registers[CR]
        clock = self.sources.get(control >> CR_CLKSRC_LOW & 3)
        if not control & CR_EN or clock is None:
            return None
        return Rate(clock, (control >> CR_PRESCALE_LOW & CR_PRESCALE_MASK) + 1)

    def reload_value(self) -> int:
        """What follows 0: LR, or all ones in free-running mode."""
        return self.registers[LR] if self.registers[CR] & CR_RLD else WORD_MASK

    def limit(self) -> int:
        """A position is the distance below the reload value, so the last one is that value."""
        return self.reload_value()

    def targets(self, limit: int) -> Mapping[int, int]:
        """OCIF at CMPR."""
        return {SR_OCIF: limit - self.registers[CMPR]}

    def wanted_flags(self) -> int:
        """OCIF if EN and OCIEN are set."""
        both = CR_EN | CR_OCIEN
        return SR_OCIF if self.registers[CR] & both == both else 0

    def position_of(self, value: int, limit: int) -> int:
        """Steps made since the reload value; negative above it."""
        return limit - value

    def value_of(self, position: int, limit: int) -> int:
        """The inverse of `position_of`."""
        return limit - position

    def initial_value(self) -> int:
        """All ones."""
        return WORD_MASK

    def apply(self, offset: int, old: int) -> None:
        """Loading on enable (ENMOD) and loading by a write to LR (IOVW)."""
        control = self.registers[CR]
        if offset == CR and control & ~old & CR_EN and control & CR_ENMOD:
            self.load_counter(self.reload_value())
        elif offset == LR and control & CR_IOVW:
            self.load_counter(self.registers[LR])
