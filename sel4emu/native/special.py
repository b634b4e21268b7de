# SPDX-License-Identifier: BSD-2-Clause
"""Which ARM instruction words the machine must know of before they run, whatever the level."""

from typing import Any

from numba import njit


@njit(cache=True)
def is_unprivileged_access(word: Any) -> Any:
    """LDRT, STRT, LDRBT and STRBT (a register offset with bit 4 set is a media instruction)."""
    if (word & 0x0D20_0000) != 0x0420_0000 or (word >> 28) == 15:
        return False
    return (word & 0x0200_0010) != 0x0200_0010


@njit(cache=True)
def is_special(word: Any) -> Any:
    """Candidates: accesses to CP15, and those loads and stores."""
    return (word & 0x0F00_0F10) == 0x0E00_0F10 or (word & 0x0D20_0000) == 0x0420_0000


@njit(cache=True)
def is_block_operation(word: Any) -> Any:
    """MCRR p15."""
    return (word & 0x0FF0_0F00) == 0x0C40_0F00 and (word >> 28) != 15


@njit(cache=True)
def user_may(word: Any) -> Any:
    """The operations of CP15 that user mode has: barriers, and cleaning a range."""
    if word & 0x0FF0_0F00 == 0x0C40_0F00:
        return word & 15 == 12
    operation = word & 0x001F_00EF
    return operation in (0x0007_008A, 0x0007_00AA, 0x0007_0085)
