# SPDX-License-Identifier: BSD-2-Clause
"""The structure that the native hooks and Python share: one record, described here alone.

Python reads and writes it as `state[0]["cycles"]`; a native hook gets its address as user data.
Nothing in it is a copy of something that lives elsewhere, the CP15 shadows apart: they follow
the guest's writes, because Unicorn offers no hook for coprocessor instructions.
"""

from enum import IntEnum, IntFlag
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sel4emu.native import model_state

#: 2 x 32 entries of the main TLB, then 8 lockable ones (DDI 0211, chapter 6).
TLB_WAYS: Final = 2
TLB_SETS: Final = 32
TLB_LOCKABLE: Final = 8
TLB_ENTRIES: Final = TLB_WAYS * TLB_SETS + TLB_LOCKABLE
REGIONS: Final = 96
BREAKPOINTS: Final = 16

#: One for each 4 KB page of the virtual address space, privileged and user.
FILLS: Final = 2 << 20
#: One for each 4 KB page of the physical address space.
CODE_PAGES: Final = 1 << 20
#: Entries of the trail (`sel4emu.native.branches`).
TRAIL: Final = 512


NEVER: Final = 1 << 62


class Stop(IntEnum):
    """Why a hook stopped the processor; `NONE` after a plain return means wait-for-interrupt."""

    NONE = 0
    EVENT = 1
    INTERRUPT = 2
    REQUEST = 3
    BREAKPOINT = 4
    TRAP = 5
    SEMIHOSTING = 6
    ALIGNMENT = 7
    STEP = 8
    UNKNOWN_EXCEPTION = 9
    CHECK_ALIGNMENT = 10
    MONITOR = 11
    TRANSLATE_BARE = 12
    TRANSLATE_HOOKED = 13
    FORGET_BLOCKS = 14
    REFUSED_FETCH = 15


class Attention(IntFlag):
    """Reasons for the instruction hook to leave its fast path."""

    INTERRUPT = 1
    REQUEST = 2
    BREAKPOINT = 4
    WRITE_REGISTER = 8
    AS_USER = 16
    FORGET = 32  # blocks were looked at for what no longer holds
    MONITOR = 64
    STEP = 128
    MODE = 256
    PROFILE = 512
    PART_DATA = 1024  # Unicorn was given a page of which only a part may be accessed
    PART_CODE = 2048  # instructions come from such a page
    ADJUSTED = 4096  # the access at hand has its base made aligned
    RECURSION = 8192  # for Python: privileged code raises exceptions, again and again
    VOID = 16384  # for Python: zeros are being run through


class Verdict(IntEnum):
    """What is to become of an instruction that the hook has looked at."""

    RUN = 0
    UNDEFINED = 1
    SKIP = 2
    DONE = 3  # PC has been written


class RegionKind(IntEnum):
    """What backs a range of physical addresses."""

    NONE = 0
    RAM = 1
    ROM = 2
    DEVICE = 3


class FaultKind(IntEnum):
    """The access that the MMU refused; the numbers are Unicorn's (UC_MEM_READ and following)."""

    READ = 16
    WRITE = 17
    FETCH = 18


class ExceptionKind(IntEnum):
    """ARM exceptions, numbered by their place in the vector table."""

    RESET = 0
    UNDEFINED = 1
    SVC = 2
    PREFETCH_ABORT = 3
    DATA_ABORT = 4
    IRQ = 6
    FIQ = 7


STATE: Final = np.dtype(
    [
        ("address", "i8"),  # address of this record, so that native code can name its fields
        ("scratch", "i8"),  # where uc_reg_read and uc_reg_write take their value
        # Counters. `executed` cycles are cycles - modelled.
        ("cycles", "i8"),
        ("modelled", "i8"),
        ("idle", "i8"),
        ("instructions", "i8"),
        ("next_event", "i8"),  # the hook stops before the first instruction at or after it
        ("exceptions", "i8", (8,)),  # by ExceptionKind
        ("tlb_walks", "i8"),
        ("tlb_fills", "i8"),
        ("tlb_flush_all", "i8"),
        ("tlb_flush_asid", "i8"),
        ("tlb_flush_address", "i8"),
        # The performance monitor: PMN0, PMN1, CCNT.
        ("monitor_held", "i8", (3,)),  # values when they were last looked at
        ("monitor_base", "i8", (3,)),  # what had been counted then
        ("monitor_flags", "u4"),
        ("monitor_line", "u4"),
        ("instruction_limit", "i8"),  # with Attention.STEP
        # Communication with the run loop.
        ("attention", "u4"),
        ("stop", "u4"),
        ("stop_argument", "u4"),
        ("irq_line", "u4"),
        ("fiq_line", "u4"),
        ("register_number", "u4"),  # register to write before the next instruction
        ("register_value", "u4"),
        ("as_user", "u4"),  # the instruction accesses memory as if in user mode (LDRT, STRT)
        ("semihosting", "u4"),
        ("trap_low", "u4"),
        ("trap_high", "u4"),
        ("breakpoint_count", "u4"),
        ("breakpoints", "u4", (BREAKPOINTS,)),
        ("resume_at", "u4"),  # a breakpoint here has just been reported
        ("skip_breakpoint", "u4"),
        ("aligned_at", "u4"),  # the access at this address has been found aligned
        ("verdict", "u4"),  # on the instruction at hand
        # An unaligned access of SCTLR.U = 0 runs with its base made aligned (`alignment.py`).
        ("adjusted_base", "u4"),  # register number
        ("adjusted_by", "u4"),
        ("adjusted_keeps", "u4"),  # 0: the base is loaded; 1: it gets `adjusted_by` back
        ("adjusted_load", "u4"),  # register whose word has to be rotated, or 15
        # The page that instructions are being fetched from.
        ("fetch_page", "u4"),
        ("fetch_host", "i8"),
        ("fetch_physical", "i8"),
        ("fills", "i8"),  # address of the FILLS words of `sel4emu.native.fills`
        ("fill_generation", "i8"),  # fills of other generations are forgotten
        ("code_pages", "i8"),  # address of CODE_PAGES bytes: 1 where code was fetched from
        # Last refusal of the MMU.
        ("fault_page", "u4"),  # or subpage, with `fault_part`
        ("fault_part", "u4"),  # what refused it holds for a subpage of 1 KB
        ("fault_again", "u4"),  # no fault: the instruction is to run again, its block with calls
        ("fault_status", "u4"),
        ("fault_kind", "u4"),
        # The trail of blocks, the full one before it, and what came between the two: entries that
        # only repeat the last `period` ones.
        ("trail_count", "i8"),
        ("trail_set_aside", "i8"),
        ("trail_period", "i8"),
        ("trail_skipped", "i8"),
        ("trail", "i8", (TRAIL,)),
        ("trail_before", "i8", (TRAIL,)),
        ("void_next", "i8"),  # where a run through zeros would go on, and how long it is
        ("void_bytes", "i8"),
        ("recursion_where", "i8"),  # link and kind of the last exception
        ("recursions", "i8"),
        # The core's revision: identification, and whether it has the v6K extensions.
        ("midr", "u4"),
        ("v6k", "u4"),
        # CP15 shadows.
        ("cpacr", "u4"),
        ("remap", "u4", (2,)),  # PRRR and NMRR, of r1p3
        ("vfp_closed", "u4"),  # CPACR does not let everybody use the VFP
        ("strict", "u4"),  # SCTLR: no unaligned access is plain (A set, or U clear)
        ("sctlr", "u4"),
        ("ttbr0", "u4"),
        ("ttbr1", "u4"),
        ("ttbcr", "u4"),
        ("dacr", "u4"),
        ("fcse", "u4"),
        ("context_id", "u4"),
        ("tlb_lockdown", "u4"),
        ("monitor_control", "u4"),
        # CP14: DSCR, and what was written to its other registers, by opcode_2 and CRm.
        ("debug_status", "u4"),
        ("debug_registers", "u4", (128,)),
        # Main TLB, and a place for what is looked up without entering it: virtual page, mask of
        # the page's offset bits, physical page, attributes.
        ("tlb_virtual", "u4", (TLB_ENTRIES + 1,)),
        ("tlb_offset_mask", "u4", (TLB_ENTRIES + 1,)),
        ("tlb_physical", "u4", (TLB_ENTRIES + 1,)),
        ("tlb_attributes", "u4", (TLB_ENTRIES + 1,)),
        ("tlb_victim", "u4", (TLB_SETS,)),
        # Physical memory map, sorted by base.
        ("region_count", "u4"),
        ("region_found", "u4"),
        ("region_base", "u4", (REGIONS,)),
        ("region_last", "u4", (REGIONS,)),
        ("region_kind", "u4", (REGIONS,)),
        ("region_host", "i8", (REGIONS,)),
        *model_state.FIELDS,
    ],
    align=True,
)

#: A fetch page that no instruction address matches.
NO_PAGE: Final = 1


def _offset(field: str) -> int:
    fields = STATE.fields
    assert fields is not None
    return int(fields[field][1])


SCRATCH_OFFSET: Final = _offset("scratch")
CODE_OFFSET: Final = _offset("code")

# Bits of tlb_attributes.
TLB_VALID: Final = 1 << 31
TLB_GLOBAL: Final = 1 << 30
TLB_SECTION: Final = 1 << 29  # a section or supersection: decides the fault code
TLB_XN: Final = 1 << 28
TLB_ASID_MASK: Final = 0xFF
TLB_DOMAIN_SHIFT: Final = 8  # four bits
TLB_AP_SHIFT: Final = 12  # APX:AP, three bits; of the first subpage if they differ
TLB_SUBPAGES: Final = 1 << 15  # each quarter has an AP of its own
TLB_TYPE_SHIFT: Final = 16  # TEX, C, B: five bits
TLB_SHARED: Final = 1 << 21
TLB_SUBPAGE_SHIFT: Final = 22  # AP of the second to fourth subpage, two bits each
#: Where a walk that is to change nothing puts its result.
TLB_SCRATCH: Final = TLB_ENTRIES

StateArray = NDArray[np.void]


def new_state() -> StateArray:
    """A zeroed record that knows its own address."""
    state: StateArray = np.zeros(1, STATE)
    state[0]["address"] = state.ctypes.data
    state[0]["next_event"] = NEVER
    state[0]["fetch_page"] = NO_PAGE
    return state
