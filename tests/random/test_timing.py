# SPDX-License-Identifier: BSD-2-Clause
"""Generated programs count the same in the compiled cycle model and in the reference.

TIMING_SEEDS sets another number of programs than the usual one, TIMING_FIRST another first seed.
"""

import os
import random
from typing import Final

import pytest

from tests.random.timing_lockstep import Bench, Lockstep
from tests.random.timing_programs import generate

FIRST: Final = int(os.environ.get("TIMING_FIRST", "0"))
SEEDS: Final = int(os.environ.get("TIMING_SEEDS", "2000"))
PARTS: Final = 16
#: Every so many programs are run straight through as well.
STRAIGHT_EVERY: Final = 16


@pytest.fixture(scope="module")
def bench() -> Bench:
    """One machine for all programs of a process."""
    return Bench("full")


def seeds(part: int, step: int = 1) -> range:
    """The seeds of a part."""
    return range(FIRST + part, FIRST + SEEDS, PARTS * step)


@pytest.mark.parametrize("part", range(PARTS))
def test_native_agrees_with_reference(bench: Bench, part: int) -> None:
    """After each instruction: cycles, their causes, and every event."""
    for seed in seeds(part):
        difference = Lockstep(bench, generate(seed)).run()
        assert not difference, difference


@pytest.mark.parametrize("part", range(PARTS))
def test_stops_change_nothing(bench: Bench, part: int) -> None:
    """Stepped, straight through, in pieces, block by block: one and the same outcome."""
    for seed in seeds(part, STRAIGHT_EVERY):
        program = generate(seed)
        bench.step_through(program)
        stepped = bench.outcome()
        for hot, pieces in ((0, None), (2, None), (0, seed), (2, seed)):
            chance = None if pieces is None else random.Random(pieces)
            bench.run(program, chance, hot=hot)
            assert bench.outcome() == stepped, (seed, hot, pieces)


def test_bench_is_like_a_new_machine(bench: Bench) -> None:
    """A program that runs after others counts and computes what it does in a new machine."""
    for seed in (FIRST, FIRST + 1):
        program = generate(seed)
        bench.run(program)
        fresh = Bench("full")
        fresh.run(program)
        assert bench.outcome() == fresh.outcome(), seed


def test_programs_reach_what_they_are_for(bench: Bench) -> None:
    """A hundred of them: every kind of exception and event but FIQ, within the usual length."""
    reached: dict[str, int] = {}
    for seed in range(100):
        bench.run(generate(seed))
        for name, count in bench.machine.counters.items():
            reached[name] = reached.get(name, 0) + count
        assert 20 <= bench.machine.counters["instructions"] <= 400, seed
    never = {"exception_reset", "exception_fiq", "idle", "modelled"}
    assert {name for name, count in reached.items() if count == 0} == never
