# SPDX-License-Identifier: BSD-2-Clause
"""Pages of which each kilobyte has permissions of its own, while Unicorn knows whole pages.

Unicorn asks for such a page at each access to it, and is given it for that one instruction, whose
addresses are worked out here. Instructions that lie in one are looked at one by one.

Modelled: accesses of every kind and size, also over the border of two subpages; fetches.
Not modelled: LDRD into its own base register over the border of two pages, of which the second
has subpages: the second word counts as one at the page's first.
Source: ARM ARM B4.7.3 (subpages enabled).
"""

from typing import Any, Final

import numpy as np
from numba import carray, njit

from sel4emu.native import model_state as ms
from sel4emu.native import state as st
from sel4emu.native.execution import decoded_place, reach
from sel4emu.native.linkage import exported, imported
from sel4emu.native.micro_tlb import DATA, INSTRUCTIONS
from sel4emu.native.mmu import PERMIT_EXECUTE, PERMIT_READ, PERMIT_WRITE, SUBPAGE_BYTES
from sel4emu.native.registers import CPSR, PSR_T, read_register

_look_up = imported("look_up")
_translate = imported("translate")

_FETCH = int(st.FaultKind.FETCH)
_PART_DATA = int(st.Attention.PART_DATA)
_PAGE: Final = 0xFFFF_F000
_WORD: Final = 0xFFFF_FFFF


@njit(cache=True)
def find(s: Any, side: Any, virtual: Any, kind: Any, privileged: Any) -> Any:
    """Translate for Unicorn. At level `full` only the model's own accesses change the TLB."""
    if s.full:
        return _look_up(s.address, side, virtual, kind, privileged)
    return _translate(s.address, virtual, kind, privileged)


@njit(cache=True)
def _rights(s: Any, first: Any, last: Any, kind: Any, privileged: Any) -> Any:
    """What is allowed to all bytes of a range in one page, with the physical page, or -1."""
    allowed = np.int64(PERMIT_READ | PERMIT_WRITE)
    physical = np.int64(0)
    place = first
    while place <= last:
        found = find(s, DATA, place, kind, privileged)
        if found < 0:
            return np.int64(-1)
        allowed &= found >> 32
        physical = found & _WORD
        place = (place | (SUBPAGE_BYTES - 1)) + 1
    return allowed << 32 | physical


@njit(cache=True)
def _data(s: Any, page: Any, kind: Any, privileged: Any, pc: Any, word: Any) -> Any:
    thumb = read_register(s.uc, s, CPSR) & PSR_T != 0
    if thumb:
        word &= 0xFFFF
    d = s.decoded[decoded_place(s, word, thumb)]
    start = reach(s, d, pc)
    size = np.int64(4 * d.words) if d.access & ms.ACCESS_MULTIPLE else np.int64(d.bytes)
    last = (start + size - 1) & _WORD
    first = start if start & _PAGE == page else page
    if last & _PAGE != page:
        last = page | ~_PAGE & _WORD if first == start else first
    s.attention |= _PART_DATA
    return _rights(s, first, last, kind, privileged)


@exported("fill_part")
def on_fill_part(state: Any, page: Any, kind: Any, privileged: Any, pc: Any, word: Any) -> Any:
    """What Unicorn is given of a page with subpages for the instruction `word` at `pc`.

    As `translate`; or -1 with `fault_again` set, where the instruction's block was counted as a
    whole: nothing would take the page away from Unicorn behind the instruction.
    """
    s = carray(state, 1)[0]
    if kind == _FETCH:
        found = find(s, INSTRUCTIONS, pc if pc & _PAGE == page else page, kind, privileged)
        return found if found < 0 else np.int64(PERMIT_EXECUTE) << 32 | found & _WORD
    if s.block_begin <= pc < s.block_end:
        s.fault_again = 1
        return np.int64(-1)
    return _data(s, page, kind, privileged, pc, word)
