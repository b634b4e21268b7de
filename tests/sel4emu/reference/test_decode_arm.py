# SPDX-License-Identifier: BSD-2-Clause
"""Rule 3's table for data processing and status registers, row by row."""

from collections.abc import Callable

import pytest

from sel4emu.reference.decode_arm import decode_arm
from sel4emu.reference.operation import FlowKind, Operation, Result
from sel4emu.reference.records import Control, Executed

Decode = Callable[..., Operation]


@pytest.mark.parametrize(
    ("line", "normal", "early", "late", "latency"),
    [
        ("add r1, r2, r3", (2, 3), (), (), 1),
        ("add r1, r2, #3", (2,), (), (), 1),
        ("mov r1, r3", (3,), (), (), 1),
        ("mvn r1, #3", (), (), (), 1),
        ("add r1, r2, r3, lsl #2", (2,), (3,), (), 1),
        ("add r1, r2, r3, rrx", (2,), (3,), (), 1),
        ("sub r1, r2, r3, lsr #32", (2,), (3,), (), 1),
        ("add r1, r2, r3, ror r4", (3,), (4,), (2,), 2),
        ("mov r1, r3, lsl r4", (3,), (4,), (), 2),
        ("clz r1, r3", (3,), (), (), 1),
        ("qadd r1, r2, r3", (2, 3), (), (), 2),
        ("qdsub r1, r2, r3", (2,), (3,), (), 2),
        ("mrs r1, cpsr", (), (), (), 1),
    ],
)
def test_sources(
    decode: Decode,
    line: str,
    normal: tuple[int, ...],
    early: tuple[int, ...],
    late: tuple[int, ...],
    latency: int,
) -> None:
    """Each operand is needed at its time, and the result comes after its latency."""
    operation = decode(line)
    assert operation.normal == normal and operation.early == early and operation.late == late
    assert operation.results == (Result(1, latency),)


@pytest.mark.parametrize(
    ("line", "issue"),
    [
        ("cmp r1, r2", 1),
        ("msr cpsr_f, r1", 1),
        ("msr cpsr_c, r1", 4),
        ("msr cpsr_fc, #0x10", 4),
        ("msr spsr_fc, r1", 5),
        ("cpsid i", 1),
        ("cpsid i, #0x13", 2),
        ("setend be", 1),
        ("svc #3", 1),
        (".word 0xe320f000", 1),
        (".word 0xe7f000f0", 1),
        (".word 0xe1200070", 1),
    ],
)
def test_issue_cycles(decode: Decode, line: str, issue: int) -> None:
    """Comparisons, status registers and hints cost their figure and have no result."""
    operation = decode(line)
    assert operation.issue == issue and not operation.results and operation.flow is None


@pytest.mark.parametrize("line", ["cmp r1, r2", "adds r1, r2, r3", "msr cpsr_f, r1"])
def test_flags_are_set(decode: Decode, line: str) -> None:
    """What writes the flags says so."""
    assert decode(line).sets_flags


@pytest.mark.parametrize("line", ["add r1, r2, r3", "msr cpsr_c, r1", "msr spsr_f, r1"])
def test_flags_are_kept(decode: Decode, line: str) -> None:
    """What leaves the flags alone does not."""
    assert not decode(line).sets_flags


@pytest.mark.parametrize(
    ("line", "kind", "figure"),
    [
        ("b #0x80010100", FlowKind.DIRECT, 0),
        ("bl #0x80010100", FlowKind.DIRECT, 0),
        ("blx #0x80010100", FlowKind.DIRECT, 0),
        ("bx lr", FlowKind.RETURN, 0),
        ("bx r1", FlowKind.INDIRECT, 0),
        ("bxj r1", FlowKind.INDIRECT, 0),
        ("blx r1", FlowKind.INDIRECT, 0),
        ("mov pc, lr", FlowKind.RETURN, 0),
        ("mov pc, r1", FlowKind.WRITE, 6),
        ("add pc, pc, r1", FlowKind.WRITE, 6),
        (".word 0xe1a0f211", FlowKind.WRITE, 7),
        ("movs pc, lr", FlowKind.EXCEPTION_RETURN, 9),
        ("subs pc, lr, #4", FlowKind.EXCEPTION_RETURN, 9),
    ],
)
def test_changes_of_flow(decode: Decode, line: str, kind: FlowKind, figure: int) -> None:
    """Each kind of rule 5 is recognised, with its figure if it has one."""
    flow = decode(line).flow
    assert flow is not None and flow.kind is kind and flow.figure == figure


def test_calls_and_directions(decode: Decode) -> None:
    """BL and BLX call and do not fold; the sign of the offset is the direction."""
    ahead, back, call = (decode(line).flow for line in (
        "b #0x80010100", "b #0x8000ff00", "bl #0x80010100"
    ))  # fmt: skip
    assert ahead and back and call
    assert ahead.foldable and not ahead.backward and not ahead.call
    assert back.backward and call.call and not call.foldable


def test_every_word_decodes(control: Control, figures: dict[str, int]) -> None:
    """No word makes the decoder fail, and each issues for a cycle at least."""
    registers = (0x8000_0000,) * 15 + (0x8001_0000,)
    for high in range(1 << 12):
        for low in (0x000, 0x010, 0x090, 0x0B0, 0x0D0, 0x0F0, 0xA10, 0xB41, 0xFF7, 0xF3F):
            word = high << 20 | 0x1F00 << 4 | low
            executed = Executed(0x8001_0000, word, 4, False, registers, 0x13)
            assert decode_arm(word, executed, control, figures).issue >= 1
