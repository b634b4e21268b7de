# SPDX-License-Identifier: BSD-2-Clause
"""The micro TLBs of both sides, and what a translation costs (rule 8 of docs/TIMING.md).

Modelled: ten entries each, tagged with address and ASID, replacement by counter or at random,
their refill from the main TLB, table walks through L2.
Not modelled: that both sides can ask the main TLB at once.
"""

from typing import Any, Final

import numpy as np
from numba import carray, njit

from sel4emu.native import model_state as ms
from sel4emu.native import state as st
from sel4emu.native.caches import step_random
from sel4emu.native.fills import empty_unicorn_tlb, recall
from sel4emu.native.linkage import exported
from sel4emu.native.mmu import (
    SCTLR_M,
    check_entry,
    modified_address,
    needed,
    refuse_walk,
    tlb_lookup,
    untranslated,
    walk,
)
from sel4emu.native.parameters import Parameter

_REFILL = int(Parameter.TLB__MICRO_REFILL)
_ENTRIES = int(Parameter.TLB__MICRO_ENTRIES)
_MAIN_MISS = int(ms.Event.MAIN_TLB_MISS)
_INSTRUCTION_MISS = int(ms.Event.INSTRUCTION_MICRO_TLB_MISS)
_CAUSE_TLB = int(ms.Cause.TLB)

INSTRUCTIONS: Final = 0
DATA: Final = 1

ACTLR_TR: Final = 1 << 3

# Memory types, as bits.
TYPE_CACHED: Final = 1  # in the first-level caches, while those are on
TYPE_BACK: Final = 2  # written back, not through
TYPE_OUTER: Final = 4  # in L2
TYPE_DEVICE: Final = 8
TYPE_STRONG: Final = 16

# TEX, C and B below TEX 4; what is not here, and not write-through or write-back, is strongly
# ordered or reserved.
_DEVICE_SHARED: Final = 0b000_01
_NORMAL: Final = 0b001_00
_BACK_ALLOCATE: Final = 0b001_11
_DEVICE_PRIVATE: Final = 0b010_00


@njit(cache=True)
def _policy(bits: Any) -> Any:
    """Cached and written back, of a two-bit cache policy: 00 not, 01 and 11 back, 10 through."""
    if bits == 0:
        return 0
    return TYPE_CACHED if bits == 2 else TYPE_CACHED | TYPE_BACK


@njit(cache=True)
def memory_type(attributes: Any) -> Any:
    """TYPE_ bits of a TLB entry, from TEX, C, B and S (ARM ARM B4.4)."""
    bits = (attributes >> st.TLB_TYPE_SHIFT) & 31
    tex = bits >> 2
    inner = bits & 3
    if tex >= 4:
        kind = _policy(inner)
        if tex & 3:
            kind |= TYPE_OUTER
    elif (tex == 0 and inner >= 2) or bits == _BACK_ALLOCATE:
        kind = _policy(inner) | TYPE_OUTER
    elif bits == _NORMAL:
        kind = 0
    elif bits in (_DEVICE_SHARED, _DEVICE_PRIVATE):
        return TYPE_DEVICE
    else:
        return TYPE_STRONG
    if attributes & st.TLB_SHARED:
        kind &= ~(TYPE_CACHED | TYPE_BACK)
    return kind


@njit(cache=True)
def _matches(s: Any, k: Any, address: Any) -> Any:
    if address & ~s.micro_mask[k] != s.micro_virtual[k]:
        return False
    attributes = s.micro_attributes[k]
    if attributes & st.TLB_VALID == 0:
        return False
    if attributes & st.TLB_GLOBAL:
        return True
    return (attributes ^ s.context_id) & st.TLB_ASID_MASK == 0


@njit(cache=True)
def find_micro(s: Any, side: Any, address: Any) -> Any:
    """Place of the micro TLB entry for a modified virtual address, or -1."""
    first = side * ms.MICRO_ENTRIES
    for k in range(first, first + s.parameters[_ENTRIES]):
        if _matches(s, k, address):
            return np.int64(k)
    return np.int64(-1)


@njit(cache=True)
def _choose(s: Any, side: Any) -> Any:
    first = side * ms.MICRO_ENTRIES
    entries = s.parameters[_ENTRIES]
    for k in range(first, first + entries):
        if s.micro_attributes[k] & st.TLB_VALID == 0:
            return k
    s.epoch += 1  # what the shortcuts of the data side rest on goes
    if s.actlr & ACTLR_TR:
        return first + step_random(s, ms.REPLACE_MICRO + side) % entries
    k = s.micro_counter[side]
    s.micro_counter[side] = (k + 1) % entries
    return first + k


@njit(cache=True)
def _refill(s: Any, side: Any, i: Any) -> Any:
    k = _choose(s, side)
    s.micro_virtual[k] = s.tlb_virtual[i]
    s.micro_mask[k] = s.tlb_offset_mask[i]
    s.micro_physical[k] = s.tlb_physical[i]
    s.micro_attributes[k] = s.tlb_attributes[i]
    return k


@njit(cache=True)
def translate_timed(s: Any, side: Any, address: Any, t: Any) -> Any:
    """Place of the entry for a modified virtual address, refilled if it was missing.

    A failing walk gives minus its fault status. `walk_time` becomes the time at which the
    translation is known, having been asked for at `t`; the wait is counted.
    """
    s.walk_time = t
    k = find_micro(s, side, address)
    if k >= 0:
        return k
    s.events[_INSTRUCTION_MISS + side] += 1
    s.walk_time = t + s.parameters[_REFILL]
    i = tlb_lookup(s, address)
    if i < 0:
        s.events[_MAIN_MISS] += 1
        i = walk(s, address)
    s.causes[_CAUSE_TLB] += s.walk_time - t
    if i < 0:
        return np.int64(i)
    return _refill(s, side, i)


@njit(cache=True)
def _expose(s: Any, k: Any) -> None:
    """Copy a micro TLB entry to where `check_entry` can look at it."""
    s.tlb_virtual[st.TLB_SCRATCH] = s.micro_virtual[k]
    s.tlb_offset_mask[st.TLB_SCRATCH] = s.micro_mask[k]
    s.tlb_physical[st.TLB_SCRATCH] = s.micro_physical[k]
    s.tlb_attributes[st.TLB_SCRATCH] = s.micro_attributes[k]


@exported("look_up")
def on_look_up(state: Any, side: Any, virtual: Any, kind: Any, privileged: Any) -> Any:
    """As `mmu.on_translate`, but nothing changes: micro TLB, then main TLB, then the tables."""
    s = carray(state, 1)[0]
    if s.sctlr & SCTLR_M == 0:
        return untranslated(s, virtual, kind)
    address = modified_address(s, virtual)
    k = find_micro(s, side, address)
    if k >= 0:
        _expose(s, k)
        return check_entry(s, np.int64(st.TLB_SCRATCH), virtual, kind, privileged)
    i = tlb_lookup(s, address)
    if i < 0:
        s.walk_pure = 1
        i = walk(s, address)
        s.walk_pure = 0
        if i < 0:
            return refuse_walk(s, virtual, kind, i)
    return check_entry(s, np.int64(i), virtual, kind, privileged)


@njit(cache=True)
def agree_with_unicorn(s: Any, virtual: Any, privileged: Any, kind: Any, found: Any) -> None:
    """Have Unicorn forget a translation that it was given and that no longer holds.

    It keeps what it was given until the guest flushes; the chip looks again when its micro TLB
    has lost the entry, and may find tables that have changed since.
    """
    given = recall(s, virtual & 0xFFFF_F000, privileged)
    if given == 0:
        return
    if found < 0:
        if (given >> 32) & needed(kind):
            empty_unicorn_tlb(s.uc, s)
    elif given != found:
        empty_unicorn_tlb(s.uc, s)


@njit(cache=True)
def access_page(s: Any, virtual: Any, kind: Any, privileged: Any, t: Any) -> Any:
    """Translate the page of a data access, taking the time for it.

    Returns permissions and physical page as `translate` does, or -1; the entry's attributes are
    in TLB_SCRATCH, `walk_time` is when the translation is known.
    """
    if s.sctlr & SCTLR_M == 0:
        s.walk_time = t
        s.tlb_attributes[st.TLB_SCRATCH] = 0  # strongly ordered
        return untranslated(s, virtual, kind)
    k = translate_timed(s, DATA, modified_address(s, virtual), t)
    if k < 0:
        found = refuse_walk(s, virtual, kind, k)
    else:
        _expose(s, k)
        found = check_entry(s, np.int64(st.TLB_SCRATCH), virtual, kind, privileged)
    if s.walk_time != t or found < 0:
        agree_with_unicorn(s, virtual, privileged, kind, found)
    return found


@njit(cache=True)
def flush_micro(s: Any) -> None:
    """Empty both micro TLBs."""
    for k in range(2 * ms.MICRO_ENTRIES):
        s.micro_attributes[k] = 0
    s.epoch += 1
    s.page = -1
    s.line = -1
