# SPDX-License-Identifier: BSD-2-Clause
"""Cycles by the address of the instruction that spent them: what a profile is made from.

Modelled: nothing by itself. What was counted since the last instruction began belongs to that
instruction; a change of flow is settled before the next one begins, so it pays for itself.
Not modelled: address spaces; equal addresses of two programs count together.
"""

from typing import Any, Final

from numba import njit

from sel4emu.native import model_state as ms

#: Columns of a row: cycles, instructions, idle, modelled, then the causes.
COLUMNS: Final = ms.PROFILE_COLUMNS
assert 4 + len(ms.Cause) == COLUMNS


@njit(cache=True)
def _place(s: Any, address: Any) -> Any:
    """Row of an address; the last one takes what finds no other."""
    place = (address >> 1) * 0x9E37_79B1 >> 8 & (ms.PROFILE_ROWS - 1)
    for _ in range(64):
        if s.profile_address[place] == address + 1:
            return place
        if s.profile_address[place] == 0:
            s.profile_address[place] = address + 1
            return place
        place = (place + 1) & (ms.PROFILE_ROWS - 1)
    return ms.PROFILE_ROWS


@njit(cache=True)
def _current(s: Any, column: Any) -> Any:
    if column == 0:
        return s.cycles
    if column == 1:
        return s.instructions
    if column == 2:
        return s.idle
    if column == 3:
        return s.modelled
    return s.causes[column - 4]


@njit(cache=True)
def close_profile(s: Any) -> None:
    """Give what has been counted to the instruction that began last."""
    row = s.profile_row
    for column in range(COLUMNS):
        now = _current(s, column)
        s.profile_rows[row * COLUMNS + column] += now - s.profile_last[column]
        s.profile_last[column] = now


@njit(cache=True)
def note_profile(s: Any, address: Any) -> None:
    """The instruction at `address` begins."""
    close_profile(s)
    s.profile_row = _place(s, address)
