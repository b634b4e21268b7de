# SPDX-License-Identifier: BSD-2-Clause
"""AVIC, the interrupt controller of the i.MX31 (hardware reference 7.4; i.MX31 manual, AVIC).

Modelled: 64 level-sensitive sources, forced sources, enables (by number and by word), the choice of
IRQ or FIQ, 16 priorities, NIMASK, NIDIS and FIDIS, both vector registers and the pending registers.
Of several sources of the highest priority the highest number wins. A source stays pending until its
device lowers the line: reading NIVECSR changes nothing.

Not modelled: fetching the vector over the core's vector port (VECTOR0-63 and NM only store), and
bus arbitration: ABFEN, NIAD and FIAD store, ABFLAG is never set. NIVECSR shows what the IRQ output
asks for, so a source that NIMASK holds back does not appear in it.
"""

from collections.abc import Callable, Mapping
from typing import ClassVar, Final

from sel4emu.devices.base import WORD_MASK, InterruptLine, Register, RegisterDevice

INTCNTL: Final = 0x00
NIMASK: Final = 0x04
INTENNUM: Final = 0x08
INTDISNUM: Final = 0x0C
INTENABLEH: Final = 0x10
INTENABLEL: Final = 0x14
INTTYPEH: Final = 0x18
INTTYPEL: Final = 0x1C
NIPRIORITY0: Final = 0x3C
NIVECSR: Final = 0x40
FIVECSR: Final = 0x44
INTSRCH: Final = 0x48
INTSRCL: Final = 0x4C
INTFRCH: Final = 0x50
INTFRCL: Final = 0x54
NIPNDH: Final = 0x58
NIPNDL: Final = 0x5C
FIPNDH: Final = 0x60
FIPNDL: Final = 0x64
VECTOR0: Final = 0x100

SOURCE_COUNT: Final = 64
INTCNTL_NIDIS: Final = 1 << 22
INTCNTL_FIDIS: Final = 1 << 21
#: From this value on NIMASK holds nothing back.
NIMASK_NONE: Final = 16
NO_VECTOR: Final = WORD_MASK


class Avic(RegisterDevice):
    """The interrupt controller; `set_lines(irq, fiq)` is called when an output changes."""

    table: ClassVar[Mapping[int, Register]] = {
        INTCNTL: Register("INTCNTL", writable=0x017C_0000),
        NIMASK: Register("NIMASK", reset=0x1F, writable=0x1F),
        INTENNUM: Register("INTENNUM", writable=0),
        INTDISNUM: Register("INTDISNUM", writable=0),
        INTENABLEH: Register("INTENABLEH"),
        INTENABLEL: Register("INTENABLEL"),
        INTTYPEH: Register("INTTYPEH"),
        INTTYPEL: Register("INTTYPEL"),
        **{NIPRIORITY0 - 4 * n: Register(f"NIPRIORITY{n}") for n in range(8)},
        NIVECSR: Register("NIVECSR", writable=0),
        FIVECSR: Register("FIVECSR", writable=0),
        INTSRCH: Register("INTSRCH", writable=0),
        INTSRCL: Register("INTSRCL", writable=0),
        INTFRCH: Register("INTFRCH"),
        INTFRCL: Register("INTFRCL"),
        NIPNDH: Register("NIPNDH", writable=0),
        NIPNDL: Register("NIPNDL", writable=0),
        FIPNDH: Register("FIPNDH", writable=0),
        FIPNDL: Register("FIPNDL", writable=0),
        **{VECTOR0 + 4 * n: Register(f"VECTOR{n}") for n in range(SOURCE_COUNT)},
    }

    def __init__(
        self, name: str, base: int, size: int, *, set_lines: Callable[[bool, bool], None]
    ) -> None:
        super().__init__(name, base, size)
        self._set_lines = set_lines
        self._levels = 0
        self._outputs = (False, False)
        self._computed: dict[int, Callable[[], int]] = {
            NIVECSR: self._normal_vector,
            FIVECSR: self._fast_vector,
            INTSRCH: lambda: self._levels >> 32,
            INTSRCL: lambda: self._levels & WORD_MASK,
            NIPNDH: lambda: self.pending_normal() >> 32,
            NIPNDL: lambda: self.pending_normal() & WORD_MASK,
            FIPNDH: lambda: self.pending_fast() >> 32,
            FIPNDL: lambda: self.pending_fast() & WORD_MASK,
        }

    @property
    def enabled(self) -> int:
        """The enabled sources, bit n for source n."""
        return self._pair(INTENABLEH)

    @property
    def possible(self) -> tuple[bool, bool]:
        """Whether some source could raise IRQ, and FIQ, with the registers as they are."""
        control, fast = self.registers[INTCNTL], self._pair(INTTYPEH)
        irq = not control & INTCNTL_NIDIS and self.enabled & ~fast != 0
        return irq, not control & INTCNTL_FIDIS and self.enabled & fast != 0

    def input(self, number: int) -> InterruptLine:
        """The line to which the device with this source number is connected."""
        assert 0 <= number < SOURCE_COUNT, number

        def set_level(level: bool) -> None:
            self.set_source(number, level)

        return set_level

    def set_source(self, number: int, level: bool) -> None:
        """The level of one source."""
        bit = 1 << number
        levels = self._levels | bit if level else self._levels & ~bit
        if levels != self._levels:
            self._levels = levels
            self._update()

    def reset(self) -> None:
        """Registers as after power-on; the sources are the devices' and stay."""
        super().reset()
        self._update()

    def read_word(self, offset: int) -> int:
        """The register at a word offset; status registers are computed."""
        computed = self._computed.get(offset)
        return super().read_word(offset) if computed is None else computed()

    def write_word(self, offset: int, value: int, mask: int) -> None:
        """Write a register and let the outputs follow."""
        super().write_word(offset, value, mask)
        if offset in (INTENNUM, INTDISNUM):
            self._enable(value & (SOURCE_COUNT - 1), offset == INTENNUM)
        self._update()

    def pending_normal(self) -> int:
        """Enabled sources of type IRQ that are raised or forced, bit n for source n."""
        return self._pending() & ~self._pair(INTTYPEH)

    def pending_fast(self) -> int:
        """Enabled sources of type FIQ that are raised or forced, bit n for source n."""
        return self._pending() & self._pair(INTTYPEH)

    def priority(self, number: int) -> int:
        """Priority (0 to 15) of a source."""
        word = self.registers[NIPRIORITY0 - 4 * (number // 8)]
        return word >> 4 * (number % 8) & 0xF

    def _pair(self, high: int) -> int:
        return self.registers[high] << 32 | self.registers[high + 4]

    def _pending(self) -> int:
        return (self._levels | self._pair(INTFRCH)) & self._pair(INTENABLEH)

    def _enable(self, number: int, on: bool) -> None:
        offset, bit = (INTENABLEH if number >= 32 else INTENABLEL), 1 << number % 32
        if on:
            self.registers[offset] |= bit
        else:
            self.registers[offset] &= ~bit

    def _requested(self) -> tuple[int, int] | None:
        """Priority and number of the source that the IRQ output stands for."""
        pending = self.pending_normal()
        best: tuple[int, int] | None = None
        while pending:
            number = pending.bit_length() - 1
            pending &= ~(1 << number)
            candidate = (self.priority(number), number)
            best = candidate if best is None else max(best, candidate)
        mask = self.registers[NIMASK]
        return None if best is None or best[0] <= mask < NIMASK_NONE else best

    def _normal_vector(self) -> int:
        best = self._requested()
        return NO_VECTOR if best is None else best[1] << 16 | best[0]

    def _fast_vector(self) -> int:
        pending = self.pending_fast()
        return pending.bit_length() - 1 if pending else NO_VECTOR

    def _update(self) -> None:
        control = self.registers[INTCNTL]
        irq = not control & INTCNTL_NIDIS and self._requested() is not None
        fiq = not control & INTCNTL_FIDIS and self.pending_fast() != 0
        if (irq, fiq) != self._outputs:
            self._outputs = (irq, fiq)
            self._set_lines(irq, fiq)
