# SPDX-License-Identifier: BSD-2-Clause
"""The FPGA of the KZM-ARM11-01: board registers and two 16550 UARTs (hardware reference 6.2).

Modelled: byte registers for control, switches, backlight, segment display and LEDs; both UARTs, on
idle lines, whose interrupts reach a GPIO pin while CTL1 lets them.

Not modelled: what the lights show, switches that anybody moves (all are off), the touch panel, and
the other contents of the chip select.
"""

from collections.abc import Mapping
from typing import ClassVar, Final

from sel4emu.devices.base import InterruptLine, Register, RegisterDevice, Wiring
from sel4emu.devices.ns16550 import WINDOW_BYTES, Ns16550
from sel4emu.devices.serial_line import IdleLine

CTL1: Final = 0x1000
CTL2: Final = 0x1001
SW1: Final = 0x1002
SW2: Final = 0x1003
BACKLIGHT: Final = 0x1004
REVISION: Final = 0x1008
SEGMENTS: Final = 0x1010
LEDS: Final = 0x1020
UARTS: Final = (0x1040, 0x1050)

CTL1_UART_INTERRUPT: Final = 1 << 1


class Fpga(RegisterDevice):
    """The FPGA; its interrupt output drives the pin with that name."""

    table: ClassVar[Mapping[int, Register]] = {
        CTL1: Register("CTL1", writable=0xFF),
        CTL2: Register("CTL2", writable=0xFF),
        SW1: Register("SW1", writable=0),
        SW2: Register("SW2", writable=0),
        BACKLIGHT: Register("BACKLIGHT", writable=0xFF),
        REVISION: Register("REVISION", reset=0x01, writable=0),
        **{SEGMENTS + n: Register(f"SEGMENTS{n}", writable=0xFF) for n in range(2)},
        **{LEDS + n: Register(f"LEDS{n}", writable=0xFF) for n in range(2)},
        **{
            base + n: Register(f"UART{number}_{n}", writable=0)
            for number, base in enumerate(UARTS)
            for n in range(WINDOW_BYTES)
        },
    }
    width: ClassVar[int] = 1

    def __init__(
        self, name: str, base: int, size: int, wiring: Wiring, *, interrupt_pin: str
    ) -> None:
        super().__init__(name, base, size)
        self._signals = wiring.signals
        self._pin = interrupt_pin
        self._levels = [False] * len(UARTS)
        self._uarts = [
            Ns16550(IdleLine(f"{name} at 0x{base + offset:08x}"), self._input(number))
            for number, offset in enumerate(UARTS)
        ]
        self._settle()

    def reset(self) -> None:
        """Registers and UARTs as after power-on."""
        super().reset()
        for port in self._uarts:
            port.reset()
        self._settle()

    def read_word(self, offset: int) -> int:
        """The byte register at the offset."""
        port = self._port(offset)
        return super().read_word(offset) if port is None else port.read(offset % WINDOW_BYTES)

    def write_word(self, offset: int, value: int, mask: int) -> None:
        """Write a byte register."""
        port = self._port(offset)
        if port is not None:
            port.write(offset % WINDOW_BYTES, value)
        else:
            super().write_word(offset, value, mask)
            self._settle()

    def _port(self, offset: int) -> Ns16550 | None:
        start = offset - offset % WINDOW_BYTES
        return self._uarts[UARTS.index(start)] if start in UARTS else None

    def _input(self, number: int) -> InterruptLine:
        def set_level(level: bool) -> None:
            self._levels[number] = level
            self._settle()

        return set_level

    def _settle(self) -> None:
        allowed = bool(self.registers[CTL1] & CTL1_UART_INTERRUPT)
        self._signals.drive_pin(self._pin, allowed and any(self._levels))
