# SPDX-License-Identifier: BSD-2-Clause
"""L2CC, the registers of the L210 second-level cache (hardware reference 7.6; ARM L210 manual).

Modelled: control, auxiliary control and lockdown registers; maintenance operations by address, by
index and by way, all of which are complete when the write that starts them is (they read 0).

Not modelled: the contents of the cache (memory is always coherent), event counters, interrupts and
the debug register. The identification follows the scheme of the later L220; its revision is 0.
"""

from collections.abc import Mapping
from typing import ClassVar, Final

from sel4emu.devices.base import Register, RegisterDevice

ID: Final = 0x000
TYPE: Final = 0x004
CONTROL: Final = 0x100
AUX: Final = 0x104
LOCKDOWN_D: Final = 0x900
LOCKDOWN_I: Final = 0x904

CONTROL_ENABLE: Final = 1 << 0
#: 16 KB a way, 8 ways, every latency at its maximum.
AUX_RESET: Final = 1 << 17 | 8 << 13 | 0xFFF

MAINTENANCE: Final = {
    0x730: "SYNC",
    0x770: "INV_PA",
    0x77C: "INV_WAY",
    0x7B0: "CLEAN_PA",
    0x7B8: "CLEAN_IDX",
    0x7BC: "CLEAN_WAY",
    0x7F0: "CLINV_PA",
    0x7F8: "CLINV_IDX",
    0x7FC: "CLINV_WAY",
}


class L2cc(RegisterDevice):
    """The second-level cache controller."""

    table: ClassVar[Mapping[int, Register]] = {
        ID: Register("ID", reset=0x4100_0040, writable=0),
        TYPE: Register("TYPE", reset=0x1C10_0100, writable=0),
        CONTROL: Register("CONTROL", writable=CONTROL_ENABLE),
        AUX: Register("AUX", reset=AUX_RESET, writable=0x03FF_FFFF),
        **{offset: Register(name, writable=0) for offset, name in MAINTENANCE.items()},
        LOCKDOWN_D: Register("LOCKDOWN_D", writable=0xFF),
        LOCKDOWN_I: Register("LOCKDOWN_I", writable=0xFF),
    }

    @property
    def enabled(self) -> bool:
        """Whether the guest has switched the cache on."""
        return bool(self.registers[CONTROL] & CONTROL_ENABLE)
