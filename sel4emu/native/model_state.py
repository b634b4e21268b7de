# SPDX-License-Identifier: BSD-2-Clause
"""The part of the shared record that the cycle model keeps: tables, buffers, counters.

Times are cycles, absolute. `docs/TIMING.md` says what each of them is for; here stands where it
lies. Registers are numbered 0-15, then 16 double registers of the VFP; NOWHERE takes what is
written to PC, ALWAYS_READY gives what is read from it.
"""

from enum import IntEnum
from typing import Final

import numpy as np

from sel4emu.native.parameters import Parameter

VFP: Final = 16
NOWHERE: Final = 32
ALWAYS_READY: Final = 33
TIMES: Final = 34
#: Rows of `times`: ready, address, lock.
LOCKS: Final = 2 * TIMES

L1_SETS: Final = 128
L1_WAYS: Final = 4
L1_LINES: Final = L1_SETS * L1_WAYS
L2_SETS: Final = 512
L2_WAYS: Final = 8
L2_LINES: Final = L2_SETS * L2_WAYS
LINE_SHIFT: Final = 5

#: Places of the three caches in the tables that they share.
ICACHE: Final = 0
DCACHE: Final = ICACHE + L1_LINES
L2: Final = DCACHE + L1_LINES
CACHE_LINES: Final = L2 + L2_LINES
#: Their places in `replacement_counter` and `replacement_random`, and those of the micro TLBs.
REPLACE_ICACHE: Final = 0
REPLACE_DCACHE: Final = 1
REPLACE_L2: Final = 2
REPLACE_MICRO: Final = 3

BTAC_ENTRIES: Final = 128
RETURN_STACK: Final = 3
MICRO_ENTRIES: Final = 10
WRITE_BUFFER: Final = 16
#: Direct-mapped shortcuts past the micro TLB of the data side.
SHORTCUTS: Final = 64
#: Direct-mapped places of pages of code in host memory.
FETCH_PAGES: Final = 16
DECODED_ENTRIES: Final = 1 << 14
#: Blocks that are known at a time, and the places where each may be kept. An operating system with
#: its programs has tens of thousands that run often; where one finds no place, all are forgotten.
BLOCKS: Final = 1 << 17
BLOCK_WAYS: Final = 4
#: Decoded instructions of blocks, and the longest block that is accounted as a whole.
ARENA: Final = 1 << 19
BLOCK_LIMIT: Final = 48

#: Rows of a profile, and the columns of each.
PROFILE_ROWS: Final = 1 << 15
PROFILE_COLUMNS: Final = 12

#: What is kept of a block for its repetition: sources, effects, states of each block.
REPETITION_SOURCES: Final = 17
#: Multiple accesses of a block whose alignment fits into the key.
REPETITION_MULTIPLES: Final = 12
REPETITION_EFFECTS: Final = 48
REPETITION_WAYS: Final = 2
REPETITIONS: Final = 1 << 16

#: In place of an ASID, where pages are remembered.
GLOBAL_CONTEXT: Final = 0x100

LFSR_START: Final = 0xACE1


class Cause(IntEnum):
    """Why a cycle passed (rule 1). ISSUE is what the others leave of the executed cycles."""

    INTERLOCK = 0
    BRANCH = 1
    SYSTEM = 2
    FETCH = 3
    DATA = 4
    TLB = 5
    WRITE_BUFFER = 6
    DEVICE = 7


class Event(IntEnum):
    """What is counted (rule 11); the places, not PMNC's numbers."""

    INSTRUCTION_MISS = 0
    INSTRUCTION_MICRO_TLB_MISS = 1
    DATA_MICRO_TLB_MISS = 2
    BRANCH = 3
    MISPREDICT = 4
    DATA_ACCESS_CACHEABLE = 5
    DATA_ACCESS = 6
    DATA_MISS = 7
    HALF_LINE_WRITE_BACK = 8
    TAKEN = 9
    MAIN_TLB_MISS = 10
    EXTERNAL_ACCESS = 11
    LSU_WAIT = 12
    DRAIN = 13
    L2_HIT = 14
    L2_MISS = 15


class Flow(IntEnum):
    """Kinds of change of flow (rule 5)."""

    NONE = 0
    BRANCH = 1
    CALL = 2
    RETURN = 3
    REGISTER = 4
    REGISTER_CALL = 5
    LOAD_RETURN = 6
    LOAD = 7
    SLOW_LOAD = 8
    LOAD_MULTIPLE = 9
    ALU = 10
    ALU_SHIFT_REGISTER = 11
    EXCEPTION_RETURN = 12


#: An instruction word, decoded. Sources are (place in times, cycles added).
DECODED: Final = np.dtype(
    [
        ("key", "i8"),  # word | Thumb state << 32 | 1 << 33
        ("sources", "u1", (4,)),  # ready times at 0.., address times at TIMES..
        ("advance", "i1", (4,)),
        ("source_count", "u1"),
        ("issue", "u1"),
        ("condition", "u1"),
        ("flags", "u1"),  # SETS_FLAGS and following
        ("results", "u1", (2,)),  # registers
        ("latencies", "u1", (2,)),
        ("writeback", "u1"),  # register or NOWHERE
        ("flow", "u1"),
        ("access", "u1"),  # ACCESS_ bits; 0: none
        ("memory", "u1"),  # memory cycles without alignment
        ("bytes", "u1"),  # of a single access
        ("base", "u1"),
        ("index", "u1"),  # NOWHERE: none
        ("shift", "u1"),  # amount
        ("shift_kind", "u1"),
        ("mode", "u1"),  # MODE_ bits
        ("list", "u4"),  # registers of a multiple, in order of the address
        ("offset", "i4"),
        ("words", "u1"),  # of a multiple
        ("busy", "u1"),  # VFP unit
        ("special", "u1"),  # must be seen before it runs, one by one
        ("backward", "u1"),
    ],
    align=True,
)

# Bits of `flags`.
SETS_FLAGS: Final = 1
IS_VFP: Final = 2
MULTIPLIES: Final = 8
ACCUMULATES: Final = 16  # `index` is an accumulator that is not Late
MOVES_PC: Final = 32  # MOV PC, LR: no branch where its condition fails
# Bits of `access`.
ACCESS_LOAD: Final = 1
ACCESS_STORE: Final = 2
ACCESS_MULTIPLE: Final = 4
ACCESS_DOUBLE: Final = 8
ACCESS_PRELOAD: Final = 16
ACCESS_USER: Final = 32
ACCESS_PC: Final = 64
ACCESS_VFP: Final = 128  # of one VFP register: timed as a multiple of its words
# Bits of `mode`.
MODE_DOWN: Final = 1  # the offset is subtracted
MODE_POST: Final = 2  # the access is at the base itself
MODE_WRITEBACK: Final = 4
MODE_SLOW: Final = 8
MODE_BEFORE: Final = 16  # multiples: first address is beyond the base
MODE_UNALIGNED: Final = 32  # an unaligned address is allowed with SCTLR.U
MODE_BANKED: Final = 64  # SRS: the base is the stack pointer of another mode

#: A translated block, by physical address.
BLOCK: Final = np.dtype(
    [
        ("key", "i8"),  # physical address | size << 40
        ("generation", "i4"),
        ("runs", "i4"),
        ("count", "i4"),  # instructions
        ("prefix", "i4"),  # of those, accounted as a whole
        ("prefix_bytes", "i4"),
        ("arena", "i4"),
        ("worst", "i8"),  # more cycles than the prefix can take
        ("needs", "u4"),  # registers
        ("refused", "u1"),
        ("bare", "u1"),  # translated without hooks in its prefix
        ("ready", "u1"),  # analysed
        ("thumb", "u1"),
        ("accesses", "u1"),
        ("first_work", "u1"),
        # What must be equal for the block to take the same time again (`repetition.py`).
        ("repeatable", "u1"),
        ("has_memory", "u1"),
        ("sets_flags", "u1"),
        ("source_count", "u1"),
        ("sources", "u1", (REPETITION_SOURCES,)),
        ("repetition", "i4"),
        ("written", "u4"),  # registers
        ("locked", "u4"),
        ("multiplied", "u4"),
    ],
    align=True,
)

#: What a block did from a state, all in cycles from its beginning.
REPETITION: Final = np.dtype(
    [
        ("key", "i8", (2,)),
        ("code_epoch", "i8"),
        ("duration", "i4"),
        ("interlock", "i4"),
        ("lsu_wait", "i4"),
        ("lsu_free", "i4"),
        ("flag_time", "i4"),
        ("issued_at", "i4"),
        ("lock_until", "i4"),
        ("count", "i4"),
        ("places", "u1", (REPETITION_EFFECTS,)),
        ("values", "i2", (REPETITION_EFFECTS,)),
    ],
    align=True,
)

#: An instruction of a block.
ARENA_ENTRY: Final = np.dtype(
    [
        ("decoded", DECODED),
        # How its result follows from others (`evaluation.py`).
        ("kind", "u1"),
        ("evaluated", "u1"),
        ("plain", "u1"),  # a word at base and offset, the most common access
        ("next_work", "u1"),  # the next instruction of the block that has to be worked out
        ("to", "u1"),
        ("first", "u1"),
        ("second", "u1"),
        ("third", "u1"),
        ("constant", "i8"),
    ],
    align=True,
)

FIELDS: Final[list[tuple[object, ...]]] = [
    ("uc", "i8"),  # Unicorn's handle
    ("full", "u4"),
    ("privileged", "u4"),
    ("big_endian", "u4"),  # data accesses are (CPSR.E)
    ("parameters", "i8", (len(Parameter),)),
    ("causes", "i8", (len(Cause),)),
    ("events", "i8", (len(Event),)),
    # Scoreboard.
    ("times", "i8", (3 * TIMES,)),
    ("lock_until", "i8"),
    ("writer_condition", "u1", (TIMES,)),
    ("conditional_writers", "i8"),
    ("products", "i8"),  # registers that a multiply wrote last
    ("lsu_free", "i8"),
    ("vfp_free", "i8"),
    ("vfp_last", "i8"),
    ("flag_time", "i8"),
    ("issued_at", "i8"),
    ("miss_until", "i8"),
    ("delay", "i8"),
    ("refused", "u4"),  # the access at hand aborts
    ("aborted", "u4"),  # so did that of the last instruction
    # The branch whose target is not known yet.
    ("pending_flow", "u4"),
    ("pending_condition", "u4"),
    ("pending_backward", "u4"),
    ("pending_thumb", "u4"),
    ("pending_passed", "u4"),
    ("thumb_backward", "u4"),  # the first half of BL or BLX had a negative offset
    ("pending_address", "i8"),
    ("pending_size", "i8"),
    ("pending_time", "i8"),
    ("hit_before", "u4"),  # the last instruction was a branch that the BTAC knew
    ("hit_last", "u4"),
    ("btac_generation", "i8"),  # entries of other generations have been flushed
    ("btac_tag", "i8", (BTAC_ENTRIES,)),
    ("btac_counter", "u1", (BTAC_ENTRIES,)),
    ("return_stack", "i8", (RETURN_STACK,)),
    ("return_top", "i8"),
    ("return_count", "i8"),
    # Instruction side.
    ("line", "i8"),  # virtual line of the last instruction, -1: look it up
    ("page", "i8"),  # virtual page of the last instruction, -1: look it up
    ("page_physical", "i8"),
    ("page_cacheable", "u4"),
    ("page_outer", "u4"),
    ("last_next", "i8"),  # address behind the last instruction
    ("fetch_line", "i8"),  # physical line that was fetched last
    ("fetch_first", "i8"),  # doubleword of the line that came first
    ("fetch_start", "i8"),  # when it came
    ("fetch_until", "i8"),  # when the last comes
    # Data side.
    ("bus_free", "i8"),
    ("fill_line", "i8"),
    ("fill_first", "i8"),
    ("fill_start", "i8"),
    ("fill_until", "i8"),
    ("buffer_end", "i8", (WRITE_BUFFER,)),
    ("buffer_line", "i8", (WRITE_BUFFER,)),
    ("buffer_next", "i8"),
    ("buffer_last", "i8"),
    ("evict_free", "i8"),
    # Caches: instructions, data, L2, one behind the other.
    ("tag", "i8", (CACHE_LINES,)),  # physical line number + 1, 0: invalid
    ("dirty", "u1", (CACHE_LINES,)),  # a bit for each half of the line
    ("outer", "u1", (CACHE_LINES,)),  # whether L2 may hold it
    ("replacement_counter", "i8", (3,)),
    ("replacement_random", "i8", (5,)),  # three caches, two micro TLBs
    # Micro TLBs: instructions, data.
    ("micro_virtual", "i8", (2 * MICRO_ENTRIES,)),
    ("micro_mask", "i8", (2 * MICRO_ENTRIES,)),
    ("micro_physical", "i8", (2 * MICRO_ENTRIES,)),
    ("micro_attributes", "i8", (2 * MICRO_ENTRIES,)),
    ("micro_counter", "i8", (2,)),
    ("walk_time", "i8"),
    ("walk_pure", "u4"),
    ("shortcut_key", "i8", (SHORTCUTS,)),
    ("shortcut_value", "i8", (SHORTCUTS,)),
    ("shortcut_host", "i8", (SHORTCUTS,)),
    ("epoch", "i8"),
    ("fetch_keys", "i8", (FETCH_PAGES,)),
    ("fetch_hosts", "i8", (FETCH_PAGES,)),
    ("fetch_physicals", "i8", (FETCH_PAGES,)),
    # Registers that only the model needs.
    ("actlr", "u4"),
    ("dcache_lockdown", "u4"),
    ("icache_lockdown", "u4"),
    ("l2_control", "u4"),
    ("l2_lockdown_data", "u4"),
    ("l2_lockdown_instructions", "u4"),
    # Blocks.
    ("hook_bounds", "i8"),  # address of the instruction hook's bounds
    ("bounds_changed", "u4"),
    ("hot", "i4"),  # runs after which a block is translated without hooks
    ("block_begin", "i8"),  # addresses of the block that has been accounted for already
    ("block_end", "i8"),
    ("block_index", "i8"),
    ("current_block", "i8"),  # place of the block that is running, -1: not known
    ("block_generation", "i4"),
    ("arena_next", "i4"),
    ("values", "i8", (TIMES,)),  # of registers, as far as they are needed and known at the head
    ("part", "i8"),
    ("head_passed", "u1", (BLOCK_LIMIT,)),
    ("simple", "u4"),  # every access of the block at hand is a hit that costs nothing
    ("simple_lines", "i8"),  # lines that they touch
    ("store_count", "i8"),
    ("store_place", "i8", (BLOCK_LIMIT,)),
    ("store_halves", "u1", (BLOCK_LIMIT,)),
    ("code", "u1", (4 * ARENA,)),  # the instructions of the arena, as they are in memory
    ("alignment", "i8"),  # of the multiple accesses of the block at hand, a bit for each
    # Upper bounds of what an instruction, a line of code and an access take, and of what may
    # still be awaited when a block begins.
    ("worst_instruction", "i8"),
    ("worst_line", "i8"),
    ("worst_access", "i8"),
    ("worst_start", "i8"),
    ("code_epoch", "i8"),  # changes whenever the contents of the instruction cache do
    ("repetition_next", "i4"),
    ("repetition_turn", "i4"),
    ("repetition_key", "i8", (2,)),
    ("recording_place", "i8"),
    ("recording_start", "i8"),
    ("recording_interlock", "i8"),
    ("recording_lsu_wait", "i8"),
    ("head_address", "i8", (BLOCK_LIMIT,)),
    # Profile, kept while Attention.PROFILE is set; the last row takes what finds no other.
    ("profile_address", "i8", (PROFILE_ROWS + 1,)),
    ("profile_rows", "i8", ((PROFILE_ROWS + 1) * PROFILE_COLUMNS,)),
    ("profile_last", "i8", (PROFILE_COLUMNS,)),
    ("profile_row", "i8"),
    ("decoded", DECODED, (DECODED_ENTRIES,)),
    ("blocks", BLOCK, (BLOCKS,)),
    ("arena", ARENA_ENTRY, (ARENA,)),
    ("repetitions", REPETITION, (REPETITIONS,)),
]
