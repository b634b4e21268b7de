# SPDX-License-Identifier: BSD-2-Clause
"""The instruction side: page, line, and doublewords on their way (rules 2, 6 and 8).

Modelled: the micro TLB, the instruction cache with misses in and out of sequence, uncached
fetches, the arrival of a line's doublewords.
Not modelled: the prefetch buffer's contents; two fills at once.
"""

from typing import Any, Final

import numpy as np
from numba import carray, njit

from sel4emu.native import model_state as ms
from sel4emu.native import state as st
from sel4emu.native.caches import external_read, find, set_of, victim
from sel4emu.native.linkage import exported, imported
from sel4emu.native.micro_tlb import (
    INSTRUCTIONS,
    TYPE_CACHED,
    TYPE_OUTER,
    memory_type,
    translate_timed,
)
from sel4emu.native.mmu import SCTLR_M, modified_address
from sel4emu.native.parameters import Parameter

_BEAT = int(Parameter.BUS__BEAT)
_LEAD = int(Parameter.FETCH__SEQUENTIAL_LEAD)
_MISS = int(ms.Event.INSTRUCTION_MISS)
_CAUSE_FETCH = int(ms.Cause.FETCH)

_fetch_slowly = imported("fetch_slowly")

SCTLR_I: Final = 1 << 12
_PAGE: Final = 0xFFFF_F000


@njit(cache=True)
def _find_page(s: Any, address: Any) -> None:
    """Look up the page of an instruction that is about to be fetched."""
    s.page = address >> 12
    s.page_cacheable = 1 if s.sctlr & SCTLR_I else 0
    if s.sctlr & SCTLR_M == 0:
        s.page_physical = address & _PAGE
        s.page_outer = 0
        return
    mva = modified_address(s, address)
    k = translate_timed(s, INSTRUCTIONS, mva, s.cycles)
    s.cycles = s.walk_time
    if k < 0:  # the fetch is about to abort
        s.page = -1
        s.page_cacheable = 0
        return
    mask = s.micro_mask[k]
    s.page_physical = (s.micro_physical[k] | (mva & mask)) & _PAGE
    kind = memory_type(s.micro_attributes[k])
    if kind & TYPE_CACHED == 0:
        s.page_cacheable = 0
    s.page_outer = kind & TYPE_OUTER


@njit(cache=True)
def _miss(s: Any, address: Any, line: Any) -> None:
    s.code_epoch += 1
    start = s.cycles
    if address == s.last_next:
        start -= s.parameters[_LEAD]
    start = max(start, s.bus_free)
    arrival = external_read(s, start, line, s.page_outer, True)
    s.bus_free += 3 * s.parameters[_BEAT]
    s.fetch_line = line
    s.fetch_first = (address >> 3) & 3
    s.fetch_start = arrival
    s.fetch_until = arrival + 3 * s.parameters[_BEAT]
    if s.page_cacheable == 0:
        return
    s.events[_MISS] += 1
    first = set_of(ms.ICACHE, line)
    place = victim(s, ms.REPLACE_ICACHE, first, ms.L1_WAYS, s.icache_lockdown & 15)
    if place >= 0:
        s.tag[place] = line + 1


@njit(cache=True)
def _wait(s: Any, address: Any) -> None:
    """Wait for an instruction's doubleword of the line on its way."""
    beats = ((address >> 3) - s.fetch_first) & 3
    arrival = s.fetch_start + beats * s.parameters[_BEAT]
    if arrival > s.cycles:
        s.causes[_CAUSE_FETCH] += arrival - s.cycles
        s.cycles = arrival


@exported("find_page")
def on_find_page(state: Any, address: Any) -> None:
    """Look up the page of an instruction whose fetch will abort."""
    s = carray(state, 1)[0]
    if address >> 12 != s.page:
        _find_page(s, address)


@exported("fetch_slowly")
def on_fetch(state: Any, address: Any) -> None:
    """Fetch an instruction from another line than the last one, or from one on its way."""
    s = carray(state, 1)[0]
    if address >> 12 != s.page:
        _find_page(s, address)
        if s.page < 0:
            return
    if address >> ms.LINE_SHIFT != s.line:
        s.line = address >> ms.LINE_SHIFT
        line = (s.page_physical | (address & 0xFFF)) >> ms.LINE_SHIFT
        cached = s.page_cacheable != 0
        if not cached or find(s, set_of(ms.ICACHE, line), ms.L1_WAYS, line) < 0:
            _miss(s, address, np.int64(line))
    physical = (s.page_physical | (address & 0xFFF)) >> ms.LINE_SHIFT
    if s.fetch_until > s.cycles and physical == s.fetch_line:
        _wait(s, address)


@njit(cache=True, forceinline=True)
def fetch(s: Any, address: Any) -> None:
    """Rule 2.1: be ready to issue the instruction at `address`."""
    if address >> ms.LINE_SHIFT != s.line or s.fetch_until > s.cycles:
        _fetch_slowly(s.address, address)


@njit(cache=True, forceinline=True)
def _place_key(s: Any, address: Any, context: Any) -> Any:
    return s.epoch << 30 | context << 21 | (address >> 12) << 1


@njit(cache=True)
def known_fetch_page(s: Any, address: Any) -> Any:
    """Find a page of code in host memory that was found before; False if it was not."""
    slot = (address >> 12) & (ms.FETCH_PAGES - 1)
    key = s.fetch_keys[slot]
    asid = np.int64(s.context_id & st.TLB_ASID_MASK)
    if key != _place_key(s, address, asid) and key != _place_key(s, address, ms.GLOBAL_CONTEXT):
        return False
    s.fetch_host = s.fetch_hosts[slot]
    s.fetch_physical = s.fetch_physicals[slot]
    s.fetch_page = address & _PAGE
    return True


@njit(cache=True)
def keep_fetch_page(s: Any, address: Any) -> None:
    """Remember where a page of code lies whose translation is in TLB_SCRATCH."""
    slot = (address >> 12) & (ms.FETCH_PAGES - 1)
    context = np.int64(s.context_id & st.TLB_ASID_MASK)
    if s.tlb_attributes[st.TLB_SCRATCH] & st.TLB_GLOBAL:
        context = np.int64(ms.GLOBAL_CONTEXT)
    s.fetch_keys[slot] = _place_key(s, address, context)
    s.fetch_hosts[slot] = s.fetch_host
    s.fetch_physicals[slot] = s.fetch_physical


@njit(cache=True)
def restart_translation(s: Any) -> None:
    """Page and line are looked up again."""
    s.page = -1
    s.line = -1
