# SPDX-License-Identifier: BSD-2-Clause
"""Rule 6 in cycles: cold lines, their doublewords, and what is never kept."""

from collections.abc import Callable
from typing import Any

from sel4emu.reference.records import SCTLR_I

COLD = 0x8001_0800
NOP = 0xE1A0_8008
ISB = "mcr p15, 0, r0, c7, c5, 4"


def cycles_at(bench: Any, address: int) -> int:
    """The cycles of one instruction that does nothing."""
    start = bench.model.cycles
    bench.word(NOP, address)
    return int(bench.model.cycles - start)


def test_hit_is_free(bench: Any) -> None:
    """A line that was executed before costs nothing."""
    assert cycles_at(bench, 0x8001_0020) == 1


def test_cold_line(bench: Any) -> None:
    """60 cycles for the first word, then the doublewords as they arrive, one every four."""
    expected = [61, 1, 3, 1, 3, 1, 3, 1]
    assert [cycles_at(bench, COLD + 4 * n) for n in range(8)] == expected


def test_wrapping_order(bench: Any) -> None:
    """Entered at its last doubleword, a line delivers its first one next."""
    assert [cycles_at(bench, COLD + offset) for offset in (24, 0, 16)] == [61, 4, 8]


def test_sequential_miss_starts_early(bench: Any) -> None:
    """Reached in sequence, a cold line has been asked for four cycles ago."""
    cycles_at(bench, COLD - 4)
    bench.rest()
    assert cycles_at(bench, COLD - 4) == 1 and cycles_at(bench, COLD) == 57


def test_fetch_waits_for_the_bus(bench: Any) -> None:
    """A load's miss holds the bus for 72 cycles from its issue."""
    bench.warm(0x8000_0000)
    bench.run("ldr r1, [r10, #32]")
    assert cycles_at(bench, COLD) == 71 + 61


def test_events(bench: Any) -> None:
    """A miss is event 0; its cycles are `fetch` and event 1."""
    before = bench.model.events
    bench.word(NOP, COLD)
    after = bench.model.events
    assert after[0] - before[0] == 1 and after[1] - before[1] == 60


def test_cache_off(bench_with: Callable[..., Any]) -> None:
    """With SCTLR.I clear, every visit to a line fetches it anew, and counts no cache miss."""
    bench = bench_with(clear_bits=SCTLR_I)
    before = bench.model.events.get(0, 0)
    assert cycles_at(bench, COLD) == 61
    bench.rest()
    assert cycles_at(bench, COLD) == 61 and bench.model.events.get(0, 0) == before


def test_cache_works_without_the_mmu(bench_with: Callable[..., Any]) -> None:
    """MMU off: code is kept all the same."""
    bench = bench_with(clear_bits=1)
    assert cycles_at(bench, COLD) == 61
    bench.rest()
    assert cycles_at(bench, COLD) == 1


def test_uncached_code(bench: Any) -> None:
    """Code in a page that is not cached is fetched at each visit."""
    cycles_at(bench, 0x8020_0000)
    bench.rest()
    assert cycles_at(bench, 0x8020_0000) == 61


def test_locked_ways(bench_with: Callable[..., Any]) -> None:
    """With all ways locked, nothing is kept."""
    bench = bench_with(icache_lockdown=0xF)
    cycles_at(bench, COLD)
    bench.rest()
    assert cycles_at(bench, COLD) == 61


def test_page_is_looked_up_on_entry_only(bench: Any) -> None:
    """After a flush of the micro TLBs the page of code costs a refill, once."""
    assert bench.spent("mcr p15, 0, r0, c13, c0, 0", "mov r8, r8", "mov r8, r8")["tlb"] == 4


def test_isb_looks_the_line_up_again(bench: Any) -> None:
    """In a cached line that is free."""
    assert bench.cost(ISB, "mov r8, r8") == 7
