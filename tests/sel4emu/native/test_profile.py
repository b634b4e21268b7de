# SPDX-License-Identifier: BSD-2-Clause
"""Cycles by address: what a profile is made from, and that nothing gets lost."""

import pytest

from sel4emu.machine import Machine
from sel4emu.timing import TIMING_LEVELS
from tests.sel4emu.conftest import RAM, Bare

PROGRAM = """
    ldr r1, =0x80001000
    mov r2, #50
    again: str r2, [r1], #32
    ldr r3, [r1]
    bl work
    subs r2, r2, #1
    bne again
    svc #0
    done: b done
    work: mul r4, r3, r2
    add r5, r4, r4, lsl #2
    bx lr
    back: movs pc, lr
"""


class Profiled(Bare):
    """A bench whose machine keeps a profile."""

    def __init__(self, level: str) -> None:
        super().__init__(level)
        self.machine.cpu.start_profile()


@pytest.fixture(params=TIMING_LEVELS)
def profiled(request: pytest.FixtureRequest) -> Bare:
    """The program after it has run, profiled, with 77 modelled cycles in the end."""
    bench = Profiled(request.param)
    bench.load(PROGRAM, svc="back")
    bench.go()
    bench.machine.charge(77)
    return bench


def total(machine: Machine, name: str) -> int:
    return sum(row[name] for _place, row in machine.profile())


def test_sums_are_those_of_the_run(profiled: Bare) -> None:
    """Cycles, instructions and every cause add up to the machine's own, exactly."""
    machine = profiled.machine
    assert total(machine, "cycles") == machine.cycles
    assert total(machine, "instructions") == machine.counters["instructions"] == 405
    assert total(machine, "modelled") == 77
    for cause, cycles in machine.breakdown.items():
        assert total(machine, cause) == cycles, cause


def test_rows_are_instructions(profiled: Bare) -> None:
    """Each address has what was executed there; each row's causes add up to its cycles."""
    rows = dict(profiled.machine.cpu.profile_rows())
    labels = profiled.machine.symbols
    assert rows[labels["again"]]["instructions"] == 50
    assert rows[labels["work"] + 8]["instructions"] == 50
    assert rows[RAM]["instructions"] == 1
    for row in rows.values():
        causes = (row[name] for name in row if name not in ("cycles", "instructions"))
        assert row["cycles"] == sum(causes)


def test_profiling_changes_nothing(profiled: Bare) -> None:
    """The run counts the same without a profile."""
    plain = Bare(profiled.level)
    plain.load(PROGRAM, svc="back")
    plain.go()
    plain.machine.charge(77)
    assert dict(plain.machine.counters) == dict(profiled.machine.counters)


def test_more_addresses_than_rows() -> None:
    """What finds no row is counted elsewhere, and the sums stay."""
    bench = Profiled("off")
    count = 40_000
    bench.put(RAM, *[0xE1A0_0000] * count, 0xEAFF_FFFE)
    bench["pc"] = RAM
    bench.machine.run(cycles=count)
    assert total(bench.machine, "instructions") == count
    assert any(address is None for address, _row in bench.machine.cpu.profile_rows())
