# SPDX-License-Identifier: BSD-2-Clause
"""L2CC, the registers of the L210 second-level cache (hardware reference 7.6; ARM L210 manual).

Modelled: control, auxiliary control and lockdown registers; maintenance operations by address, by
index and by way, all of which are complete when the write that starts them is (they read 0). What
they do to the contents and what that costs is up to the cache that is connected. The registers of
the event counters can be set up and reset; the test and debug registers are there.

Not modelled: what the auxiliary register says of size and latencies, events (the counters keep what
is written), interrupts, and reading or writing lines by the test registers. The identification is
one that kernels take for an L210; its revision is 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Final, Protocol

from sel4emu.devices.base import Register, RegisterDevice

ID: Final = 0x000
TYPE: Final = 0x004
CONTROL: Final = 0x100
AUX: Final = 0x104
EVENT_CONTROL: Final = 0x200
EVENT_VALUES: Final = (0x20C, 0x210)
LOCKDOWN_D: Final = 0x900
LOCKDOWN_I: Final = 0x904

CONTROL_ENABLE: Final = 1 << 0
#: Bits of EVENT_CONTROL that reset counter 1 and counter 0, and read 0.
EVENT_RESETS: Final = (1 << 2, 1 << 1)
#: 16 KB a way, 8 ways, every latency at its maximum.
AUX_RESET: Final = 1 << 17 | 8 << 13 | 0xFFF


@dataclass(frozen=True, slots=True)
class Operation:
    """What a maintenance register does: `target` is "address", "index", "ways" or "sync"."""

    name: str
    target: str
    clean: bool = False
    invalidate: bool = False


OPERATIONS: Final[Mapping[int, Operation]] = {
    0x730: Operation("SYNC", "sync"),
    0x770: Operation("INV_PA", "address", invalidate=True),
    0x77C: Operation("INV_WAY", "ways", invalidate=True),
    0x7B0: Operation("CLEAN_PA", "address", clean=True),
    0x7B8: Operation("CLEAN_IDX", "index", clean=True),
    0x7BC: Operation("CLEAN_WAY", "ways", clean=True),
    0x7F0: Operation("CLINV_PA", "address", clean=True, invalidate=True),
    0x7F8: Operation("CLINV_IDX", "index", clean=True, invalidate=True),
    0x7FC: Operation("CLINV_WAY", "ways", clean=True, invalidate=True),
}
MAINTENANCE: Final = {offset: operation.name for offset, operation in OPERATIONS.items()}


class Contents(Protocol):
    """The cache behind the registers."""

    def configure(self, *, enabled: bool, locked_data: int, locked_instructions: int) -> None:
        """Switch it on or off, and lock ways (as bits)."""

    def maintain(self, operation: Operation, operand: int) -> None:
        """Do an operation; the operand is that of the register."""


class L2cc(RegisterDevice):
    """The second-level cache controller."""

    table: ClassVar[Mapping[int, Register]] = {
        ID: Register("ID", reset=0x4100_0040, writable=0),
        TYPE: Register("TYPE", reset=0x1C10_0100, writable=0),
        CONTROL: Register("CONTROL", writable=CONTROL_ENABLE),
        AUX: Register("AUX", reset=AUX_RESET, writable=0x03FF_FFFF),
        **{offset: Register(name, writable=0) for offset, name in MAINTENANCE.items()},
        EVENT_CONTROL: Register("EVENT_CONTROL", writable=0x1),
        0x204: Register("EVENT_CONFIG1", writable=0x3F),
        0x208: Register("EVENT_CONFIG0", writable=0x3F),
        EVENT_VALUES[0]: Register("EVENT_VALUE1"),
        EVENT_VALUES[1]: Register("EVENT_VALUE0"),
        0x214: Register("INTERRUPT_MASK", writable=0x1FF),
        0x218: Register("INTERRUPT_MASKED", writable=0),
        0x21C: Register("INTERRUPT_RAW", writable=0),
        0x220: Register("INTERRUPT_CLEAR", writable=0),
        0xF00: Register("TEST_OPERATION"),
        **{0xF10 + 4 * n: Register(f"LINE_DATA{n}") for n in range(8)},
        0xF30: Register("LINE_TAG"),
        0xF40: Register("DEBUG_CONTROL", writable=0x3),
        LOCKDOWN_D: Register("LOCKDOWN_D", writable=0xFF),
        LOCKDOWN_I: Register("LOCKDOWN_I", writable=0xFF),
    }

    contents: Contents | None = None

    def write_word(self, offset: int, value: int, mask: int) -> None:
        """Write a register, and let the contents know."""
        super().write_word(offset, value, mask)
        if offset == EVENT_CONTROL:
            for counter, bit in zip(EVENT_VALUES, EVENT_RESETS, strict=True):
                self.registers[counter] = 0 if value & bit else self.registers[counter]
        if self.contents is None:
            return
        if offset in OPERATIONS:
            self.contents.maintain(OPERATIONS[offset], value)
        else:
            self.contents.configure(
                enabled=self.enabled,
                locked_data=self.registers[LOCKDOWN_D],
                locked_instructions=self.registers[LOCKDOWN_I],
            )

    @property
    def enabled(self) -> bool:
        """Whether the guest has switched the cache on."""
        return bool(self.registers[CONTROL] & CONTROL_ENABLE)
