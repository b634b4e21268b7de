# SPDX-License-Identifier: BSD-2-Clause
"""Rules 1 to 3 on sequences whose totals were worked out by hand."""

from collections.abc import Callable
from typing import Any

import pytest

from sel4emu.reference.operation import Operation, Result
from sel4emu.reference.pipeline import Clock, Scoreboard

DATA = 0x8000_0000

#: Sequences that work on data in the cache, and the cycles up to the issue behind them.
TOTALS = [
    (("ldr r1, [r10]", "add r2, r3, r4"), 2),
    (("add r1, r2, r3", "add r4, r1, r5"), 2),
    (("ldr r1, [r10]", "add r2, r1, r3"), 4),
    (("mov r7, r10", "ldr r1, [r7]"), 3),
    (("ldr r1, [r10]", "add r2, r3, r1, lsl #1"), 5),
    (("ldr r1, [r10]", "str r1, [r10]"), 4),
    (("add r1, r2, r3", "add r4, r5, r1, lsl #1"), 3),
    (("mul r1, r2, r3", "add r4, r1, r5"), 5),
    (("mul r1, r2, r3", "mul r4, r1, r5"), 7),
    (("mul r1, r2, r3", "mla r4, r5, r6, r1"), 5),
    (("muls r1, r2, r3", "add r4, r5, r6"), 6),
    (("umull r1, r2, r3, r4", "add r5, r1, r2"), 6),
    (("smulbb r1, r2, r3", "add r4, r1, r5"), 4),
    (("mov r1, r2, lsl r3", "add r4, r1, r5"), 3),
    (("qadd r1, r2, r3", "add r4, r1, r5"), 3),
    (("mov r1, r2", "mov r4, r5, lsl r1"), 4),
    (("ldr r1, [r10]", "mov r4, r1, lsl r5"), 5),
    (("usad8 r1, r2, r3", "add r4, r1, r5"), 4),
    (("usad8 r1, r2, r3", "usada8 r4, r5, r6, r1"), 3),
    (("ldr r1, [r10]", "usad8 r4, r1, r5"), 5),
    (("smulbb r1, r2, r3", "smlabb r4, r5, r6, r1"), 3),
    (("mul r1, r2, r3", "smlad r4, r5, r6, r1"), 4),
    (("smulbb r1, r2, r3", "smlalbb r1, r4, r5, r6"), 4),
    (("mul r1, r2, r3", "smlsld r1, r4, r5, r6"), 5),
    (("ldr r1, [r10]", "smlawb r4, r5, r6, r1"), 4),
    (("usad8 r1, r2, r3", "smlabb r4, r5, r6, r1"), 4),
    (("smulbb r1, r2, r3", "umlal r4, r1, r5, r6"), 6),
    (("mul r1, r2, r3", "mov r1, r2", "qadd r1, r2, r3", "smlabb r4, r5, r6, r1"), 6),
    (("smulbb r1, r2, r3", "smulbbeq r1, r2, r3", "smlabb r4, r5, r6, r1"), 3),
    (("strd r4, r5, [r10, -r0]", "mov r5, #0"), 4),
    (("mov r1, r2", "add r4, r1, r5, lsl r6"), 3),
    (("ldm r10, {r1-r7}", "add r8, r3, r8"), 5),
    (("stm r10, {r1-r7}", "mov r6, #0"), 5),
    (("ldm r10, {r1-r7}", "ldr r8, [r10]"), 5),
    (("ldr r1, [r10]", "mov r1, r2", "add r3, r1, r4"), 3),
    (("ldr r1, [r10]", "ldm r10, {r1, r2}"), 4),
]


@pytest.mark.parametrize(("lines", "cycles"), TOTALS, ids=[" ; ".join(x) for x, _ in TOTALS])
def test_totals(bench: Any, lines: tuple[str, ...], cycles: int) -> None:
    """A sequence takes what its issue cycles and its waits add up to."""
    bench.warm(DATA)
    bench.registers[7] = DATA
    assert bench.cost(*lines) == cycles


def test_pointer_chase(bench: Any) -> None:
    """A load through a loaded base issues four cycles behind it: five in all."""
    bench.warm(DATA)
    bench.registers[1] = DATA
    assert bench.cost("ldr r1, [r10]", "ldr r2, [r1]") == 5


def test_failed_condition_waits_for_its_sources(bench: Any) -> None:
    """ADDEQ costs a cycle when it fails, behind the load of its source."""
    bench.warm(DATA)
    assert bench.spent("ldr r1, [r10]", "addeq r2, r1, r3") == {"issue": 2, "interlock": 2}


def test_opposite_condition_does_not_wait(bench: Any) -> None:
    """What LDRNE loads, ADDEQ does not wait for; after an unconditional load it would."""
    bench.warm(DATA)
    assert bench.cost("ldrne r1, [r10]", "addeq r2, r1, r3") == 2
    assert bench.cost("ldr r1, [r10]", "addeq r2, r1, r3") == 4


def test_failed_instruction_writes_nothing(bench: Any) -> None:
    """A load that fails delays nobody."""
    bench.warm(DATA)
    assert bench.cost("ldreq r1, [r10]", "add r2, r1, r3") == 2


def test_wait_for_the_unit_is_counted(bench: Any) -> None:
    """LDM of seven words holds the unit for four cycles, three of which the next load waits."""
    bench.warm(DATA)
    assert bench.events("ldm r10, {r1-r7}", "ldr r8, [r10]")[0x11] == 3


def test_clock_splits_time_by_cause() -> None:
    """Waiting for what has come costs nothing; the sum of the causes is the time."""
    clock = Clock()
    clock.spend("issue", 5)
    clock.wait("device", 3)
    clock.wait("data", 9)
    assert clock.now == 9 and clock.breakdown["data"] == 4 and not clock.breakdown["device"]
    assert sum(clock.breakdown.values()) == clock.now


def test_wait_is_data_until_the_miss_is_over(figures: dict[str, int]) -> None:
    """Of a wait from 0 to 10 with a miss until 6, six cycles are data and four interlock."""
    board, clock = Scoreboard(figures), Clock()
    board.miss_until = 6
    board.wait(clock, 10)
    assert clock.breakdown["data"] == 6 and clock.breakdown["interlock"] == 4


def test_results_and_write_back(figures: dict[str, int]) -> None:
    """A result of latency 3, two late, can be read at 15 and be an address at 16; a base at 11."""
    board = Scoreboard(figures)
    operation = Operation(1, results=(Result(1, 3, loaded=True),), writeback=(2,), locks=((4, 2),))
    board.record(operation, 10, 2)
    assert (board.ready[1], board.address[1]) == (15, 16)
    assert (board.ready[2], board.address[2]) == (11, 11)
    assert board.lock[4] == 12


def test_decoded_pc_is_always_ready(decode: Callable[..., Operation]) -> None:
    """PC as a source never waits."""
    board = Scoreboard({f"instruction.{x}": 1 for x in ("early", "late")} | {
        "load_store.writeback_latency": 1
    })  # fmt: skip
    board.ready[15] = board.address[15] = 99
    assert board.issue_time(decode("add r1, pc, r2")) == 0
    assert board.issue_time(decode("ldr r1, [pc, #4]")) == 0
