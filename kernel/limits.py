# SPDX-License-Identifier: BSD-2-Clause
"""Sizes and bounds that are choices of ours and not part of the binary interface."""

from typing import Final

#: Period of the kernel's tick in milliseconds, and the ticks of one time slice.
TICK_MS: Final = 10
TIME_SLICE_TICKS: Final = 1
TICK_CLOCK_HZ: Final = 32768
TICK_RELOAD: Final = TICK_CLOCK_HZ * TICK_MS // 1000

DOMAIN_COUNT: Final = 1
#: How often the transmitter is polled before a character is written all the same: a dead UART
#: must not hang the kernel.
UART_POLL_LIMIT: Final = 1000
#: A guard that is not all zero has at most this many bits (R4.69).
GUARD_MAX_BITS: Final = 16
#: Lines of each section of DebugSnapshot: a system with 100,000 capabilities stays readable.
SNAPSHOT_SECTION_LINES: Final = 4000

#: Long operations look for an interrupt whenever this many units of work are done. A unit is one
#: slot examined, one list entry moved or removed, one thread woken, or 32 words cleared.
WORK_UNITS_PER_CHECK: Final = 32
#: Words the kernel touches at most between two looks, whatever the operation. Measured in
#: tests/kernel/test_preemption.py.
PREEMPTION_BOUND_WORDS: Final = 8192
#: Memory is cleared in pieces of this many bytes, with a look for an interrupt after each.
CLEAR_PIECE_BYTES: Final = 4096
#: A clear counts one unit of work for this many bytes.
CLEAR_UNIT_BYTES: Final = 128
#: New objects of together at most this many bytes are cleared without a look, by the assembly or
#: by Python; above it the assembly declines. What is left of the bound is for 256 capabilities.
RETYPE_AT_ONCE_BYTES: Final = 1 << 14

assert CLEAR_PIECE_BYTES // CLEAR_UNIT_BYTES >= WORK_UNITS_PER_CHECK, "a piece ends in a look"
assert RETYPE_AT_ONCE_BYTES // 4 <= PREEMPTION_BOUND_WORDS // 2
