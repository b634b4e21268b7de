# SPDX-License-Identifier: BSD-2-Clause
"""What Unicorn forgets of its own accord changes nothing that a guest could see."""

from collections.abc import Callable
from typing import Any

import pytest
from unicorn import UC_CTL_IO_WRITE, UC_CTL_TLB_FLUSH
from unicorn.unicorn_py3.unicorn import uclib

#: Twice what the main TLB holds, with conflicts in every row.
PAGES = 128
RAM = 0x8000_0000
DATA = 0x8020_0000
PROGRAM = """
    ldr     r4, =DATA
again:
    mov     r0, r4
    mov     r1, #PAGES
next:
    ldr     r2, [r0]
    add     r0, r0, #4096
    add     r3, r3, r2
    subs    r1, r1, #1
    bne     next
    b       again
"""


def forget_by_itself(bench: Any) -> None:
    """Empty Unicorn's TLB behind our back, as Unicorn does when it resizes it."""
    uclib.uc_ctl(bench.machine.cpu.uc._uch, UC_CTL_TLB_FLUSH | UC_CTL_IO_WRITE << 30)


def walks_of(bench: Any, mmu_on: str, disturb: Callable[[Any], None]) -> list[int]:
    """Table walks after each of some slices of the program, with something done between them."""
    bench.tables.identity()
    for page in range(PAGES):
        bench.tables.page(DATA + 4096 * page, DATA + 4096 * page)
    bench.load(mmu_on + PROGRAM, constants={"DATA": DATA, "PAGES": PAGES})
    walks = []
    for _ in range(20):
        bench.machine.run(cycles=2999)
        disturb(bench)
        walks.append(bench.machine.counters["tlb_walks"])
    return walks


@pytest.mark.parametrize("level", ["full", "off"])
def test_walks_do_not_depend_on_unicorn(
    make_bare: Callable[[str], Any], mmu_on: str, level: str
) -> None:
    """Unicorn resizes its TLB by the host's clock: what it asks for again must not reach ours.

    Three runs of one image once counted 404, 330 and 350 walks, with equal cycles: the TLB's
    content, and so what a guest that forgets a flush can see, differed from run to run.
    """
    quiet = walks_of(make_bare(level), mmu_on, lambda bench: None)
    disturbed = walks_of(make_bare(level), mmu_on, forget_by_itself)
    assert disturbed == quiet
    assert quiet[-1] >= PAGES
