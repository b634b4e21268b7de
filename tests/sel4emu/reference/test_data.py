# SPDX-License-Identifier: BSD-2-Clause
"""Rule 7 in cycles, on lines that are in the cache, missing, uncached and of devices."""

from collections.abc import Callable
from typing import Any

import pytest

from sel4emu.reference.data import split
from sel4emu.reference.records import SCTLR_C, SCTLR_FI, SCTLR_RR

BACK, THROUGH, PLAIN = 0x8000_0000, 0x8010_0000, 0x8020_0000
STRONG, SHARED, CLOSED = 0x8030_0000, 0x8040_0000, 0x8050_0000
DEVICE, STRONG_DEVICE, NOTHING = 0x5300_0000, 0x5310_0000, 0x7000_0000
WAY = 4096

#: Line, cycles: the page is known, the line of r10 is in the cache, the one behind it is not.
MISSES = [
    (("ldr r1, [r10, #32]", "add r2, r1, r3"), 61),
    (("ldr r1, [r10, #32]", "ldr r2, [r10, #40]", "add r3, r2, r4"), 65),
    (("ldr r1, [r10, #56]", "ldr r2, [r10, #48]", "add r3, r2, r4"), 73),
    (("ldr r1, [r10, #32]", "ldr r2, [r10, #36]", "add r3, r2, r4"), 61),
    (("ldr r1, [r10, #32]", "ldr r2, [r10, #64]", "add r3, r2, r4"), 133),
    (("ldr r1, [r10, #32]", "ldr r2, [r10]", "add r3, r2, r4"), 5),
    (("add r11, r10, #32", "mov r4, r5", "ldm r7, {r1-r4}", "add r5, r1, r6"), 67),
    (("str r1, [r10, #32]", "ldr r1, [r10, #36]", "add r2, r1, r3"), 73),
]


@pytest.mark.parametrize(("lines", "cycles"), MISSES, ids=[" ; ".join(x) for x, _ in MISSES])
def test_misses(bench: Any, lines: tuple[str, ...], cycles: int) -> None:
    """The critical word after 60 cycles, then a beat of four each; the bus is free after all."""
    bench.warm(BACK)
    bench.registers[7] = BACK + 32
    assert bench.cost(*lines) == cycles


def test_wait_for_a_miss_is_data(bench: Any) -> None:
    """The cycles up to the word's arrival are `data`, not `interlock`."""
    bench.warm(BACK)
    assert bench.spent("ldr r1, [r10, #32]", "add r2, r1, r3") == {"issue": 2, "data": 59}


def test_hit_under_miss(bench_with: Callable[..., Any]) -> None:
    """A hit behind a miss issues at once; with hit-under-miss off it waits for the fill."""
    lines = ("ldr r1, [r10, #32]", "ldr r2, [r10]")
    for changes, cycles in (({}, 2), ({"set_bits": SCTLR_FI, "actlr": 1 << 31 | 7}, 59)):
        bench = bench_with(**changes)
        bench.warm(BACK)
        assert bench.cost(*lines) == cycles


#: Address, line, events of rule 11; the first line of the page has been loaded.
EVENTS = [
    (BACK, "ldr r1, [r10]", {0x09: 1, 0x0A: 1}),
    (BACK, "ldr r1, [r10, #32]", {0x09: 1, 0x0A: 1, 0x0B: 1, 0x10: 1}),
    (BACK, "str r1, [r10]", {0x09: 1, 0x0A: 1}),
    (BACK, "str r1, [r10, #32]", {0x09: 1, 0x0A: 1, 0x0B: 1, 0x10: 1}),
    (BACK, "ldr r1, [r10, #30]", {0x09: 2, 0x0A: 2, 0x0B: 1, 0x10: 1}),
    (BACK, "swp r1, r2, [r10]", {0x09: 2, 0x0A: 2}),
    (BACK, "ldm r10, {r0-r7}", {0x09: 1, 0x0A: 1}),
    (THROUGH, "str r1, [r10]", {0x09: 1, 0x0A: 1, 0x10: 1}),
    (PLAIN, "ldr r1, [r10]", {0x0A: 1, 0x10: 1}),
    (SHARED, "str r1, [r10]", {0x0A: 1, 0x10: 1}),
    (DEVICE, "ldr r1, [r10]", {0x0A: 1, 0x10: 1}),
]


@pytest.mark.parametrize(("address", "line", "events"), EVENTS)
def test_events(bench: Any, address: int, line: str, events: dict[int, int]) -> None:
    """Lines touched, misses, and what went past L1."""
    bench.warm(address)
    assert bench.events(line) == events


#: Address, line, cycles by cause besides `issue`.
ORDERED = [
    (STRONG, "ldr r1, [r10]", {"data": 60}),
    (STRONG, "str r1, [r10]", {"write_buffer": 12}),
    (SHARED, "ldr r1, [r10]", {"data": 60}),
    (SHARED, "str r1, [r10]", {}),
    (DEVICE, "ldr r1, [r10]", {"device": 70}),
    (DEVICE, "str r1, [r10]", {}),
    (STRONG_DEVICE, "ldr r1, [r10]", {"device": 70}),
    (STRONG_DEVICE, "str r1, [r10]", {"device": 40}),
]


@pytest.mark.parametrize(("address", "line", "causes"), ORDERED)
def test_ordered_memory(bench: Any, address: int, line: str, causes: dict[str, int]) -> None:
    """What waits where it stands, and what goes into the buffer."""
    bench.warm(address)
    assert bench.spent(line) == {"issue": 1} | causes


def test_device_load_waits_for_the_buffer(bench: Any) -> None:
    """A buffered device store of 40 cycles goes before a device load."""
    bench.warm(DEVICE)
    spent = bench.spent("str r1, [r10]", "ldr r2, [r10]")
    assert spent == {"issue": 2, "write_buffer": 39, "device": 70}


def test_uncached_loads_are_never_kept(bench: Any) -> None:
    """Twice the same word, twice sixty cycles."""
    bench.warm(PLAIN)
    for _ in range(2):
        assert bench.cost("ldr r1, [r10]", "add r2, r1, r3") == 61
        bench.rest()


def test_cache_switched_off(bench_with: Callable[..., Any]) -> None:
    """With SCTLR.C clear, cacheable memory is read past L1."""
    bench = bench_with(clear_bits=SCTLR_C)
    bench.warm(BACK)
    assert bench.cost("ldr r1, [r10]", "add r2, r1, r3") == 61


def test_stores_fill_the_buffer(bench: Any) -> None:
    """The fifth of five missing stores, at 4, waits for the first to be out at 12."""
    bench.warm(BACK)
    lines = [f"str r1, [r10, #{32 + 32 * number}]" for number in range(5)]
    assert bench.spent(*lines) == {"issue": 5, "write_buffer": 8}


def test_each_doubleword_is_an_entry(bench: Any) -> None:
    """Ten words beside a doubleword are six doublewords: two more than there is room for."""
    bench.warm(PLAIN)
    bench.registers[10] += 4
    assert bench.spent("stm r10, {r0-r9}") == {"issue": 1, "write_buffer": 24}


def test_dirty_victims(bench_with: Callable[..., Any]) -> None:
    """Four ways full, one of them dirty in both halves: the miss that replaces it counts two
    half lines, and the next dirty victim waits for sixteen cycles from the miss's start.
    """
    bench = bench_with(set_bits=SCTLR_RR)
    for way in range(4):
        bench.warm(BACK + way * WAY)
        bench.run("str r1, [r10]", "str r1, [r10, #16]")
    bench.registers[1], bench.registers[2] = BACK + 4 * WAY, BACK + 5 * WAY
    assert bench.events("ldr r3, [r1]")[0x0C] == 2
    bench.rest()
    assert bench.events("ldr r3, [r2]")[0x0C] == 2
    bench.rest()
    assert bench.cost("ldr r3, [r2]", "add r4, r3, r5") == 4


def test_refused_access(bench: Any) -> None:
    """A user's load from a privileged page costs its look-up and its issue, and does nothing."""
    bench.warm(CLOSED)
    bench.cpsr = 0x10
    assert bench.events("ldr r1, [r10]") == {}
    assert bench.cost("add r2, r1, r3") == 1
    bench.cpsr = 0x13
    assert bench.events("ldrt r1, [r10], #4") == {}
    assert bench.events("ldr r1, [r10]") == {0x09: 1, 0x0A: 1}


def test_nothing_there(bench: Any) -> None:
    """A mapped address where there is neither memory nor a peripheral is refused."""
    bench.registers[10] = NOTHING
    assert 0x0A not in bench.events("ldr r1, [r10]")


def test_preload(bench: Any) -> None:
    """PLD brings a line in without anybody waiting; what it may not touch it leaves alone."""
    bench.warm(BACK)
    bench.registers[7] = NOTHING
    assert bench.cost("pld [r10, #32]") == 1
    bench.rest()
    assert bench.cost("ldr r1, [r10, #32]", "add r2, r1, r3") == 4
    assert 0x0A not in bench.events("pld [r7]")


def test_mmu_off(bench_with: Callable[..., Any]) -> None:
    """Without the MMU all data is strongly ordered."""
    bench = bench_with(clear_bits=1)
    bench.registers[10] = BACK
    assert bench.spent("ldr r1, [r10]") == {"issue": 1, "data": 60}


def test_l2_serves_what_l1_has_lost(bench_with: Callable[..., Any]) -> None:
    """A line that left L1 clean comes back from L2 after 26 cycles."""
    bench = bench_with(set_bits=SCTLR_RR, l2_enabled=True)
    for way in range(5):
        bench.warm(BACK + way * WAY)
    bench.registers[10] = BACK
    assert bench.cost("ldr r1, [r10]", "add r2, r1, r3") == 27


def test_split() -> None:
    """A range falls apart at multiples of the unit."""
    assert list(split(0x1E, 6, 32)) == [(0x1E, 2), (0x20, 4)]
