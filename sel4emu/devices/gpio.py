# SPDX-License-Identifier: BSD-2-Clause
"""GPIO, 32 pins (hardware reference 7.7; i.MX31 manual, GPIO).

Modelled: directions, output data, the level of every pin, interrupts of input pins on either level
or edge, and the line of the bank. A pin that no device drives has the level that the board file
gives it (its pull resistor).

Not modelled: pin multiplexing (a pin is here whatever IOMUXC says), what is connected to outputs,
and the time that a level needs to settle.
"""

from collections.abc import Mapping
from functools import partial
from typing import ClassVar, Final

from sel4emu.devices.base import WORD_MASK, Register, RegisterDevice, Wiring

DR: Final = 0x00
GDIR: Final = 0x04
PSR: Final = 0x08
ICR1: Final = 0x0C
ICR2: Final = 0x10
IMR: Final = 0x14
ISR: Final = 0x18

PINS: Final = 32
#: Two bits of ICR for a pin: what sets its flag.
LOW_LEVEL: Final = 0
HIGH_LEVEL: Final = 1
RISING_EDGE: Final = 2
FALLING_EDGE: Final = 3


class Gpio(RegisterDevice):
    """One bank; bit n of `input_levels` is the level of pin n while nothing drives it."""

    table: ClassVar[Mapping[int, Register]] = {
        DR: Register("DR"),
        GDIR: Register("GDIR"),
        PSR: Register("PSR", writable=0),
        ICR1: Register("ICR1"),
        ICR2: Register("ICR2"),
        IMR: Register("IMR"),
        ISR: Register("ISR", writable=0, clear_by_one=WORD_MASK),
    }

    def __init__(
        self, name: str, base: int, size: int, wiring: Wiring, *, input_levels: int
    ) -> None:
        super().__init__(name, base, size)
        self._line = wiring.line
        self._levels = input_levels & WORD_MASK
        for pin in range(PINS):
            wiring.signals.watch_pin(f"{name}.{pin}", partial(self.drive, pin))

    def reset(self) -> None:
        """All pins are inputs; their levels are the board's and stay."""
        super().reset()
        self._update()

    def drive(self, pin: int, level: bool) -> None:
        """A device of the board gives a pin its level; an output pin keeps its own."""
        bit = 1 << pin
        before = self._levels
        self._levels = before | bit if level else before & ~bit
        edge = RISING_EDGE if level else FALLING_EDGE
        is_input = not self.registers[GDIR] & bit
        if self._levels != before and is_input and self._sensitivity(pin) == edge:
            self.registers[ISR] |= bit
        self._update()

    def read_word(self, offset: int) -> int:
        """The register at the offset; DR reads inputs where pins are inputs."""
        if offset in (DR, PSR):
            return self._pads()
        if offset == ISR:
            return self._flags()
        return super().read_word(offset)

    def write_word(self, offset: int, value: int, mask: int) -> None:
        """Write a register and let the line follow."""
        super().write_word(offset, value, mask)
        self._update()

    def _pads(self) -> int:
        outputs = self.registers[GDIR]
        return self.registers[DR] & outputs | self._levels & ~outputs & WORD_MASK

    def _sensitivity(self, pin: int) -> int:
        return self.registers[ICR1 + 4 * (pin // 16)] >> 2 * (pin % 16) & 3

    def _flags(self) -> int:
        """Flags of edges until they are cleared, of levels for as long as these last."""
        active = self.registers[ISR]
        inputs = ~self.registers[GDIR]
        for pin in range(PINS):
            asked = {LOW_LEVEL: 0, HIGH_LEVEL: 1}.get(self._sensitivity(pin))
            if inputs >> pin & 1 and asked == self._levels >> pin & 1:
                active |= 1 << pin
        return active

    def _update(self) -> None:
        self._line(bool(self.registers[IMR] and self._flags() & self.registers[IMR]))
