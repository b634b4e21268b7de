# SPDX-License-Identifier: BSD-2-Clause
"""CCM, the clock controller (hardware reference 7.5; i.MX31 manual, CCM).

Modelled: the registers, with the chip's reset values except where the board file gives what its
boot loader leaves behind, and the clock tree that they stand for: a guest that computes its clocks
finds the ones that the board has, and where it changes a PLL, a divider or a selector of the
processor, AHB, IPG or peripheral clock, the timers follow. A PLL is locked at once.

Not modelled: a change of the processor's own speed other than as the ratio between its cycles and
the other clocks, gates (CGR stops nothing), frequency scaling by hardware (PMCR, LTR, DCVR) and its
interrupt, and the clocks of devices that have no timing here (USB, CSI, NFC, FIR, SSI).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar, Final

from sel4emu.devices.base import Register, RegisterDevice, Wiring
from sel4emu.devices.clock import Clocks

CCMR: Final = 0x00
PDR0: Final = 0x04
MPCTL: Final = 0x10
UPCTL: Final = 0x14
SPCTL: Final = 0x18
PMCR0: Final = 0x5C

CCMR_FPME: Final = 1 << 0
CCMR_PRCS: Final = 3 << 1
CCMR_PRCS_CKIH: Final = 2 << 1
CCMR_MPE: Final = 1 << 3
CCMR_MDS: Final = 1 << 7
CCMR_PERCS: Final = 1 << 24
PMCR0_DFSUP0: Final = 1 << 31

#: The pre-multiplier makes this many cycles of one of CKIL.
FPM_FACTOR: Final = 1024
#: The least multiplication factor of a PLL; lower ones mean this.
MFI_LEAST: Final = 5
PLL_BITS: Final = 0xBFFF_3FFF

_TABLE: Final[Mapping[int, Register]] = {
    CCMR: Register("CCMR", reset=0x074B_0B7D),
    PDR0: Register("PDR0", reset=0xFF87_0B48, writable=0xFF9F_3FFF),
    0x08: Register("PDR1", reset=0x49FC_FE7F),
    0x0C: Register("RCSR", reset=0x007F_0000),
    MPCTL: Register("MPCTL", reset=0x0400_1800, writable=PLL_BITS),
    UPCTL: Register("UPCTL", reset=0x0405_1C03, writable=PLL_BITS),
    SPCTL: Register("SPCTL", reset=0x0404_3001, writable=PLL_BITS),
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
    PMCR0: Register("PMCR0", reset=0x8020_9828),
    0x60: Register("PMCR1", reset=0x00AA_0000),
    0x64: Register("PDR2", reset=0x0000_0285),
}

REGISTER_NAMES: Final = frozenset(register.name for register in _TABLE.values())


def pll_hertz(control: int, reference: int) -> int:
    """Output of a PLL for its control word, rounded down to whole Hz.

    The fraction is between -1 and 1: settings beyond, which the manual forbids, mean these.
    """
    integer = max(MFI_LEAST, control >> 10 & 0xF)
    denominator, divider = (control >> 16 & 0x3FF) + 1, (control >> 26 & 0xF) + 1
    numerator = (control & 0x1FF) - (control & 0x200)  # two's complement
    numerator = max(-denominator, min(numerator, denominator))
    return 2 * reference * (integer * denominator + numerator) // (denominator * divider)


class Ccm(RegisterDevice):
    """The clock controller; `presets` gives registers (by name) another value after reset."""

    table: ClassVar[Mapping[int, Register]] = _TABLE

    def __init__(
        self, name: str, base: int, size: int, wiring: Wiring, *, presets: Mapping[str, int]
    ) -> None:
        assert presets.keys() <= REGISTER_NAMES, presets
        super().__init__(name, base, size)
        self._board_clocks = wiring.clocks
        self._signals = wiring.signals
        self._presets = presets
        self._preset()

    def reset(self) -> None:
        """Registers and clocks as the boot loader leaves them."""
        before = self.clocks()
        super().reset()
        self._preset()
        if self.clocks() != before:
            self._signals.change_clocks(self._board_clocks)

    def _preset(self) -> None:
        for offset, register in self.table.items():
            if register.name in self._presets:
                self.registers[offset] = self._presets[register.name]

    def write_word(self, offset: int, value: int, mask: int) -> None:
        """Write a register; the users of a clock that changes are told."""
        before = self.clocks()
        super().write_word(offset, value, mask)
        after = self.clocks()
        if after != before:
            self._signals.change_clocks(after)

    def clocks(self) -> Clocks:
        """The clocks as the registers say; no bus clock is faster than the processor."""
        dividers = self.registers[PDR0]
        main = self._main_hertz()
        cpu = main // ((dividers & 7) + 1)
        ahb = main // ((dividers >> 3 & 7) + 1)
        ipg = ahb // ((dividers >> 6 & 3) + 1)
        peripheral = ipg
        if not self.registers[CCMR] & CCMR_PERCS:
            usb = pll_hertz(self.registers[UPCTL], self._reference_hertz())
            peripheral = usb // ((dividers >> 16 & 0x1F) + 1)
        return replace(
            self._board_clocks,
            cpu=cpu,
            ipg=min(cpu, ipg),
            ipg_highfreq=min(cpu, peripheral),
        )

    def _reference_hertz(self) -> int:
        """What the PLLs multiply: CKIH, or CKIL times 1024."""
        control = self.registers[CCMR]
        if control & CCMR_PRCS == CCMR_PRCS_CKIH or not control & CCMR_FPME:
            return self._board_clocks.ckih
        return self._board_clocks.ckil * FPM_FACTOR

    def _main_hertz(self) -> int:
        """The clock of the processor's domain before its dividers."""
        control = self.registers[CCMR]
        if control & CCMR_MDS or not control & CCMR_MPE:
            return self._reference_hertz()
        pll = MPCTL if self.registers[PMCR0] & PMCR0_DFSUP0 else SPCTL
        return pll_hertz(self.registers[pll], self._reference_hertz())
