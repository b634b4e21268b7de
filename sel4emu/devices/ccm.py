# SPDX-License-Identifier: BSD-2-Clause
"""CCM, the clock controller (hardware reference 7.5; i.MX31 manual, CCM).

Modelled: the registers, with the chip's reset values except where the board file gives what its
boot loader leaves behind, and the frequencies that they stand for, so that a guest that computes
its clocks from these registers finds the ones that the board really has.

Not modelled: any effect of a write. Clocks keep the frequencies of the board file, gates (CGR) stop
nothing, frequency scaling (PMCR) and its interrupt do not happen.
"""

from collections.abc import Mapping
from typing import ClassVar, Final

from sel4emu.devices.base import Register, RegisterDevice

CCMR: Final = 0x00
PDR0: Final = 0x04
MPCTL: Final = 0x10

_TABLE: Final[Mapping[int, Register]] = {
    CCMR: Register("CCMR", reset=0x074B_0B7D),
    PDR0: Register("PDR0", reset=0xFF87_0B48),
    0x08: Register("PDR1", reset=0x49FC_FE7F),
    0x0C: Register("RCSR", reset=0x007F_0000),
    MPCTL: Register("MPCTL", reset=0x0400_1800),
    0x14: Register("UPCTL", reset=0x0405_1C03),
    0x18: Register("SPCTL", reset=0x0404_3001),
    0x1C: Register("COSR", reset=0x0000_0280),
    0x20: Register("CGR0", reset=0xFFFF_FFFF),
    0x24: Register("CGR1", reset=0xFFFF_FFFF),
    0x28: Register("CGR2", reset=0xFFFF_FFFF),
    0x2C: Register("WIMR", reset=0xFFFF_FFFF),
    0x30: Register("LDC"),
    0x34: Register("DCVR0"),
    0x38: Register("DCVR1"),
    0x3C: Register("DCVR2"),
    0x40: Register("DCVR3"),
    0x44: Register("LTR0"),
    0x48: Register("LTR1", reset=0x0000_4040),
    0x4C: Register("LTR2"),
    0x50: Register("LTR3"),
    0x54: Register("LTBR0"),
    0x58: Register("LTBR1"),
    0x5C: Register("PMCR0", reset=0x8020_9828),
    0x60: Register("PMCR1", reset=0x00AA_0000),
    0x64: Register("PDR2", reset=0x0000_0285),
}

REGISTER_NAMES: Final = frozenset(register.name for register in _TABLE.values())


def pll_hertz(control: int, reference: int) -> int:
    """Output of a PLL for its control word, rounded down to whole Hz."""
    numerator, integer = control & 0x3FF, control >> 10 & 0xF
    denominator, divider = (control >> 16 & 0x3FF) + 1, (control >> 26 & 0xF) + 1
    return 2 * reference * (integer * denominator + numerator) // (denominator * divider)


class Ccm(RegisterDevice):
    """The clock controller; `presets` gives registers (by name) another value after reset."""

    table: ClassVar[Mapping[int, Register]] = _TABLE

    def __init__(self, name: str, base: int, size: int, *, presets: Mapping[str, int]) -> None:
        assert presets.keys() <= REGISTER_NAMES, presets
        super().__init__(name, base, size)
        self._presets = presets
        self.reset()

    def reset(self) -> None:
        """Registers as the boot loader leaves them."""
        super().reset()
        for offset, register in self.table.items():
            if register.name in self._presets:
                self.registers[offset] = self._presets[register.name]

    def frequencies(self, reference: int) -> tuple[int, int, int]:
        """Hz of processor, AHB and IPG as the registers say, for a reference clock in Hz."""
        dividers = self.registers[PDR0]
        main = pll_hertz(self.registers[MPCTL], reference)
        ahb = main // ((dividers >> 3 & 7) + 1)
        return main // ((dividers & 7) + 1), ahb, ahb // ((dividers >> 6 & 3) + 1)
