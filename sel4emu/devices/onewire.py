# SPDX-License-Identifier: BSD-2-Clause
"""One-wire, the controller of a one-wire bus with nothing on it (i.MX31 manual, 1-Wire).

Modelled: reset pulses and bits, complete at once: nobody answers a reset with a presence pulse, and
every bit that is read is a one, as on a line that only its pull-up drives.

Not modelled: devices on the line, and the time of a bit (TIME_DIVIDER only stores).
"""

from collections.abc import Mapping
from typing import ClassVar, Final

from sel4emu.devices.base import Register, RegisterDevice

CONTROL: Final = 0x0
TIME_DIVIDER: Final = 0x2
RESET: Final = 0x4

CONTROL_RDST: Final = 1 << 3
CONTROL_WR1: Final = 1 << 4
CONTROL_WR0: Final = 1 << 5
CONTROL_PST: Final = 1 << 6
CONTROL_RPP: Final = 1 << 7


class OneWire(RegisterDevice):
    """The controller."""

    table: ClassVar[Mapping[int, Register]] = {
        CONTROL: Register("CONTROL", reset=CONTROL_RDST, writable=0),
        TIME_DIVIDER: Register("TIME_DIVIDER", writable=0xFF),
        RESET: Register("RESET", writable=1),
    }
    width: ClassVar[int] = 2
