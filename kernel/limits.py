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
