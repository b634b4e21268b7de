# SPDX-License-Identifier: BSD-2-Clause
"""Rule 3's table of multiplies, row by row."""

from collections.abc import Callable

import pytest

from sel4emu.reference.operation import Operation, Result

#: line, issue, normal, accumulators, late; all need r3 and r4 early.
ROWS = [
    ("mul r1, r3, r4", 2, (), (), ()),
    ("mla r1, r3, r4, r2", 2, (), (), (2,)),
    ("muls r1, r3, r4", 5, (), (), ()),
    ("smulbt r1, r3, r4", 1, (), (), ()),
    ("smlatb r1, r3, r4, r2", 1, (), (2,), ()),
    ("smulwb r1, r3, r4", 1, (), (), ()),
    ("smlawt r1, r3, r4, r2", 1, (), (2,), ()),
    ("smuad r1, r3, r4", 1, (), (), ()),
    ("smlsd r1, r3, r4, r2", 1, (), (2,), ()),
    ("smmul r1, r3, r4", 2, (), (), ()),
    ("smmla r1, r3, r4, r2", 2, (), (), (2,)),
    ("smmls r1, r3, r4, r2", 2, (), (), (2,)),
    ("umull r1, r2, r3, r4", 3, (), (), ()),
    ("smulls r1, r2, r3, r4", 6, (), (), ()),
    ("umlal r1, r2, r3, r4", 3, (2,), (), (1,)),
    ("umaal r1, r2, r3, r4", 3, (2,), (), (1,)),
    ("smlalbb r1, r2, r3, r4", 2, (), (1,), (2,)),
    ("smlald r1, r2, r3, r4", 2, (), (1,), (2,)),
    ("smlsld r1, r2, r3, r4", 2, (), (1,), (2,)),
]
LATENCIES = {
    "mul": (4,), "mla": (4,), "smm": (4,), "smu": (3,), "sml": (3,),
    "umu": (4, 5), "uml": (4, 5), "uma": (4, 5), "smull": (4, 5),
    "smlal": (3, 4), "smlsl": (3, 4),
}  # fmt: skip


@pytest.mark.parametrize(
    ("line", "issue", "normal", "accumulators", "late"), ROWS, ids=[row[0] for row in ROWS]
)
def test_multiplies(
    decode: Callable[..., Operation],
    line: str,
    issue: int,
    normal: tuple[int, ...],
    accumulators: tuple[int, ...],
    late: tuple[int, ...],
) -> None:
    """Issue cycles, sources by time, and the latency of each half of the product."""
    operation = decode(line)
    assert operation.issue == issue and sorted(operation.early) == [3, 4]
    assert operation.normal == normal and operation.accumulators == accumulators
    assert operation.late == late and operation.multiplies
    latencies = LATENCIES.get(line[:5]) or LATENCIES[line[:3]]
    assert operation.results == tuple(Result(1 + i, value) for i, value in enumerate(latencies))


def test_flags(decode: Callable[..., Operation]) -> None:
    """Only the forms with S set the flags."""
    assert decode("muls r1, r3, r4").sets_flags and not decode("mul r1, r3, r4").sets_flags
    assert decode("umulls r1, r2, r3, r4").sets_flags
