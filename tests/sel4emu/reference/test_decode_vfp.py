# SPDX-License-Identifier: BSD-2-Clause
"""Rule 10 on encodings of ARM ARM C4, doubles being registers 16 to 31."""

from collections.abc import Callable
from typing import Any

import pytest

from sel4emu.reference.operation import Operation

#: word, sources, busy, latency; operands are d1, d2, d3 or s2, s4, s6.
ARITHMETIC = [
    (0xEE32_1B03, (18, 19), 1, 8),  # faddd
    (0xEE32_1A03, (18, 19), 1, 8),  # fadds
    (0xEE22_1B03, (18, 19), 2, 9),  # fmuld
    (0xEE22_1A03, (18, 19), 1, 8),  # fmuls
    (0xEE02_1B03, (18, 19, 17), 2, 9),  # fmacd
    (0xEE82_1A03, (18, 19), 15, 19),  # fdivs
    (0xEE82_1B03, (18, 19), 29, 33),  # fdivd
    (0xEEB1_1BC3, (19,), 29, 33),  # fsqrtd
    (0xEEB0_1B43, (19,), 1, 8),  # fcpyd
]


@pytest.mark.parametrize(("word", "sources", "busy", "latency"), ARITHMETIC)
def test_arithmetic(
    decode: Callable[..., Operation], word: int, sources: tuple[int, ...], busy: int, latency: int
) -> None:
    """Sources, the unit's occupation and the latency of the result."""
    operation = decode(f".word {word}")
    assert operation.vfp and (operation.vfp.busy, operation.vfp.latency) == (busy, latency)
    assert operation.normal == sources
    assert [(r.register, r.latency) for r in operation.results] == [(17, latency)]


def test_compare_has_no_result(decode: Callable[..., Operation]) -> None:
    """FCMPD leaves its outcome in the unit; FMSTAT waits for it and sets the flags."""
    compare, status = decode(".word 0xeeb41b43"), decode(".word 0xeef1fa10")
    assert compare.normal == (17, 19) and not compare.results
    assert status.sets_flags and status.vfp and status.vfp.waits_for_last


def test_transfers(decode: Callable[..., Operation]) -> None:
    """FMSR takes two cycles to arrive, FMRS three, both halves of a double are one register."""
    there, back = decode(".word 0xee011a10"), decode(".word 0xee111a10")
    assert [(r.register, r.latency) for r in there.results] == [(17, 2)] and there.normal == (1,)
    assert [(r.register, r.latency) for r in back.results] == [(1, 3)] and back.normal == (17,)


def test_loads(decode: Callable[..., Operation]) -> None:
    """FLDD at a doubleword takes the unit one cycle; FLDMIAD of three doubles takes three."""
    one, three = decode(".word 0xed921b00", r2=0x1000), decode(".word 0xec921b06", r2=0x1000)
    assert one.memory_cycles == 1 and one.results[-1].latency == 4
    assert three.memory_cycles == 3 and three.access and three.access.size == 24
    assert [r.latency for r in three.results] == [4, 4, 5, 5, 6, 6]


def test_off_until_switched_on(bench: Any) -> None:
    """Without CPACR and FPEXC an operation is undefined: it leaves no result to wait for."""
    faddd, fmrdl = 0xEE32_1B03, 0xEE11_1B10
    start = bench.model.cycles
    bench.word(faddd)
    bench.word(fmrdl)
    assert bench.model.cycles - start == 2
    bench.registers[1], bench.registers[2] = 0xF << 20, 1 << 30
    bench.run("mcr p15, 0, r1, c1, c0, 2")
    bench.word(0xEEE8_2A10)
    start = bench.model.cycles
    bench.word(faddd)
    bench.word(fmrdl)
    assert bench.model.cycles - start == 9


def test_unit_busy(bench: Any) -> None:
    """A division keeps the next operation waiting for its 29 cycles."""
    bench.registers[1], bench.registers[2] = 0xF << 20, 1 << 30
    bench.run("mcr p15, 0, r1, c1, c0, 2")
    bench.word(0xEEE8_2A10)
    start = bench.model.cycles
    bench.word(0xEE82_1B03)
    bench.word(0xEE35_4B06)
    assert bench.model.cycles - start == 30
