# SPDX-License-Identifier: BSD-2-Clause
"""USB, the three controllers of the i.MX31 without transceivers (i.MX31 manual, USB OTG; EHCI).

Modelled: identification and capabilities, reset of a controller (complete at once), halted and
running, the schedules' on and off, the doorbell of the asynchronous schedule, and the viewport to
the transceiver, whose accesses are complete at once and read 0: there is no transceiver. No device
is connected to any port.

Not modelled: transfers, frames (FRINDEX stands still), devices, the device side of the OTG port,
and interrupts.
"""

from collections.abc import Mapping
from typing import ClassVar, Final

from sel4emu.devices.base import Register, RegisterDevice

CORES: Final = 3
CORE_BYTES: Final = 0x200
USBCMD: Final = 0x140
USBSTS: Final = 0x144
ULPI_VIEWPORT: Final = 0x170
PORTSC1: Final = 0x184
USBCTRL: Final = 0x600
USB_OTG_MIRROR: Final = 0x604

USBCMD_RS: Final = 1 << 0
USBCMD_RST: Final = 1 << 1
USBCMD_PSE: Final = 1 << 4
USBCMD_ASE: Final = 1 << 5
USBCMD_IAA: Final = 1 << 6
USBSTS_AAI: Final = 1 << 5
USBSTS_HCH: Final = 1 << 12
USBSTS_PS: Final = 1 << 14
USBSTS_AS: Final = 1 << 15


def _constant(name: str, value: int) -> Register:
    return Register(name, value, writable=0)


#: Of one controller.
_CORE: Final[Mapping[int, Register]] = {
    0x000: _constant("ID", 0xE241_FA05),
    0x004: _constant("HWGENERAL", 0x0000_0085),
    0x008: _constant("HWHOST", 0x1002_0001),
    0x00C: _constant("HWDEVICE", 0x0000_0011),
    0x010: _constant("HWTXBUF", 0x8007_0908),
    0x014: _constant("HWRXBUF", 0x0000_0508),
    0x100: _constant("CAPLENGTH", 0x0100_0040),
    0x104: _constant("HCSPARAMS", 0x0001_0011),
    0x108: _constant("HCCPARAMS", 0x0000_0006),
    0x120: _constant("DCIVERSION", 0x0000_0001),
    0x124: _constant("DCCPARAMS", 0x0000_0188),
    USBCMD: Register("USBCMD", 0x0008_0000, writable=0x00FF_AB7D & ~USBCMD_IAA),
    USBSTS: Register("USBSTS", USBSTS_HCH, writable=0, clear_by_one=0x0000_05FF),
    0x148: Register("USBINTR", writable=0x5FF),
    0x14C: Register("FRINDEX", writable=0x3FFF),
    0x154: Register("PERIODICLISTBASE", writable=0xFFFF_F000),
    0x158: Register("ASYNCLISTADDR", writable=0xFFFF_FFE0),
    0x160: Register("BURSTSIZE", 0x0000_1010, writable=0xFFFF),
    0x164: Register("TXFILLTUNING", writable=0x003F_1FFF),
    ULPI_VIEWPORT: Register("ULPIVIEW", writable=0x27FF_00FF),
    0x180: _constant("CONFIGFLAG", 0x0000_0001),
    PORTSC1: Register("PORTSC1", 0x8C00_0000, writable=0xFFDF_F1C0, clear_by_one=0x2A),
    0x1A4: Register("OTGSC", 0x0000_0120, writable=0x7F00_003F, clear_by_one=0x007F_0000),
    0x1A8: Register("USBMODE", writable=0x1F),
    0x1AC: Register("ENDPTSETUPSTAT", writable=0, clear_by_one=0xFF),
    0x1B0: Register("ENDPTPRIME", writable=0),
    0x1B4: Register("ENDPTFLUSH", writable=0),
    0x1B8: _constant("ENDPTSTAT", 0),
    0x1BC: Register("ENDPTCOMPLETE", writable=0, clear_by_one=0xFF_00FF),
    **{0x1C0 + 4 * n: Register(f"ENDPTCTRL{n}") for n in range(8)},
}


class Usb(RegisterDevice):
    """The OTG controller, host 1 and host 2, and what they share."""

    table: ClassVar[Mapping[int, Register]] = {
        **{
            core * CORE_BYTES + offset: Register(
                f"UH{core}_{entry.name}", entry.reset, entry.writable, entry.clear_by_one
            )
            for core in range(CORES)
            for offset, entry in _CORE.items()
        },
        USBCTRL: Register("USBCTRL", 0x0000_1000),
        USB_OTG_MIRROR: Register("USB_OTG_MIRROR", 0x02, writable=0x1F),
    }

    def read_word(self, offset: int) -> int:
        """The register at the offset; the status follows the command register."""
        if offset % CORE_BYTES != USBSTS or offset >= USBCTRL:
            return super().read_word(offset)
        command = self.registers[offset - USBSTS + USBCMD]
        if not command & USBCMD_RS:
            return self.registers[offset] | USBSTS_HCH
        status = self.registers[offset] & ~USBSTS_HCH
        status |= USBSTS_PS if command & USBCMD_PSE else 0
        return status | (USBSTS_AS if command & USBCMD_ASE else 0)

    def write_word(self, offset: int, value: int, mask: int) -> None:
        """Write a register; a reset of a controller is complete at once."""
        super().write_word(offset, value, mask)
        if offset % CORE_BYTES == USBCMD and offset < USBCTRL:
            start = offset - USBCMD
            if value & USBCMD_RST:
                for place in _CORE:
                    self.registers[start + place] = self.table[start + place].reset
            elif value & USBCMD_IAA:
                self.registers[start + USBSTS] |= USBSTS_AAI
