# SPDX-License-Identifier: BSD-2-Clause
"""What every device is: a window of addresses to read and write, and an interrupt output.

Modelled: registers of one width (words, halfwords or bytes) described by a table (reset value,
writable bits, bits cleared by writing one), and accesses of a byte, a halfword or a word at any
offset inside them.

Not modelled: the time that an access takes, and the bus error that some peripherals answer to an
access of a width that they do not support.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final

from sel4emu.console import Console
from sel4emu.devices.clock import Clocks
from sel4emu.devices.signals import Signals
from sel4emu.events import EventQueue

WORD_MASK: Final = 0xFFFF_FFFF

#: The interrupt output of a device: called with the level whenever it may have changed.
InterruptLine = Callable[[bool], None]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wiring:
    """What a device may be connected to.

    `now` gives the cycle; `line` is the device's own interrupt output, and `set_lines(irq, fiq)`
    are those of the interrupt controller. `signals`, one for a machine, connects its devices.
    """

    events: EventQueue
    now: Callable[[], int]
    console: Console
    clocks: Clocks
    line: InterruptLine
    set_lines: Callable[[bool, bool], None]
    signals: Signals = field(default_factory=Signals)


def unconnected(level: bool) -> None:
    """The interrupt line of a device that has none on this board."""


class Device(ABC):
    """A window of `size` bytes at the physical address `base`; `name` is that of the board file.

    Offsets count from `base`. Values are unsigned; sizes are 1, 2 or 4 bytes.
    """

    def __init__(self, name: str, base: int, size: int) -> None:
        self.name = name
        self.base = base
        self.size = size

    @abstractmethod
    def read(self, offset: int, size: int) -> int:
        """The value of `size` bytes at `offset`."""

    @abstractmethod
    def write(self, offset: int, size: int, value: int) -> None:
        """Write `size` bytes at `offset`."""

    @abstractmethod
    def reset(self) -> None:
        """Return to the state after power-on."""


@dataclass(frozen=True, slots=True)
class Register:
    """A register: which bits a write changes, and which it clears where it has a one."""

    name: str
    reset: int = 0
    writable: int = WORD_MASK
    clear_by_one: int = 0


@dataclass(frozen=True, slots=True)
class Lane:
    """The part of an access that lies in one register: `size` bytes from bit `low`."""

    offset: int
    low: int
    size: int
    position: int  # of its first bit in the value of the access

    @property
    def mask(self) -> int:
        """The bits of the register that the access touches."""
        return ((1 << 8 * self.size) - 1) << self.low


def lanes(offset: int, size: int, width: int = 4) -> Iterator[Lane]:
    """Split an access into the registers of `width` bytes that it touches."""
    position = 0
    while position < size:
        here = offset + position
        part = min(size - position, width - here % width)
        yield Lane(here - here % width, 8 * (here % width), part, 8 * position)
        position += part


class RegisterDevice(Device):
    """A device made of the registers in `table`, each of `width` bytes.

    A subclass gives registers their behaviour by overriding `read_word` and `write_word`. An
    offset without a register reads 0 and ignores writes, and is logged once.
    """

    table: ClassVar[Mapping[int, Register]]
    width: ClassVar[int] = 4

    def __init__(self, name: str, base: int, size: int) -> None:
        super().__init__(name, base, size)
        self.registers: dict[int, int] = {}
        self._reported: set[int] = set()
        self._fill_registers()

    def reset(self) -> None:
        """Give every register its reset value."""
        self._fill_registers()

    def read(self, offset: int, size: int) -> int:
        """The value of `size` bytes at `offset`."""
        if size == self.width and offset % size == 0:
            return self.read_word(offset)  # nearly every access; guests poll with it
        value = 0
        for lane in lanes(offset, size, self.width):
            value |= (self.read_word(lane.offset) & lane.mask) >> lane.low << lane.position
        return value

    def write(self, offset: int, size: int, value: int) -> None:
        """Write `size` bytes at `offset`; the other bytes of a register stay as they are."""
        for lane in lanes(offset, size, self.width):
            self.write_word(lane.offset, value >> lane.position << lane.low & lane.mask, lane.mask)

    def read_word(self, offset: int) -> int:
        """The register at the offset."""
        if offset not in self.table:
            self._report(offset, "read")
        return self.registers.get(offset, 0)

    def write_word(self, offset: int, value: int, mask: int) -> None:
        """Write the bits `mask` of the register at the offset; `value` has no others."""
        register = self.table.get(offset)
        if register is None:
            self._report(offset, "write")
            return
        changed = register.writable & mask
        kept = self.registers[offset] & ~changed & ~(value & register.clear_by_one)
        self.registers[offset] = kept | value & changed

    def _fill_registers(self) -> None:
        self.registers = {offset: entry.reset for offset, entry in self.table.items()}

    def _report(self, offset: int, access: str) -> None:
        word = offset & ~3  # a word access to bytes without registers is one mistake
        if word not in self._reported:
            self._reported.add(word)
            address = self.base + offset
            _log.warning("%s: %s at 0x%08x, which has no register", self.name, access, address)


class InterruptingDevice(RegisterDevice):
    """A device whose interrupt output follows from its registers alone."""

    def __init__(self, name: str, base: int, size: int, wiring: Wiring) -> None:
        super().__init__(name, base, size)
        self._line = wiring.line

    def reset(self) -> None:
        """Registers as after power-on, and the output that they ask for."""
        super().reset()
        self._settle()

    @abstractmethod
    def _settle(self) -> None:
        """Bring the output up to date; whoever changes a register calls it."""
