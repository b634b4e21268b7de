# SPDX-License-Identifier: BSD-2-Clause
"""Long random streams of addresses through the caches and TLBs of both cycle models."""

import random
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pytest
from numba import njit

from sel4emu.machine import Machine
from sel4emu.native import model_state as ms
from sel4emu.native.caches import find, set_of, victim
from sel4emu.native.micro_tlb import DATA, flush_micro, translate_timed
from sel4emu.native.mmu import flush_address, flush_all, flush_asid
from sel4emu.reference import Control
from sel4emu.reference.buffers import Memory
from sel4emu.reference.cache import Cache, Line
from sel4emu.reference.pipeline import Clock
from sel4emu.reference.records import SCTLR_M, SCTLR_RR, SCTLR_XP
from sel4emu.reference.translation import Lockdown, MainTlb, Page, Translator
from sel4emu.timing import load_timing
from tests.random import timing_memory as memory

LENGTH: Final = 50_000
#: A cache, its counter of replacements, its sets and ways.
CACHES: Final = {
    "instructions": (ms.ICACHE, ms.REPLACE_ICACHE, ms.L1_SETS, ms.L1_WAYS),
    "data": (ms.DCACHE, ms.REPLACE_DCACHE, ms.L1_SETS, ms.L1_WAYS),
    "l2": (ms.L2, ms.REPLACE_L2, ms.L2_SETS, ms.L2_WAYS),
}
_ACTLR_TR: Final = 1 << 3
#: Operations of a TLB stream, in front of an access.
_FLUSH_ALL, _FLUSH_ADDRESS, _FLUSH_ASID, _LOCK = 1, 2, 3, 4


def _through_cache(
    s: Any, cache: Any, which: Any, ways: Any, lines: Any, locked: Any, out: Any
) -> None:
    """The way of each line of a stream: -1 for a miss that finds every way locked."""
    for n in range(len(lines)):
        first = set_of(cache, lines[n])
        place = find(s, first, ways, lines[n])
        if place < 0:
            place = victim(s, which, first, ways, locked[n])
            if place >= 0:
                s.tag[place] = lines[n] + 1
            out[n] = place - first + 100 if place >= 0 else -1
        else:
            out[n] = place - first


through_cache = njit(_through_cache)


def cache_stream(chance: random.Random, sets: int) -> list[int]:
    """Line numbers: strides that meet in a set, runs, and anything."""
    lines: list[int] = []
    while len(lines) < LENGTH:
        start, length = chance.getrandbits(16), chance.randrange(4, 64)
        stride = chance.choice((1, 1, sets, sets, sets // 2, 3, chance.randrange(1, 4 * sets)))
        lines += [start + stride * chance.randrange(12) for _ in range(length)]
    return lines[:LENGTH]


@pytest.mark.parametrize("round_robin", [False, True])
@pytest.mark.parametrize("name", CACHES)
def test_caches_keep_the_same_lines(name: str, round_robin: bool) -> None:
    """Each access hits or misses alike, and each miss takes the same way."""
    cache, which, sets, ways = CACHES[name]
    chance = random.Random(f"{name} {round_robin}")
    lines = cache_stream(chance, sets)
    masks = [0] * 6 + [chance.getrandbits(ways) for _ in range(5)] + [(1 << ways) - 1]
    locked = [masks[n // 500 % len(masks)] for n in range(LENGTH)]
    record = Machine.from_board().cpu.state[0]
    record["sctlr"] = SCTLR_RR if round_robin else 0
    native = np.zeros(LENGTH, np.int64)
    through_cache(record, cache, which, ways, np.array(lines), np.array(locked), native)
    turns = round_robin and name != "l2"
    assert native.tolist() == reference_ways(Cache(sets, ways), lines, locked, turns=turns)
    assert 0 < np.count_nonzero(native < 100) < LENGTH


def reference_ways(cache: Cache, lines: list[int], locked: list[int], *, turns: bool) -> list[int]:
    """What `through_cache` gives, by the reference."""
    ways: dict[int, int] = {}
    out = []
    for line, mask in zip(lines, locked, strict=True):
        address = line * 32
        if cache.find(address):
            out.append(ways[line])
            continue
        place = cache.choose(address, mask, round_robin=turns)
        if place is None:
            out.append(-1)
            continue
        cache.fill(place, Line(address))
        ways[line] = place.way
        out.append(place.way + 100)
    return out


def _through_tlb(s: Any, addresses: Any, asids: Any, operations: Any, times: Any, out: Any) -> None:
    """The physical page of each address of a stream, -1 for none, and when it is known."""
    now = np.int64(0)
    for n in range(len(addresses)):
        operation = operations[n] & 7
        operand = operations[n] >> 3
        s.context_id = asids[n]
        if operation == 1:
            flush_all(s)
        elif operation == 2:
            flush_address(s, operand)
        elif operation == 3:
            flush_asid(s, operand)
        elif operation == 4:
            s.tlb_lockdown = operand
        if 0 < operation < 4:
            flush_micro(s)
        k = translate_timed(s, DATA, addresses[n], now)
        now = s.walk_time
        times[n] = now
        out[n] = -1
        if k >= 0:
            out[n] = s.micro_physical[k] | (addresses[n] & s.micro_mask[k])


through_tlb = njit(_through_tlb)


def tlb_stream(chance: random.Random) -> tuple[list[int], list[int], list[int]]:
    """Addresses, ASIDs and operations (kind | operand << 3)."""
    addresses: list[int] = []
    asids: list[int] = []
    operations: list[int] = []
    bases = [memory.PAGES, memory.PAGES, memory.LARGE_PAGES, memory.SUPERSECTION, 0x8020_0000]
    asid = 0
    for _ in range(LENGTH):
        base = chance.choice(bases)
        page = chance.choice(
            (chance.randrange(256), chance.randrange(24), 32 * chance.randrange(8))
        )
        address = base + 0x1000 * page + chance.randrange(0, 0x1000, 4)
        if chance.random() < 0.02:
            asid = chance.randrange(4)
        operation = 0
        if chance.random() < 0.01:
            kind = chance.choice((_FLUSH_ALL, _FLUSH_ADDRESS, _FLUSH_ADDRESS, _FLUSH_ASID, _LOCK))
            operand = {
                _FLUSH_ALL: 0,
                _FLUSH_ADDRESS: address & 0xFFFF_F000 | asid,
                _FLUSH_ASID: chance.randrange(4),
                _LOCK: chance.getrandbits(3) << 26 | int(chance.random() < 0.3),
            }[kind]
            operation = kind | operand << 3
        addresses.append(address)
        asids.append(asid)
        operations.append(operation)
    return addresses, asids, operations


class ReferenceTlb:
    """The reference's translation of one stream."""

    def __init__(self, machine: Machine, control: Control) -> None:
        figures = {name: entry.value for name, entry in load_timing().entries.items()}
        ram = machine.bus.require_memory(memory.TABLES, 4)
        self._control = control
        self._main = MainTlb()
        self._side = Translator(
            figures, self._main, Memory(figures), lambda at: int(ram.words[(at - ram.base) >> 2])
        )
        self._lockdown = Lockdown()
        self._clock = Clock()

    def operate(self, operation: int) -> None:
        """What stands in front of an access."""
        kind, operand = operation & 7, operation >> 3
        if kind == _FLUSH_ALL:
            self._main.clear()
        elif kind == _FLUSH_ADDRESS:
            self._main.drop_address(operand)
        elif kind == _FLUSH_ASID:
            self._main.drop_asid(operand)
        elif kind == _LOCK:
            self._lockdown.load(operand)
        if kind in (_FLUSH_ALL, _FLUSH_ADDRESS, _FLUSH_ASID):
            self._side.micro.clear()

    def translate(self, address: int, asid: int) -> tuple[int, int]:
        """(time, physical address or -1)."""
        control = replace(self._control, context_id=asid)
        page: Page | None = self._side.find(address, control, self._clock, self._lockdown, 4)
        return self._clock.now, page.physical_of(address) if page else -1


@pytest.mark.parametrize("at_random", [False, True])
@pytest.mark.parametrize("xp", [False, True])
def test_tlbs_keep_the_same_pages(xp: bool, at_random: bool) -> None:
    """Each translation is found, walked, refused or stale alike, at the same time."""
    machine = Machine.from_board()
    machine.write_physical(memory.TABLES, memory.page_tables(xp=xp))
    record = machine.cpu.state[0]
    settings = {
        "sctlr": SCTLR_M | (SCTLR_XP if xp else 0),
        "actlr": _ACTLR_TR if at_random else 0,
        "ttbr0": memory.TABLES | 8,
    }
    for name, value in settings.items():
        record[name] = value
    zeros = dict.fromkeys(
        ("ttbr1", "ttbcr", "dacr", "fcse", "context_id", "tlb_lockdown", "dcache_lockdown",
         "icache_lockdown", "l2_lockdown_data", "l2_lockdown_instructions"), 0,
    )  # fmt: skip
    reference = ReferenceTlb(machine, Control(**settings, **zeros, l2_enabled=False))
    stream = tlb_stream(random.Random(f"{xp} {at_random}"))
    times, physical = np.zeros(LENGTH, np.int64), np.zeros(LENGTH, np.int64)
    through_tlb(record, *(np.array(part) for part in stream), times, physical)
    for n, (address, asid, operation) in enumerate(zip(*stream, strict=True)):
        reference.operate(operation)
        expected = reference.translate(address, asid)
        assert (times[n], physical[n]) == expected, (n, hex(address), asid, hex(operation))
    assert {-1} < set(physical.tolist())
