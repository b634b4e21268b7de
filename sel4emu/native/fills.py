# SPDX-License-Identifier: BSD-2-Clause
"""The translations that Unicorn has been given since its own TLB was last emptied.

Unicorn keeps translations in a software TLB whose size follows the host's clock, so which of them
it asks for again differs from run to run. Such a question must not reach our TLB: it would change
what is replaced there, and so what a guest that forgets a flush can see. Every translation that
was given out is therefore noted, and given again from here until Unicorn's TLB is emptied, which
happens at points that depend on the guest alone.

An entry is `generation << 40 | permissions << 32 | physical page`, by virtual page and privilege.
"""

from typing import Any, Final

import numpy as np
from numba import njit

from sel4emu.native.intrinsics import CONTROL_TLB_FLUSH, load64, store64, uc_ctl
from sel4emu.native.state import FILLS

_GENERATION_SHIFT: Final = 40
_LAST_GENERATION: Final = (1 << 23) - 1
_ENTRY_MASK: Final = (1 << _GENERATION_SHIFT) - 1
_USER: Final = 1 << 20


@njit(cache=True)
def _place(s: Any, virtual: Any, privileged: Any) -> Any:
    page = virtual >> 12
    return s.fills + 8 * (page if privileged else page + _USER)


@njit(cache=True)
def recall(s: Any, virtual: Any, privileged: Any) -> Any:
    """Permissions and physical page that were given for a page, 0 if none were."""
    entry = load64(_place(s, virtual, privileged))
    if entry >> _GENERATION_SHIFT != s.fill_generation:
        return np.int64(0)
    return entry & _ENTRY_MASK


@njit(cache=True)
def note(s: Any, virtual: Any, privileged: Any, found: Any) -> None:
    """Remember what is given for a page."""
    store64(_place(s, virtual, privileged), s.fill_generation << _GENERATION_SHIFT | found)


@njit(cache=True)
def forget(s: Any) -> None:
    """Forget everything, because Unicorn's TLB is being emptied."""
    s.fill_generation += 1
    if s.fill_generation > _LAST_GENERATION:
        for index in range(FILLS):
            store64(s.fills + 8 * index, np.int64(0))
        s.fill_generation = 1


@njit(cache=True)
def empty_unicorn_tlb(uc: Any, s: Any) -> None:
    """Empty Unicorn's TLB, and forget what it was given."""
    uc_ctl(uc, np.int32(CONTROL_TLB_FLUSH))
    forget(s)
