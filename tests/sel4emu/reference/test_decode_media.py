# SPDX-License-Identifier: BSD-2-Clause
"""Rule 3's table of media instructions, row by row."""

from collections.abc import Callable

import pytest

from sel4emu.reference.operation import Operation, Result

#: line, normal, early, latency.
ROWS = [
    ("sadd16 r1, r2, r3", (2, 3), (), 1),
    ("uhsub8 r1, r2, r3", (2, 3), (), 1),
    ("qadd16 r1, r2, r3", (2, 3), (), 2),
    ("uqsub8 r1, r2, r3", (2, 3), (), 2),
    ("sel r1, r2, r3", (2, 3), (), 1),
    ("pkhbt r1, r2, r3", (2,), (3,), 1),
    ("pkhtb r1, r2, r3, asr #3", (2,), (3,), 1),
    ("sxtb r1, r3", (3,), (), 1),
    ("uxth r1, r3, ror #8", (), (3,), 1),
    ("sxtah r1, r2, r3", (2,), (3,), 1),
    ("uxtab16 r1, r2, r3", (2,), (3,), 1),
    ("rev r1, r3", (3,), (), 1),
    ("rev16 r1, r3", (3,), (), 1),
    ("revsh r1, r3", (3,), (), 1),
    ("ssat r1, #8, r3", (), (3,), 2),
    ("usat r1, #8, r3, lsl #2", (), (3,), 2),
    ("ssat16 r1, #8, r3", (3,), (), 2),
    ("usat16 r1, #8, r3", (3,), (), 2),
]


@pytest.mark.parametrize(("line", "normal", "early", "latency"), ROWS, ids=[r[0] for r in ROWS])
def test_media(
    decode: Callable[..., Operation],
    line: str,
    normal: tuple[int, ...],
    early: tuple[int, ...],
    latency: int,
) -> None:
    """One issue cycle; what passes the shifter is early, what saturates comes a cycle late."""
    operation = decode(line)
    assert operation.issue == 1 and operation.normal == normal and operation.early == early
    assert operation.results == (Result(1, latency),)


@pytest.mark.parametrize(
    ("line", "late"), [("usad8 r1, r3, r4", ()), ("usada8 r1, r3, r4, r2", (2,))]
)
def test_sums_of_differences(
    decode: Callable[..., Operation], line: str, late: tuple[int, ...]
) -> None:
    """Both operands are early, what is added late; it is no multiply, and its sum takes three."""
    operation = decode(line)
    assert operation.issue == 1 and not operation.normal and not operation.multiplies
    assert sorted(operation.early) == [3, 4] and operation.late == late
    assert operation.results == (Result(1, 3),)


@pytest.mark.parametrize("word", [0xE600_1F12, 0xE610_1FB2, 0xE7F0_00F0, 0xE6FF_1F33])
def test_undefined(decode: Callable[..., Operation], word: int) -> None:
    """Words that name no instruction of ARMv6 count a cycle and nothing else."""
    operation = decode(f".word {word}")
    assert operation == Operation(issue=1)
