# SPDX-License-Identifier: BSD-2-Clause
"""GPT: compares, restart and free run, rollover, soft reset."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sel4emu.devices import gpt

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sel4emu.conftest import Bare
    from tests.sel4emu.devices.conftest import Bench

IPG_CYCLES = 8
IPG = 1 << gpt.CR_CLKSRC_LOW
FREE = gpt.CR_EN | gpt.CR_ENMOD | gpt.CR_FRR | IPG
RESTART = gpt.CR_EN | gpt.CR_ENMOD | IPG


@pytest.fixture
def timer(bench: Bench) -> gpt.Gpt:
    """A GPT after reset."""
    return gpt.Gpt(
        "gpt",
        0x53F9_0000,
        0x4000,
        bench.wiring(),
    )


def test_reset_state(bench: Bench, timer: gpt.Gpt) -> None:
    """The compare registers read all ones, everything else 0."""
    values = [bench.load(timer, offset) for offset in range(0, 0x28, 4)]
    assert values == [0, 0, 0, 0, *[0xFFFF_FFFF] * 3, 0, 0, 0]


def test_reset_and_start_as_kernels_do(bench: Bench, timer: gpt.Gpt) -> None:
    """CR = 0x8000 and then 0x243 makes a free-running counter of the peripheral clock."""
    bench.store(timer, (gpt.CR, 0x8000), (gpt.CR, 0x243))
    bench.run_to(12_345 * IPG_CYCLES + 7)
    assert bench.load(timer, gpt.CNT) == 12_345
    assert bench.load(timer, gpt.CR) == 0x243


def test_prescaler_divides_the_clock(bench: Bench, timer: gpt.Gpt) -> None:
    """PR n divides by n + 1."""
    bench.store(timer, (gpt.PR, 65), (gpt.CR, FREE))
    bench.run_to(66 * 10 * IPG_CYCLES - 1)
    assert bench.load(timer, gpt.CNT) == 9
    bench.run_to(66 * 10 * IPG_CYCLES)
    assert bench.load(timer, gpt.CNT) == 10


def test_three_compares_in_free_run(bench: Bench, timer: gpt.Gpt) -> None:
    """Each compare register sets its own flag in its cycle; the counter goes on."""
    bench.store(timer, (gpt.OCR1, 100), (gpt.OCR2, 200), (gpt.OCR3, 150), (gpt.IR, 7))
    bench.store(timer, (gpt.CR, FREE))
    seen = []
    for tick in (100, 150, 200):
        bench.run_to(tick * IPG_CYCLES)
        seen.append(bench.load(timer, gpt.SR))
        bench.store(timer, (gpt.SR, 0x3F))
    assert seen == [gpt.SR_OF1, gpt.SR_OF3, gpt.SR_OF2]
    assert bench.rises() == [100 * IPG_CYCLES, 150 * IPG_CYCLES, 200 * IPG_CYCLES]
    assert bench.load(timer, gpt.CNT) == 200


def test_restart_mode_counts_from_zero_after_the_first_compare(
    bench: Bench, timer: gpt.Gpt
) -> None:
    """The counter goes 0 to OCR1 and again to 0: a period is OCR1 + 1 ticks."""
    bench.store(timer, (gpt.OCR1, 9), (gpt.IR, gpt.SR_OF1), (gpt.CR, RESTART))
    for period in range(5):
        bench.run_to((9 + 10 * period) * IPG_CYCLES)
        assert bench.load(timer, gpt.CNT) == 9
        bench.store(timer, (gpt.SR, gpt.SR_OF1))
    assert bench.rises() == [(9 + 10 * period) * IPG_CYCLES for period in range(5)]


def test_writing_the_first_compare_register_restarts(bench: Bench, timer: gpt.Gpt) -> None:
    """In restart mode a write to OCR1 sets the counter to 0; in free run it does not."""
    bench.store(timer, (gpt.CR, RESTART))
    bench.run_to(50 * IPG_CYCLES)
    bench.store(timer, (gpt.OCR1, 1000))
    assert bench.load(timer, gpt.CNT) == 0
    bench.run_to(60 * IPG_CYCLES)
    bench.store(timer, (gpt.CR, FREE), (gpt.OCR1, 2000))
    assert bench.load(timer, gpt.CNT) == 10


def test_rollover_sets_its_flag(bench: Bench, timer: gpt.Gpt) -> None:
    """ROV is set where the counter goes from all ones to 0, at its exact cycle."""
    bench.store(timer, (gpt.IR, gpt.SR_ROV), (gpt.CR, FREE))
    cycle = (1 << 32) * IPG_CYCLES
    bench.run_to(cycle - 1)
    assert bench.load(timer, gpt.CNT) == 0xFFFF_FFFF
    assert not bench.level
    bench.run_to(cycle)
    assert bench.load(timer, gpt.CNT) == 0
    assert bench.load(timer, gpt.SR) & gpt.SR_ROV
    assert bench.rises() == [cycle]


def test_counter_beyond_the_restart_value_overflows_first(bench: Bench, timer: gpt.Gpt) -> None:
    """Switched to restart mode above OCR1, the counter goes on to all ones and from there to 0."""
    bench.store(timer, (gpt.OCR1, 10), (gpt.OCR2, 400), (gpt.CR, FREE))
    bench.run_to(300 * IPG_CYCLES)
    bench.store(timer, (gpt.SR, 0x3F), (gpt.CR, RESTART))
    bench.run_to(500 * IPG_CYCLES)
    assert bench.load(timer, gpt.CNT) == 500
    assert bench.load(timer, gpt.SR) == gpt.SR_OF2
    bench.run_to(((1 << 32) + 12) * IPG_CYCLES)
    assert bench.load(timer, gpt.CNT) == 1
    assert bench.load(timer, gpt.SR) == gpt.SR_OF1 | gpt.SR_OF2 | gpt.SR_OF3 | gpt.SR_ROV
    bench.store(timer, (gpt.SR, 0x3F))
    bench.run_to(((1 << 32) + 100) * IPG_CYCLES)
    assert bench.load(timer, gpt.SR) == gpt.SR_OF1, "restarting is no overflow"


def test_single_overflow_interrupts_at_its_cycle(bench: Bench, timer: gpt.Gpt) -> None:
    """ROV of a counter on its way from above OCR1 to 0."""
    bench.store(timer, (gpt.CR, FREE))
    bench.run_to(300 * IPG_CYCLES)
    bench.store(timer, (gpt.CR, RESTART), (gpt.IR, gpt.SR_ROV))
    assert bench.load(timer, gpt.CNT) == 300
    bench.store(timer, (gpt.CR, FREE), (gpt.OCR1, 10), (gpt.CR, RESTART))
    bench.run_to(((1 << 32) + 1000) * IPG_CYCLES)
    assert bench.rises() == [(1 << 32) * IPG_CYCLES]


def test_disabled_counter_stands_and_raises_nothing(bench: Bench, timer: gpt.Gpt) -> None:
    """Without EN the counter keeps its value and the line is low even with a flag set."""
    bench.store(timer, (gpt.OCR1, 5), (gpt.IR, 1), (gpt.CR, FREE))
    bench.run_to(10 * IPG_CYCLES)
    assert bench.level
    bench.store(timer, (gpt.CR, FREE & ~gpt.CR_EN))
    bench.run_to(99 * IPG_CYCLES)
    assert bench.load(timer, gpt.CNT) == 10
    assert not bench.level


def test_soft_reset_clears_all_but_some_control_bits(bench: Bench, timer: gpt.Gpt) -> None:
    """SWR keeps EN and ENMOD; the clock source goes off and the counter to 0."""
    bench.store(timer, (gpt.OCR1, 5), (gpt.IR, 1), (gpt.PR, 3), (gpt.CR, FREE))
    bench.run_to(10_000)
    bench.store(timer, (gpt.CR, FREE | gpt.CR_SWR))
    assert bench.load(timer, gpt.CR) == gpt.CR_EN | gpt.CR_ENMOD
    assert [bench.load(timer, at) for at in (gpt.PR, gpt.SR, gpt.IR, gpt.CNT)] == [0, 0, 0, 0]
    assert bench.load(timer, gpt.OCR1) == 0xFFFF_FFFF
    assert bench.events.owners() == frozenset()


@pytest.mark.parametrize(
    ("source", "hertz"),
    [(0, 0), (1, 66_500_000), (2, 66_500_000), (3, 0), (4, 32_768), (5, 32_768), (7, 32_768)],
)
def test_clock_sources(bench: Bench, timer: gpt.Gpt, source: int, hertz: int) -> None:
    """None, IPG, peripheral, the external pin (which is idle), and the crystal."""
    bench.store(timer, (gpt.CR, gpt.CR_EN | gpt.CR_FRR | source << gpt.CR_CLKSRC_LOW))
    bench.run_to(bench.clocks.cpu)
    assert bench.load(timer, gpt.CNT) == hertz


def test_enmod_clear_resumes(bench: Bench, timer: gpt.Gpt) -> None:
    """Without ENMOD a counter that is enabled again goes on; with it, it starts at 0."""
    running = FREE & ~gpt.CR_ENMOD
    bench.store(timer, (gpt.CR, running))
    bench.run_to(100 * IPG_CYCLES)
    bench.store(timer, (gpt.CR, running & ~gpt.CR_EN), (gpt.CR, running))
    assert bench.load(timer, gpt.CNT) == 100
    bench.store(timer, (gpt.CR, running & ~gpt.CR_EN), (gpt.CR, FREE))
    assert bench.load(timer, gpt.CNT) == 0


def test_captures_and_forced_compares_do_nothing(bench: Bench, timer: gpt.Gpt) -> None:
    """No pin is connected: ICR1 and ICR2 stay 0, FO reads 0, modes are kept, no flag is set."""
    bench.store(timer, (gpt.CR, 0xFFFF_0000 | FREE))
    assert bench.load(timer, gpt.CR) == 0x1FFF_0000 | FREE
    bench.run_to(1000 * IPG_CYCLES)
    assert bench.load(timer, gpt.ICR1) == bench.load(timer, gpt.ICR2) == 0
    assert bench.load(timer, gpt.SR) == 0


def test_kernel_reads_time(boot: Callable[..., Bare]) -> None:
    """CR = 0x8000, then 0x243: the counter advances while the program runs."""
    bare = boot("""
        ldr r1, =0x53f90000
        mov r0, #0x8000
        str r0, [r1]
        ldr r0, =0x243
        str r0, [r1]
        ldr r2, [r1, #0x24]
        mov r3, #1000
    wait:
        subs r3, r3, #1
        bne wait
        ldr r4, [r1, #0x24]
    done: b done
    """)
    assert 1000 // IPG_CYCLES < bare["r4"] - bare["r2"] < 100_000
