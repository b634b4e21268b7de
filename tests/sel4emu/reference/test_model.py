# SPDX-License-Identifier: BSD-2-Clause
"""The model as a whole: exceptions, Thumb, conservation of cycles."""

import random
from typing import Any

import pytest

from sel4emu.reference import CycleModel

CODE = 0x8001_0000
AHEAD = CODE + 0x100
DATA = 0x8000_0000
VECTOR = CODE + 0x200


def entry(bench: Any, kind: str, *lines: str) -> dict[str, int]:
    """Cycles by cause of lines and the exception behind them."""
    before = bench.model.breakdown
    bench.run(*lines)
    bench.model.exception(kind, bench.address)
    after = bench.model.breakdown
    return {cause: after[cause] - before[cause] for cause in after if after[cause] != before[cause]}


@pytest.mark.parametrize(
    ("kind", "lines"), [("svc", ("svc #0",)), ("undefined", (".word 0xe7f000f0",))]
)
def test_synchronous_exceptions(bench: Any, kind: str, lines: tuple[str, ...]) -> None:
    """Eight cycles with the instruction that caused it."""
    assert entry(bench, kind, *lines) == {"issue": 1, "system": 7}


def test_data_abort(bench: Any) -> None:
    """The load issues and the entry takes seven cycles; its register does not wait."""
    bench.warm(DATA)
    bench.registers[10] = 0x9000_0000
    assert entry(bench, "data_abort", "ldr r1, [r10]") == {"issue": 1, "system": 7, "tlb": 64}


def test_aborted_load_of_pc_goes_nowhere(bench: Any) -> None:
    """LDR PC that aborts is no change of flow."""
    bench.registers[10] = 0x9000_0000
    spent = entry(bench, "data_abort", "ldr pc, [r10]")
    assert "branch" not in spent and spent["issue"] == 1


def test_alignment_fault_is_found_before_issue(bench: Any) -> None:
    """It costs the entry alone, and is no instruction."""
    bench.registers[10] = DATA + 2
    before = bench.model.events[0x07]
    assert entry(bench, "data_abort", "ldm r10, {r1}") == {"system": 8}
    assert bench.model.events[0x07] == before


@pytest.mark.parametrize(("cpsr", "word", "size"), [(0x13, 0xE120_0070, 4), (0x33, 0xBE00, 2)])
def test_breakpoint_is_a_prefetch_abort(bench: Any, cpsr: int, word: int, size: int) -> None:
    """BKPT costs the entry alone, in both states, and is no instruction."""
    bench.cpsr = cpsr
    counted, before = bench.model.events[0x07], bench.model.breakdown
    bench.word(word, CODE, size=size)
    bench.model.exception("prefetch_abort", CODE)
    after = bench.model.breakdown
    assert after == before | {"system": before["system"] + 8}
    assert bench.model.events[0x07] == counted


@pytest.mark.parametrize("kind", ["irq", "fiq"])
def test_interrupts_settle_the_branch(bench: Any, kind: str) -> None:
    """An interrupt behind a taken branch costs the branch's four cycles and eight."""
    bench.run("b #0x80010100")
    start = bench.model.cycles
    bench.model.exception(kind, AHEAD)
    assert bench.model.cycles - start == 12


def test_prefetch_abort(bench: Any) -> None:
    """A jump into an unmapped page: the branch, its look-up, the entry."""
    start = bench.model.cycles
    bench.run("bx r1")
    bench.model.exception("prefetch_abort", 0x9000_0000)
    assert bench.model.cycles - start == 5 + 64 + 8


def test_entry_looks_the_page_up_again(bench: Any) -> None:
    """Which the micro TLB has: no cost; the line is there as well."""
    bench.run("svc #0")
    bench.model.exception("svc", bench.address)
    start = bench.model.cycles
    bench.word(0xE1A0_8008, VECTOR)
    assert bench.model.cycles - start == 1


def test_no_folding_behind_an_interrupt(bench: Any) -> None:
    """The branch before an interrupt does not count as the one directly before the vector's."""
    for expected in (4, 0):
        bench.jump("b #0x80010100", AHEAD)
        bench.model.exception("irq", AHEAD)
        bench.rest(20)
        assert bench.jump("b #0x80010100", AHEAD) == (0 if expected == 4 else expected)
        bench.rest(20)


def test_thumb_pair(bench: Any) -> None:
    """BL is an instruction of one cycle and a call at the address behind it."""
    bench.cpsr = 0x33
    counted = bench.model.events[0x07]
    costs = []
    for _ in range(2):
        bench.address = CODE
        start = bench.model.cycles
        bench.word(0xF878_F000, size=4)
        bench.model.settle(AHEAD)
        costs.append(bench.model.cycles - start)
        bench.address = AHEAD
        bench.word(0x4770, size=2)
        bench.model.settle(CODE + 4)
    assert costs == [5, 2] and bench.model.events[0x07] - counted == 6
    assert bench.model.breakdown["branch"] == 3 + 3 + 0 + 3


def test_thumb_branch_is_not_the_arm_branch_there(bench: Any) -> None:
    """The state belongs to the tag."""
    bench.jump("b #0x80010100", CODE)
    bench.cpsr = 0x33
    bench.rest(20)
    start = bench.model.cycles
    bench.word(0xE07E, CODE, size=2)
    bench.model.settle(AHEAD)
    assert bench.model.cycles - start == 4


def test_events_of_a_new_model(figures: dict[str, int]) -> None:
    """Every event of rule 11 is there from the start, at zero."""
    model = CycleModel(figures, lambda _: 0, lambda _: False)
    assert model.events == dict.fromkeys((*range(8), *range(9, 14), *range(15, 19), 0xFF), 0)


def test_msr_is_all_issue(bench: Any) -> None:
    """MSR of the mode counts all its four cycles as issue."""
    assert bench.spent("msr cpsr_c, #0x13") == {"issue": 4}


@pytest.mark.parametrize("seed", range(20))
def test_cycles_are_conserved(bench: Any, seed: int) -> None:
    """Whatever words are executed, the causes add up to the time, which never goes back."""
    chance = random.Random(seed)
    last = bench.model.cycles
    for _ in range(300):
        bench.cpsr = chance.choice((0x10, 0x13, 0x4000_0013, 0x33))
        bench.registers = [chance.choice((DATA, DATA + 4, 0x8020_0003, chance.getrandbits(32)))
                           for _ in range(16)]  # fmt: skip
        thumb = bench.cpsr >> 5 & 1
        word = chance.getrandbits(16 if thumb else 32)
        if not thumb and word & 0x0FF0_0F00 == 0x0C40_0F00:
            continue  # a range of any length
        target = CODE + 4 * chance.randrange(256)
        bench.word(word, target, size=2 if thumb else 4)
        if chance.random() < 0.1:
            bench.model.exception(chance.choice(("irq", "data_abort", "prefetch_abort")), target)
        assert bench.model.cycles >= last
        last = bench.model.cycles
    assert sum(bench.model.breakdown.values()) == last == bench.model.events[0xFF]
