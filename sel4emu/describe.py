# SPDX-License-Identifier: BSD-2-Clause
"""Words for what the processor's system registers hold (ARM ARM A2.5, B3.4, B4.6; DDI 0211, 3.3).

Modelled: CPSR and SPSR, SCTLR, the fault status registers.
Not modelled: bits that the ARM1136 has fixed.
"""

from collections.abc import Mapping
from typing import Final

from sel4emu.native.mmu import FSR_DOMAIN_SHIFT, FSR_WRITE

MODE_NAMES: Final[Mapping[int, str]] = {
    0x10: "usr",
    0x11: "fiq",
    0x12: "irq",
    0x13: "svc",
    0x17: "abt",
    0x1B: "und",
    0x1F: "sys",
}
_MODE: Final = 0x1F
_FLAGS: Final = ((31, "n"), (30, "z"), (29, "c"), (28, "v"), (27, "q"))
_STATES: Final = {0: "ARM", 1: "Thumb", 2: "Jazelle", 3: "Thumb and Jazelle"}
_MASKS: Final = ((1 << 7, "IRQ"), (1 << 6, "FIQ"), (1 << 8, "imprecise aborts"))
_BIG_ENDIAN: Final = 1 << 9

#: Bits of SCTLR, with the words for those that are set and, where it matters, for those that are
#: not.
_CONTROL: Final = (
    (0, "MMU on", "MMU off"),
    (1, "alignment checked", ""),
    (2, "data cache on", "data cache off"),
    (12, "instruction cache on", "instruction cache off"),
    (11, "branch prediction on", ""),
    (13, "high vectors", "low vectors"),
    (23, "ARMv6 page tables", "page tables with subpages"),
    (22, "unaligned access", ""),
    (25, "big-endian exceptions", ""),
)

#: Fault status (bit 10 and bits 3 to 0): what happened, and whether the domain is valid.
_FAULTS: Final[Mapping[int, tuple[str, bool]]] = {
    0x000: ("no fault", False),
    0x001: ("alignment fault", False),
    0x002: ("debug event (breakpoint)", False),
    0x003: ("access flag fault, section", False),
    0x004: ("fault of a cache operation", False),
    0x005: ("translation fault, section", False),
    0x006: ("access flag fault, page", False),
    0x007: ("translation fault, page", True),
    0x008: ("external abort: no memory and no device at the physical address", False),
    0x009: ("domain fault, section", True),
    0x00B: ("domain fault, page", True),
    0x00C: ("external abort while walking the first-level table", False),
    0x00D: ("permission fault, section", True),
    0x00E: ("external abort while walking the second-level table", True),
    0x00F: ("permission fault, page", True),
    0x406: ("imprecise external abort", False),
}
_FAULT_BITS: Final = 0x40F


def mode_name(status: int) -> str:
    """The mode in a program status register."""
    return MODE_NAMES.get(status & _MODE, f"mode 0x{status & _MODE:02x}")


def program_status(status: int) -> str:
    """CPSR or an SPSR: mode, state, masks and flags (those that are set in capitals)."""
    masked = [name for bit, name in _MASKS if status & bit]
    state = _STATES[(status >> 5 & 1) | (status >> 24 & 1) << 1]
    flags = "".join(f.upper() if status >> bit & 1 else f for bit, f in _FLAGS)
    words = [mode_name(status), state, (" and ".join(masked) or "nothing") + " masked"]
    if status & _BIG_ENDIAN:
        words.append("big-endian data")
    return ", ".join((*words, f"flags {flags}"))


def control(sctlr: int) -> str:
    """What SCTLR turns on, and off where that matters."""
    words = (on if sctlr >> bit & 1 else off for bit, on, off in _CONTROL)
    return ", ".join(word for word in words if word)


def fault_status(status: int, *, data: bool) -> str:
    """A fault status register in words; `data`: DFSR, which tells reads from writes."""
    code = status & _FAULT_BITS
    words, has_domain = _FAULTS.get(code, (f"unknown fault 0x{code:x}", False))
    if has_domain and data:
        words += f", domain {status >> FSR_DOMAIN_SHIFT & 15}"
    if data and code:
        words += ", by a write" if status & FSR_WRITE else ", by a read"
    return words
