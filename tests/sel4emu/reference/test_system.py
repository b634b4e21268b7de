# SPDX-License-Identifier: BSD-2-Clause
"""Rule 9 in cycles, and what system operations throw away."""

from collections.abc import Callable
from typing import Any

import pytest

CODE = 0x8001_0000
DATA = 0x8000_0000
OTHER_SECTION = 0x8010_0000
L2CC = 0x3000_0000
DSB = "mcr p15, 0, r0, c7, c10, 4"
DMB = "mcr p15, 0, r0, c7, c10, 5"
ISB = "mcr p15, 0, r0, c7, c5, 4"
BRANCH = "b #0x80010100"


@pytest.mark.parametrize(("line", "cycles"), [(DSB, 11), (DMB, 2), (ISB, 6)])
def test_barriers_at_rest(bench: Any, line: str, cycles: int) -> None:
    """With nothing on its way, a barrier costs its figure behind its issue cycle."""
    assert bench.spent(line) == {"issue": 1, "system": cycles - 1}


@pytest.mark.parametrize(("line", "drains"), [(DSB, 1), (DMB, 1), (ISB, 0)])
def test_drains_are_counted(bench: Any, line: str, drains: int) -> None:
    """DSB and DMB are event 0x12."""
    assert bench.events(line).get(0x12, 0) == drains


def test_barrier_waits_for_buffers_and_bus(bench: Any) -> None:
    """A missing store drains for 12 cycles from 0, a fill holds the bus for 72."""
    bench.warm(DATA)
    assert bench.spent("str r1, [r10, #32]", DSB)["write_buffer"] == 10
    bench.rest()
    assert bench.spent("ldr r1, [r10, #64]", DMB)["write_buffer"] == 70


#: Operations, their operand, and the lines that they examine.
LINES = [
    ("mcr p15, 0, r0, c7, c5, 0", 0, 512),
    ("mcr p15, 0, r0, c7, c5, 1", CODE, 1),
    ("mcr p15, 0, r0, c7, c6, 0", 0, 512),
    ("mcr p15, 0, r0, c7, c7, 0", 0, 1024),
    ("mcr p15, 0, r0, c7, c10, 0", 0, 512),
    ("mcr p15, 0, r0, c7, c10, 1", DATA, 1),
    ("mcr p15, 0, r0, c7, c14, 0", 0, 512),
    ("mcr p15, 0, r0, c7, c14, 2", 0, 1),
    ("mcr p15, 0, r0, c7, c5, 6", 0, 0),
    ("mcr p15, 0, r0, c8, c7, 0", 0, 0),
]


@pytest.mark.parametrize(("line", "operand", "lines"), LINES, ids=[row[0] for row in LINES])
def test_lines_examined(bench: Any, line: str, operand: int, lines: int) -> None:
    """One cycle for each line behind the issue cycle."""
    bench.registers[0] = operand
    assert bench.cost(line) == 1 + lines


def test_range(bench: Any) -> None:
    """From DATA + 4 to DATA + 64 are three lines."""
    bench.registers[1], bench.registers[2] = DATA + 64, DATA + 4
    assert bench.cost("mcrr p15, #0, r1, r2, c14") == 4


@pytest.mark.parametrize(
    ("line", "halves", "kept"),
    [
        ("mcr p15, 0, r10, c7, c6, 1", 0, False),
        ("mcr p15, 0, r10, c7, c10, 1", 1, True),
        ("mcr p15, 0, r10, c7, c14, 1", 1, False),
        ("mcr p15, 0, r0, c7, c10, 2", 1, True),
        ("mcr p15, 0, r0, c7, c14, 0", 1, False),
        ("mcrr p15, #0, r10, r10, c12", 1, True),
        ("mcrr p15, #0, r10, r10, c6", 0, False),
    ],
)
def test_data_operations(bench: Any, line: str, halves: int, kept: bool) -> None:
    """Cleaning writes a dirty half line; invalidation drops the line, dirty or not."""
    bench.warm(DATA)
    bench.run("str r1, [r10]")
    assert bench.events(line).get(0x0C, 0) == halves
    bench.rest()
    assert (0x0B not in bench.events("ldr r1, [r10]")) == kept


def test_cleaning_waits_for_the_buffer(bench: Any) -> None:
    """Three dirty lines of two halves: the second and the third wait for 16 cycles less one."""
    bench.warm(DATA)
    bench.registers[1], bench.registers[2] = DATA + 95, DATA
    for offset in (32, 64):
        bench.warm(DATA + offset)
    bench.registers[10] = DATA
    bench.run(*[f"str r3, [r10, #{offset}]" for offset in range(0, 96, 16)])
    assert bench.spent("mcrr p15, #0, r1, r2, c12") == {
        "issue": 1, "system": 3, "write_buffer": 30
    }  # fmt: skip


def test_instruction_operations(bench: Any) -> None:
    """What is invalid is fetched again: the line of the next instruction at once."""
    bench.registers[0] = CODE
    assert bench.spent("mcr p15, 0, r0, c7, c5, 1", "mov r8, r8")["fetch"] == 56
    bench.rest()
    assert "fetch" not in bench.spent("mcr p15, 0, r0, c7, c5, 6", "mov r8, r8")


@pytest.mark.parametrize(
    ("line", "cycles"),
    [
        ("mcr p15, 0, r0, c7, c5, 6", 4),
        ("mcr p15, 0, r0, c13, c0, 1", 4),
        ("mcr p15, 0, r1, c7, c5, 7", 4),
        ("mcr p15, 0, r0, c7, c5, 7", 0),
        ("mcr p15, 0, r0, c2, c0, 0", 0),
    ],
)
def test_branch_target_cache(bench: Any, line: str, cycles: int) -> None:
    """A branch that would be folded costs 4 once it has been forgotten."""
    bench.registers[1] = CODE
    bench.jump(BRANCH, CODE)
    bench.rest(20)
    bench.address = CODE + 0x40
    bench.run(line)
    bench.rest(20)
    assert bench.jump(BRANCH, CODE) == cycles


#: Operations, the pages looked up in tables by a load and a fetch behind, and refills.
TRANSLATION = [
    ("mcr p15, 0, r0, c8, c7, 0", 2, 2),
    ("mcr p15, 0, r10, c8, c7, 1", 1, 2),
    ("mcr p15, 0, r0, c8, c6, 2", 0, 2),
    ("mcr p15, 0, r0, c1, c0, 0", 0, 2),
    ("mcr p15, 0, r0, c13, c0, 0", 0, 2),
    ("mcr p15, 0, r0, c13, c0, 1", 0, 0),
    ("mcr p15, 0, r0, c3, c0, 0", 0, 0),
]


@pytest.mark.parametrize(("line", "walks", "refills"), TRANSLATION, ids=[r[0] for r in TRANSLATION])
def test_translation_is_forgotten(bench: Any, line: str, walks: int, refills: int) -> None:
    """Which operations empty the micro TLBs, and which the main one."""
    bench.warm(OTHER_SECTION)
    events = bench.events(line, "ldr r1, [r10]")
    assert events.get(0x0F, 0) == walks
    assert events.get(0x03, 0) + events.get(0x04, 0) == refills


def test_l2_maintenance(bench_with: Callable[..., Any]) -> None:
    """Cleaning all ways examines 4096 lines for 4 cycles each and writes the dirty one for 16."""
    bench = bench_with(l2_enabled=True)
    bench.warm(DATA)
    bench.run("str r1, [r10, #32]")
    bench.registers[7], bench.registers[1] = L2CC, 0xFF
    bench.run("ldr r2, [r7]")
    bench.rest()
    assert bench.spent("str r1, [r7, #0x7bc]") == {"issue": 1, "device": 4096 * 4 + 16}
    bench.rest()
    assert bench.spent("str r1, [r7, #0x7bc]") == {"issue": 1, "device": 4096 * 4}
    bench.rest()
    assert bench.spent("str r1, [r7, #0x730]") == {"issue": 1}


def test_l2_invalidation(bench_with: Callable[..., Any]) -> None:
    """A line dropped from L2 by address is read from memory again."""
    bench = bench_with(l2_enabled=True)
    bench.warm(DATA)
    bench.registers[7], bench.registers[1] = L2CC, DATA
    bench.run("str r1, [r7, #0x770]", "mcr p15, 0, r10, c7, c6, 1")
    bench.rest(800)
    assert bench.cost("ldr r1, [r10]", "add r2, r1, r3") == 97
