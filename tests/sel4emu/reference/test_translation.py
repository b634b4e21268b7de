# SPDX-License-Identifier: BSD-2-Clause
"""Walks, TLBs, types and permissions on tables made by hand."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sel4emu.reference.records import SCTLR_EE, SCTLR_R, SCTLR_S, SCTLR_XP, Control
from sel4emu.reference.translation import (
    DEVICE,
    STRONGLY_ORDERED,
    Lockdown,
    MainTlb,
    MemoryType,
    MicroTlb,
    Order,
    Page,
    memory_type,
    modified,
    permits,
    walk,
)


def page(
    base: int,
    size: int = 4096,
    asid: int | None = None,
    accesses: tuple[int, ...] = (3,),
    **changes: int,
) -> Page:
    """A page of write-back memory, everything allowed."""
    kept = MemoryType(Order.NORMAL, cacheable=True, write_back=True, outer=True)
    fields = {"physical": base, "domain": 0} | changes
    return Page(base=base, size=size, memory=kept, asid=asid, accesses=accesses, **fields)


def reader(words: dict[int, int]) -> Callable[[int], int | None]:
    return lambda address: words.get(address, 0 if address < 0x10_0000 else None)


@pytest.fixture
def low(control: Control) -> Control:
    """Tables at 0x4000 and 0x8000."""
    return replace(control, ttbr0=0x4000, ttbr1=0x8000)


@pytest.mark.parametrize(
    ("words", "size", "physical", "reads"),
    [
        ({0x4004: 0x8010_0C02}, 1 << 20, 0x8012_3456, 1),
        ({0x4004: 0x8104_0C02}, 1 << 24, 0x8112_3456, 1),
        ({0x4004: 0x1401, 0x148C: 0x9000_0032}, 1 << 12, 0x9000_0456, 2),
        ({0x4004: 0x1401, 0x148C: 0x9001_0031}, 1 << 16, 0x9001_3456, 2),
    ],
)
def test_sizes(low: Control, words: dict[int, int], size: int, physical: int, reads: int) -> None:
    """Sections take one read, pages two."""
    found = walk(0x0012_3456, low, reader(words))
    assert found.page and found.page.size == size and len(found.reads) == reads
    assert found.page.physical_of(0x0012_3456) == physical


@pytest.mark.parametrize(
    ("words", "reads"),
    [({}, 1), ({0x4004: 3}, 1), ({0x4004: 0x1401}, 2), ({0x4004: 0xFFFF_FC01}, 2)],
)
def test_faults(low: Control, words: dict[int, int], reads: int) -> None:
    """Invalid descriptors and tables outside memory refuse, after as many reads."""
    found = walk(0x0012_3456, low, reader(words))
    assert found.page is None and len(found.reads) == reads


def test_split_and_cacheability(low: Control) -> None:
    """With TTBCR.N = 1 the upper half has its own table, whose RGN bits count."""
    halves = replace(low, ttbcr=1, ttbr0=0x2000, ttbr1=0x8018)
    upper = walk(0x8010_0000, halves, reader({0xA004: 0x8010_0C02}))
    lower = walk(0x0010_0000, halves, reader({0x2004: 0x9010_0C02}))
    assert upper.page and upper.page.physical == 0x8010_0000 and upper.outer
    assert lower.page and lower.page.physical == 0x9010_0000 and not lower.outer


def test_attributes_of_the_new_format(low: Control) -> None:
    """A section's nG, S, APX, domain and type; a page's likewise."""
    local = replace(low, context_id=0x1207)
    section = walk(0x10_0000, local, reader({0x4004: 0x8013_84AE})).page
    assert section and (section.asid, section.accesses, section.domain) == (7, (5,), 5)
    assert not section.memory.cacheable and section.memory.outer
    small = walk(0x10_0000, local, reader({0x4004: 0x1461, 0x1400: 0x9000_0A1A})).page
    assert small and (small.asid, small.accesses, small.domain) == (7, (5,), 3)
    assert small.memory.cacheable and not small.memory.write_back


def test_attributes_of_the_old_format(low: Control) -> None:
    """Without XP everything is global, pages have four AP fields, extended ones (type 3) one."""
    old = replace(low, sctlr=low.sctlr & ~SCTLR_XP)
    small = walk(0x10_0000, old, reader({0x4004: 0x1401, 0x1400: 0x9000_0FEE})).page
    assert small and (small.asid, small.accesses) == (None, (2, 3, 3, 3))
    assert small.memory.write_back
    extended = walk(0x10_0000, old, reader({0x4004: 0x1401, 0x1400: 0x9000_0073})).page
    assert extended and extended.size == 4096 and extended.accesses == (3,)
    assert extended.memory == MemoryType(Order.NORMAL)


@pytest.mark.parametrize(
    ("tex", "cb", "expected"),
    [
        (0, 0, STRONGLY_ORDERED),
        (0, 1, DEVICE),
        (2, 0, DEVICE),
        (0, 2, MemoryType(Order.NORMAL, True, False, True)),
        (0, 3, MemoryType(Order.NORMAL, True, True, True)),
        (1, 0, MemoryType(Order.NORMAL, False, False, False)),
        (1, 3, MemoryType(Order.NORMAL, True, True, True)),
        (4, 1, MemoryType(Order.NORMAL, True, True, False)),
        (7, 0, MemoryType(Order.NORMAL, False, False, True)),
        (6, 2, MemoryType(Order.NORMAL, True, False, True)),
    ],
)
def test_types(tex: int, cb: int, expected: MemoryType) -> None:
    """TEX, C and B name the type."""
    assert memory_type(tex, cb, shared=False) == expected


def test_shared_memory_stays_out_of_l1() -> None:
    """Shared normal memory may be in L2 only."""
    assert memory_type(0, 3, shared=True) == MemoryType(Order.NORMAL, outer=True)


#: APX:AP -> what privileged and user code may do.
RIGHTS = {
    0: ("", ""), 1: ("rw", ""), 2: ("rw", "r"), 3: ("rw", "rw"),
    4: ("", ""), 5: ("r", ""), 6: ("r", "r"), 7: ("", ""),
}  # fmt: skip


@pytest.mark.parametrize("access", RIGHTS)
def test_permissions(control: Control, access: int) -> None:
    """A client domain has the page's permissions."""
    mapped = page(0)
    for allowed, privileged in zip(RIGHTS[access], (True, False), strict=True):
        for kind in "rw":
            write = kind == "w"
            found = permits(mapped, control, [access], write=write, privileged=privileged)
            assert found == (kind in allowed)


def test_subpages(control: Control) -> None:
    """An access needs the permissions of every quarter that it lies in."""
    mapped = page(0x4000, accesses=(3, 1, 2, 3))
    assert mapped.accesses_of(0x43FC, 4) == (3,)
    assert mapped.accesses_of(0x43FE, 4) == (3, 1)
    assert mapped.accesses_of(0x4BFC, 0x404) == (2, 3)
    assert page(0x1_0000, 1 << 16, accesses=(3, 1, 2, 3)).accesses_of(0x1_7FFF, 2) == (1, 2)
    assert not permits(mapped, control, (3, 1), write=False, privileged=False)
    assert permits(mapped, control, (2, 3), write=False, privileged=False)
    assert not permits(mapped, control, (2, 3), write=True, privileged=False)


@pytest.mark.parametrize(("dacr", "allowed"), [(0, False), (2, False), (3, True)])
def test_domains(control: Control, dacr: int, allowed: bool) -> None:
    """No access, reserved, manager."""
    mapped, domains = page(0), replace(control, dacr=dacr)
    assert permits(mapped, domains, [0], write=True, privileged=False) == allowed


def test_s_and_r(control: Control) -> None:
    """SCTLR.S opens a closed page for privileged reads, SCTLR.R for all reads."""
    mapped = page(0)
    s, r = (replace(control, sctlr=control.sctlr | bit) for bit in (SCTLR_S, SCTLR_R))
    assert permits(mapped, s, [0], write=False, privileged=True)
    assert not permits(mapped, s, [0], write=False, privileged=False)
    assert permits(mapped, r, [0], write=False, privileged=False)
    assert not permits(mapped, r, [0], write=True, privileged=True)


def test_fcse(control: Control) -> None:
    """The lowest 32 MB move, and only they."""
    moved = replace(control, fcse=0x0600_0000)
    assert modified(0x10, moved) == 0x0600_0010 and modified(0x0200_0000, moved) == 0x0200_0000


def test_micro_tlb_in_turn() -> None:
    """Two entries are filled, then replaced in turn."""
    tlb = MicroTlb(2)
    for number in range(3):
        tlb.enter(page(number << 12), by_chance=False)
    assert not tlb.find(0, 0) and tlb.find(0x1000, 0) and tlb.find(0x2000, 0)
    tlb.enter(page(0x3000), by_chance=False)
    assert not tlb.find(0x1000, 0)


def test_micro_tlb_by_chance() -> None:
    """The first two victims of ten entries are 0xE270 modulo 10 and 0x7138 modulo 10."""
    tlb = MicroTlb(10)
    for number in range(12):
        tlb.enter(page(number << 12), by_chance=True)
    gone = [number for number in range(12) if not tlb.find(number << 12, 0)]
    assert gone == [4, 8] and 0xE270 % 10 == 8 and 0x7138 % 10 == 4


def test_address_spaces() -> None:
    """A local page belongs to its ASID, a global one to all."""
    tlb = MicroTlb(4)
    tlb.enter(page(0x1000, asid=5), by_chance=False)
    tlb.enter(page(0x2000), by_chance=False)
    assert tlb.find(0x1000, 5) and not tlb.find(0x1000, 6) and tlb.find(0x2000, 6)


def test_main_tlb_sets() -> None:
    """Three pages 128 KB apart do not fit a set of two; the first one in goes first."""
    tlb = MainTlb()
    for number in range(3):
        tlb.enter(number << 17, page(number << 17))
    assert not tlb.find(0, 0) and tlb.find(1 << 17, 0) and tlb.find(2 << 17, 0)


def test_main_tlb_keeps_a_section_by_address() -> None:
    """A section is found under the address that brought it in, not under the next page's."""
    tlb = MainTlb()
    tlb.enter(0x1000, page(0, size=1 << 20))
    assert tlb.find(0x1FFF, 0) and not tlb.find(0x2000, 0)


def test_main_tlb_operations() -> None:
    """All but the lockable entries; an address with its ASID; an ASID without global pages."""
    tlb = MainTlb()

    def refill() -> None:
        tlb.lock(3, page(0x7000, asid=1))
        tlb.enter(0x1000, page(0x1000, asid=1))
        tlb.enter(0x2000, page(0x2000))

    refill()
    tlb.clear()
    assert tlb.find(0x7000, 1) and not tlb.find(0x1000, 1) and not tlb.find(0x2000, 1)
    refill()
    tlb.drop_address(0x1002)
    assert tlb.find(0x1000, 1)
    tlb.drop_address(0x1001)
    tlb.drop_address(0x2003)
    tlb.drop_address(0x7001)
    assert not any(tlb.find(address, 1) for address in (0x1000, 0x2000, 0x7000))
    refill()
    tlb.drop_asid(1)
    assert not tlb.find(0x1000, 1) and not tlb.find(0x7000, 1) and tlb.find(0x2000, 1)


def test_lockdown_moves_on() -> None:
    """Entries follow one another and wrap."""
    lockdown = Lockdown()
    lockdown.load(7 << 26 | 1)
    assert lockdown.preserve and [lockdown.take(), lockdown.take()] == [7, 0]


def test_costs(bench: Any) -> None:
    """A first access costs a refill of 4 and a read of 60; then the micro TLB has the section."""
    bench.registers[10] = 0x8000_0000
    assert bench.spent("ldr r1, [r10]")["tlb"] == 64
    bench.rest()
    bench.registers[10] = 0x8000_1000
    assert "tlb" not in bench.spent("ldr r1, [r10]")


def test_flushed_micro_tlb_costs_a_refill(bench: Any) -> None:
    """A write of FCSE empties the micro TLBs; the main TLB still has both pages."""
    bench.warm(0x8000_0000)
    spent = bench.spent("mcr p15, 0, r1, c13, c0, 0", "ldr r1, [r10]")
    assert spent["tlb"] == 8


def test_faulting_walk_costs_and_enters_nothing(bench: Any) -> None:
    """An unmapped address costs its walk each time."""
    bench.registers[10] = 0x9000_0000
    for _ in range(2):
        assert bench.spent("ldr r1, [r10]")["tlb"] == 64
        bench.model.exception("data_abort", bench.address)
        bench.rest()


def test_tables_in_big_endian_order(low: Control) -> None:
    """SCTLR.EE: both levels are read with their bytes the other way round."""
    other = replace(low, sctlr=low.sctlr | SCTLR_EE)
    found = walk(0x10_0000, other, reader({0x4004: 0x0114_0000, 0x1400: 0x3200_0090}))
    assert found.page and found.page.physical == 0x9000_0000
