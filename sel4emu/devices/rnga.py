# SPDX-License-Identifier: BSD-2-Clause
"""RNGA, the random number generator (i.MX31 manual, RNGA), the same in every run.

Modelled: GO, sleep, the level of the output FIFO (always full once started), and words of a fixed
sequence that the ENTROPY register stirs.

Not modelled: randomness, on purpose: two runs of one image must be equal. Verification registers,
interrupt and the dead oscillator.
"""

from collections.abc import Mapping
from typing import ClassVar, Final

from sel4emu.devices.base import WORD_MASK, Register, RegisterDevice

CONTROL: Final = 0x00
STATUS: Final = 0x04
ENTROPY: Final = 0x08
OUTPUT_FIFO: Final = 0x0C
MODE: Final = 0x10

CONTROL_GO: Final = 1 << 0
CONTROL_SLEEP: Final = 1 << 4
STATUS_UNDERFLOW: Final = 1 << 2
STATUS_SLEEP: Final = 1 << 4
FIFO_WORDS: Final = 16
#: Any value but 0 starts the sequence.
SEED: Final = 0x9E37_79B9


class Rnga(RegisterDevice):
    """The generator."""

    table: ClassVar[Mapping[int, Register]] = {
        CONTROL: Register("CONTROL", writable=0x17),
        STATUS: Register("STATUS", writable=0),
        ENTROPY: Register("ENTROPY", writable=0),
        OUTPUT_FIFO: Register("OUTPUT_FIFO", writable=0),
        MODE: Register("MODE"),
    }

    def __init__(self, name: str, base: int, size: int) -> None:
        super().__init__(name, base, size)
        self._state = SEED

    def reset(self) -> None:
        """The sequence starts again."""
        super().reset()
        self._state = SEED

    def read_word(self, offset: int) -> int:
        """The register at the offset; reading OUTPUT_FIFO takes the next word."""
        if offset == STATUS:
            return self._status()
        if offset == OUTPUT_FIFO:
            return self._next() if self._started() else self._underflow()
        return super().read_word(offset)

    def write_word(self, offset: int, value: int, mask: int) -> None:
        """Write a register; ENTROPY changes what follows."""
        super().write_word(offset, value, mask)
        if offset == ENTROPY:
            self._state = (self._state ^ value) or SEED

    def _started(self) -> bool:
        return self.registers[CONTROL] & (CONTROL_GO | CONTROL_SLEEP) == CONTROL_GO

    def _status(self) -> int:
        level = FIFO_WORDS if self._started() else 0
        asleep = STATUS_SLEEP if self.registers[CONTROL] & CONTROL_SLEEP else 0
        return self.registers[STATUS] | FIFO_WORDS << 16 | level << 8 | asleep

    def _underflow(self) -> int:
        self.registers[STATUS] |= STATUS_UNDERFLOW
        return 0

    def _next(self) -> int:
        """One step of a 32-bit xorshift."""
        word = self._state
        word ^= word << 13 & WORD_MASK
        word ^= word >> 17
        word ^= word << 5 & WORD_MASK
        self._state = word
        return word
