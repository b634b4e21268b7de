# SPDX-License-Identifier: BSD-2-Clause
"""The trail: the blocks that ran last, from which a report makes out the last branches.

An entry is a block, or an exception: first its place, then its vector. The hook at a block's head
has no time to tell branches from blocks that follow one another; `sel4emu.trail` does that. A loop
that goes round for ever would push out of the trail what led there. So a full trail is set aside,
and those after it that do nothing but repeat its end are only counted.

Modelled: nothing by itself; the same at both levels.
Not modelled: a branch that is taken to the very next instruction; what the host does to PC.
"""

from typing import Any, Final

import numpy as np
from numba import carray, njit

from sel4emu.native import state as st
from sel4emu.native.intrinsics import load32
from sel4emu.native.linkage import exported, imported
from sel4emu.native.registers import MODE_MASK, MODE_USR, PSR_T

_UNDEFINED = int(st.ExceptionKind.UNDEFINED)
_SVC = int(st.ExceptionKind.SVC)
_PREFETCH_ABORT = int(st.ExceptionKind.PREFETCH_ABORT)
_DATA_ABORT = int(st.ExceptionKind.DATA_ABORT)
_A_REQUEST = int(st.Attention.REQUEST)
_A_RECURSION = int(st.Attention.RECURSION)
_A_VOID = int(st.Attention.VOID)

# An entry: address, bytes of the block, and what else there is to know.
SIZE_SHIFT: Final = 32
SIZE_MASK: Final = 0xFFFF
THUMB_SHIFT: Final = 48
THUMB: Final = 1 << THUMB_SHIFT
EXCEPTION: Final = 1 << 49  # the address is that of an exception, the size its kind
VECTOR: Final = 1 << 50  # the address is a vector that has been entered
CUT: Final = 1 << 51  # the block was stopped in its middle; the next entry is the rest of it

#: Blocks of the longest loop whose repetitions are only counted.
LONGEST_LOOP: Final = 64
#: Exceptions of privileged code, one after the other, after which Python looks at them: a multiple
#: of most numbers of exceptions that may make a round.
RECURSIONS: Final = 240
#: Bytes of zeros that run one after the other, before Python looks at them.
VOID_BYTES: Final = 1 << 15

_turn_trail = imported("turn_trail")


@njit(cache=True)
def _period(s: Any) -> Any:
    """How many entries before the end the last one stands, too; 0 if nowhere near."""
    last = s.trail[st.TRAIL - 1]
    for period in range(1, LONGEST_LOOP + 1):
        if s.trail[st.TRAIL - 1 - period] == last:
            return period
    return 0


@njit(cache=True)
def _repeats(s: Any, period: Any) -> Any:
    """Whether the whole trail goes on with the last `period` entries of what was set aside."""
    different = 0
    for i in range(st.TRAIL - period):
        different |= s.trail[i] ^ s.trail[i + period]
    if different:
        return False
    phase = s.trail_skipped % period
    for i in range(period):
        if s.trail[i] != s.trail_before[st.TRAIL - period + (phase + i) % period]:
            return False
    return True


@njit(cache=True)
def _heal(s: Any) -> None:
    """Make one entry again of each block that was stopped in its middle."""
    count = 0
    cut = False
    for i in range(st.TRAIL):
        if not cut:
            s.trail[count] = s.trail[i]
            count += 1
        cut = s.trail[i] & CUT != 0 and i < st.TRAIL - 1
        if cut:
            s.trail[count - 1] &= ~CUT
    s.trail_count = count


@exported("turn_trail")
def on_turn_trail(state: Any) -> None:
    """The trail is full: begin anew."""
    s = carray(state, 1)[0]
    seen = 0
    for i in range(st.TRAIL):
        seen |= s.trail[i]
    if seen & CUT:
        _heal(s)
        if s.trail_count < st.TRAIL:
            return
    s.trail_count = 0
    period = _period(s)
    if period and (s.trail_skipped == 0 or period == s.trail_period) and _repeats(s, period):
        s.trail_period = period
        s.trail_skipped += st.TRAIL
        return
    s.trail_skipped = 0
    s.trail_period = 0
    s.trail_set_aside = 1
    for i in range(st.TRAIL):
        s.trail_before[i] = s.trail[i]


@njit(cache=True, forceinline=True)
def _note(s: Any, entry: Any) -> None:
    n = s.trail_count
    if n == st.TRAIL:
        _turn_trail(s.address)
        n = s.trail_count
    s.trail[n] = entry
    s.trail_count = n + 1


@njit(cache=True, forceinline=True)
def note_block(s: Any, address: Any, size: Any, thumb: Any) -> None:
    """A block begins to run; `thumb` is 0 or 1."""
    _note(s, address | size << SIZE_SHIFT | np.int64(thumb) << THUMB_SHIFT)


@njit(cache=True)
def note_void(s: Any, address: Any, size: Any) -> None:
    """A block runs for the first time: see whether the guest runs through zeros."""
    host = s.fetch_host + (address & 0xFFF)
    if size < 4 or load32(host) or load32(host + size - 4):
        return
    if address != s.void_next:
        s.void_bytes = 0
    s.void_bytes += size
    s.void_next = address + size
    if s.void_bytes >= VOID_BYTES:
        s.attention |= _A_REQUEST | _A_VOID


@njit(cache=True)
def _ahead(kind: Any, thumb: Any) -> Any:
    """What the link of an exception lies ahead of its place (ARM ARM A2.6)."""
    if kind == _DATA_ABORT:
        return 8
    return 2 if thumb and (kind == _UNDEFINED or kind == _SVC) else 4


@njit(cache=True)
def _note_recursion(s: Any, kind: Any, link: Any, cpsr: Any) -> None:
    """Count exceptions that privileged code raises, with no other between them."""
    s.recursion_where = link << 8 | kind
    if cpsr & MODE_MASK == MODE_USR or kind > _DATA_ABORT:
        s.recursions = 0
        return
    s.recursions += 1
    if s.recursions % RECURSIONS == 0:
        s.attention |= _A_REQUEST | _A_RECURSION


@njit(cache=True)
def note_exception(s: Any, kind: Any, link: Any, cpsr: Any, vector: Any) -> None:
    """The exception `kind` is entered; `cpsr` is that of the program that it interrupts."""
    place = (link - _ahead(kind, cpsr & PSR_T != 0)) & 0xFFFF_FFFF
    _note(s, place | kind << SIZE_SHIFT | EXCEPTION)
    _note(s, vector | VECTOR)
    _note_recursion(s, kind, link, cpsr)
