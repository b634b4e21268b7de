# SPDX-License-Identifier: BSD-2-Clause
"""Rule 5 in cycles, each figure from its row of the table."""

from collections.abc import Callable
from typing import Any

import pytest

from sel4emu.reference.records import SCTLR_Z

CODE = 0x8001_0000
AHEAD = CODE + 0x100
STACK = 0x8000_0000
Z_SET = 0x4000_0013
NO_DYNAMIC = 0b101
NO_STATIC = 0b011


def again(bench: Any, line: str, target: int = AHEAD, address: int = CODE) -> int:
    """The branch at an address, with flags that are old."""
    bench.rest(20)
    bench.address = address
    return int(bench.jump(line, target))


def test_unconditional_branch(bench: Any) -> None:
    """4 by the static rule, then folded."""
    assert [again(bench, "b #0x80010100") for _ in range(3)] == [4, 0, 0]


def test_call(bench: Any) -> None:
    """BL does not fold."""
    assert [again(bench, "bl #0x80010100") for _ in range(2)] == [4, 1]


def test_branch_behind_a_branch_does_not_fold(bench: Any) -> None:
    """Of two branches that hit, one after the other, only the first is folded."""
    for expected in ((4, 4), (0, 1)):
        first = again(bench, "b #0x80010100")
        assert (first, bench.jump("b #0x80010000", CODE)) == expected


@pytest.mark.parametrize(("between", "cycles"), [(0, 7), (1, 6), (2, 5), (5, 5)])
def test_distance_from_the_flags(bench: Any, between: int, cycles: int) -> None:
    """A forward branch that the static rule did not expect: 7 less the distance, 5 at least."""
    bench.cpsr = Z_SET
    bench.run("cmp r1, r2", *["mov r3, r4"] * between)
    assert bench.jump("beq #0x80010100", AHEAD) == cycles


def test_static_rule(bench_with: Callable[..., Any]) -> None:
    """Backward is taken for 4, forward not taken for 1; otherwise it is wrong."""
    bench = bench_with(actlr=NO_DYNAMIC)
    bench.cpsr = Z_SET
    assert again(bench, "beq #0x8000ff80", CODE + 0x80) == 4
    bench.cpsr = 0x13
    assert again(bench, "beq #0x80010100", CODE + 4) == 1
    assert again(bench, "beq #0x8000ff80", CODE + 4) == 5


def test_without_static_rule(bench_with: Callable[..., Any]) -> None:
    """With every predictor off, not taken costs 1 and taken 5."""
    bench = bench_with(clear_bits=SCTLR_Z)
    bench.cpsr = Z_SET
    assert [again(bench, "beq #0x8000ff80", AHEAD) for _ in range(3)] == [5, 5, 5]
    assert again(bench, "b #0x80010100") == 5
    bench.cpsr = 0x13
    assert again(bench, "beq #0x8000ff80", CODE + 4) == 1


def test_two_bit_counter(bench: Any) -> None:
    """Taken, taken (3), not (wrong, 2), not (wrong, 1), not: folded; taken: wrong."""
    costs = []
    for taken in (True, True, False, False, False, True):
        bench.cpsr = Z_SET if taken else 0x13
        costs.append(again(bench, "beq #0x80010100", AHEAD if taken else CODE + 4))
    assert costs == [5, 0, 5, 5, 0, 5]


def test_unconditional_is_taken_to_the_next_instruction(bench: Any) -> None:
    """A B to there costs 4, then 0; BNE is not taken, though its offset is negative: 5, 0."""
    taken = bench.model.events[0x0D]
    assert [again(bench, "b #0x80010004", CODE + 4) for _ in range(2)] == [4, 0]
    assert again(bench, "bx r1", CODE + 4) == 5
    assert bench.model.events[0x0D] - taken == 3
    assert [again(bench, "bne #0x80010044", CODE + 0x44, CODE + 0x40) for _ in range(2)] == [5, 0]
    assert bench.model.events[0x0D] - taken == 3


def test_return_to_the_next_instruction(bench: Any) -> None:
    """It takes its address from the stack as any other does; a call there put one on."""
    again(bench, "bl #0x80010004", CODE + 4)
    assert again(bench, "bx lr", CODE + 4, CODE) == 4
    assert again(bench, "bx lr", CODE + 4, CODE) == 5


def test_events(bench: Any) -> None:
    """Branches, mispredictions, taken changes of flow: BX that executes is one, wherever to."""
    before = bench.model.events
    bench.cpsr = Z_SET
    again(bench, "beq #0x80010100")
    bench.cpsr = 0x13
    again(bench, "beq #0x80010200", CODE + 0x14, CODE + 0x10)
    again(bench, "bxne r1", CODE + 0x24, CODE + 0x20)
    after = bench.model.events
    assert [after[n] - before.get(n, 0) for n in (0x05, 0x06, 0x0D)] == [3, 1, 2]


def test_returns(bench: Any) -> None:
    """A call's return costs 4 if it goes where the stack says, 7 elsewhere, 5 without a call."""
    again(bench, "bl #0x80010100")
    assert bench.jump("bx lr", CODE + 4) == 4
    again(bench, "bl #0x80010100")
    assert bench.jump("mov pc, lr", CODE + 8) == 7
    assert again(bench, "bx lr") == 5


def test_nested_calls(bench: Any) -> None:
    """Four calls deep, the outermost return finds the stack empty."""
    for depth in range(4):
        again(bench, "bl #0x80010100", AHEAD, CODE + 32 * depth)
    costs = [again(bench, "bx lr", CODE + 32 * depth + 4, AHEAD) for depth in (3, 2, 1, 0)]
    assert costs == [4, 4, 4, 5]


def test_conditional_return_pops(bench: Any) -> None:
    """It costs m and takes the address from the stack."""
    again(bench, "bl #0x80010100")
    assert again(bench, "bxne lr", CODE + 4, AHEAD) == 5
    assert again(bench, "bx lr", CODE + 4, AHEAD) == 5


def test_stack_switched_off(bench_with: Callable[..., Any]) -> None:
    """Without ACTLR.RS every return costs 5."""
    bench = bench_with(actlr=6)
    again(bench, "bl #0x80010100")
    assert bench.jump("bx lr", CODE + 4) == 5


def test_loads_of_pc(bench: Any) -> None:
    """POP 4 after a call and 9 without, LDM 8, LDR 8, slow LDR 9, user-bank LDM 9."""
    bench.warm(STACK)
    bench.registers[13] = STACK
    again(bench, "bl #0x80010100")
    assert bench.jump("pop {r4, pc}", CODE + 4) == 4
    assert again(bench, "pop {r4, pc}") == 9
    assert again(bench, "ldm r10, {r4, pc}") == 8
    assert again(bench, "ldr pc, [r10]") == 8
    assert again(bench, "ldr pc, [r10, -r0]") == 9
    assert again(bench, "ldm r10, {r4, pc}^") == 9
    assert again(bench, "ldrne pc, [r10]") == 8
    bench.cpsr = Z_SET
    assert again(bench, "ldrne pc, [r10]", CODE + 4) == 1


def test_load_of_pc_that_misses(bench: Any) -> None:
    """The word comes 57 cycles late; they are `data`."""
    bench.warm(STACK)
    before = bench.model.breakdown["data"]
    assert bench.jump("ldr pc, [r10, #32]", AHEAD) == 65
    assert bench.model.breakdown["data"] - before == 57


@pytest.mark.parametrize(("line", "cycles"), [("ldm r10, {r4, pc}", 65), ("rfeia r10", 66)])
def test_other_loads_of_pc_that_miss(bench: Any, line: str, cycles: int) -> None:
    """Their figures, 8 and 9, come behind the same 57 cycles."""
    bench.warm(STACK)
    bench.registers[10] = STACK + 32
    before = bench.model.breakdown["data"]
    assert bench.jump(line, AHEAD) == cycles
    assert bench.model.breakdown["data"] - before == 57


@pytest.mark.parametrize(
    ("line", "cycles"),
    [
        ("bx r1", 5), ("blx r1", 5), ("mov pc, r1", 6), ("add pc, r1, r2, lsl #2", 6),
        (".word 0xe1a0f211", 7), ("movs pc, lr", 9), ("subs pc, lr, #4", 9),
    ],
)  # fmt: skip
def test_other_changes(bench: Any, line: str, cycles: int) -> None:
    """Indirect branches cost m without a condition, ALU writes of PC their figure."""
    before = bench.model.breakdown["issue"]
    assert bench.jump(line, AHEAD) == cycles
    assert bench.model.breakdown["issue"] - before == 1


def test_run_ahead(bench: Any) -> None:
    """Where the line behind a branch is missing, four cycles go into asking for it, and again."""
    for _ in range(2):
        before = bench.model.events[0]
        assert again(bench, "bx r1", AHEAD, CODE + 0x3E0) == 9
        assert bench.model.events[0] - before == 1


def test_run_ahead_stops_at_the_page(bench: Any) -> None:
    """Behind the last line of a page nothing is asked for."""
    bench.word(0xE1A0_8008, CODE + 0xFE0)
    assert again(bench, "bx r1", AHEAD, CODE + 0xFE0) == 5


def test_run_ahead_after_dear_branches_only(bench: Any) -> None:
    """Not behind a predicted branch, nor behind an exception return."""
    again(bench, "bl #0x80010100", AHEAD, CODE + 0x3E0)
    assert again(bench, "bl #0x80010100", AHEAD, CODE + 0x3E0) == 1
    assert again(bench, "movs pc, lr", AHEAD, CODE + 0x3E0) == 9
