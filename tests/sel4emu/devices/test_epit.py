# SPDX-License-Identifier: BSD-2-Clause
"""EPIT: periods, reload, compare interrupts at exact cycles, soft reset."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sel4emu.devices import epit
from sel4emu.devices.clock import TickClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sel4emu.conftest import Bare
    from tests.sel4emu.devices.conftest import Bench

IPG_CYCLES = 8  # processor cycles a tick of the peripheral clock
RUN = epit.CR_EN | epit.CR_ENMOD | epit.CR_OCIEN | epit.CR_RLD | epit.CR_IOVW
IPG = 1 << epit.CR_CLKSRC_LOW
CRYSTAL = 3 << epit.CR_CLKSRC_LOW


@pytest.fixture
def timer(bench: Bench) -> epit.Epit:
    """An EPIT after reset."""
    return epit.Epit(
        "epit1",
        0x53F9_4000,
        0x4000,
        bench.wiring(),
    )


def test_reset_state(bench: Bench, timer: epit.Epit) -> None:
    """Load and count registers read all ones, the others 0, and nothing is pending."""
    assert [bench.load(timer, offset) for offset in (0, 4, 8, 12, 16)] == [
        0, 0, 0xFFFF_FFFF, 0, 0xFFFF_FFFF,
    ]  # fmt: skip
    assert bench.events.owners() == frozenset()


def test_kernel_tick_without_drift(bench: Bench, timer: epit.Epit) -> None:
    """A 10 ms tick from the crystal, set up as kernels do, fires at LR + 1 ticks, each time."""
    off = epit.CR_IOVW | epit.CR_RLD | epit.CR_OCIEN | epit.CR_ENMOD | CRYSTAL
    bench.store(timer, (epit.CR, 0), (epit.CR, off), (epit.LR, 327), (epit.CMPR, 0))
    bench.store(timer, (epit.SR, 1), (epit.CR, off | epit.CR_EN))
    clock = TickClock(bench.clocks.cpu, bench.clocks.ckil)
    expected = []
    for period in range(200):
        # The load takes the place of a reload, so the first period lacks that step.
        expected.append(clock.cycle_of(327 + 328 * period))
        bench.run_to(expected[-1] + 1000)
        assert bench.load(timer, epit.SR) == 1
        bench.store(timer, (epit.SR, 1))
        assert not bench.level
    assert bench.rises() == expected


def test_counter_counts_down_and_reloads(bench: Bench, timer: epit.Epit) -> None:
    """The counter goes 3, 2, 1, 0, 3, ... one step each (PRESCALE + 1) ticks."""
    prescale = 4 << epit.CR_PRESCALE_LOW
    bench.store(timer, (epit.LR, 3), (epit.CR, RUN | IPG | prescale))
    values = []
    for step in range(10):
        bench.run_to(step * 5 * IPG_CYCLES + 39)
        values.append(bench.load(timer, epit.CNT))
    assert values == [3, 2, 1, 0, 3, 2, 1, 0, 3, 2]


def test_free_running_wraps_to_all_ones(bench: Bench, timer: epit.Epit) -> None:
    """Without RLD the counter goes from 0 to 0xFFFFFFFF, whatever LR holds."""
    bench.store(timer, (epit.CR, epit.CR_IOVW), (epit.LR, 1), (epit.CR, epit.CR_EN | IPG))
    bench.run_to(2 * IPG_CYCLES)
    assert bench.load(timer, epit.CNT) == 0xFFFF_FFFF


def test_compare_interrupt_is_exact_and_level(bench: Bench, timer: epit.Epit) -> None:
    """The line rises in the cycle of the compare and stays until the flag is cleared."""
    bench.store(timer, (epit.CMPR, 60), (epit.LR, 100), (epit.CR, RUN | IPG))
    bench.run_to(100_000)
    assert bench.changes == [(40 * IPG_CYCLES, True)]
    bench.store(timer, (epit.SR, 1))
    assert not bench.level
    bench.run_to(200_000)
    periods, position = divmod(100_000 // IPG_CYCLES - 40, 101)
    assert position, "the flag was cleared between two compares"
    assert bench.rises()[1] == (40 + (periods + 1) * 101) * IPG_CYCLES


def test_disabled_interrupt_leaves_a_flag_to_poll(bench: Bench, timer: epit.Epit) -> None:
    """With OCIEN clear there is no event, but SR shows the compare from its cycle on."""
    bench.store(timer, (epit.LR, 10), (epit.CR, RUN & ~epit.CR_OCIEN | IPG))
    assert bench.events.owners() == frozenset()
    bench.run_to(10 * IPG_CYCLES - 1)
    assert bench.load(timer, epit.SR) == 0
    bench.run_to(10 * IPG_CYCLES)
    assert bench.load(timer, epit.SR) == 1
    assert bench.changes == []
    bench.store(timer, (epit.CR, RUN | IPG))
    assert bench.level, "enabling the interrupt shows the flag that is set already"


def test_stopping_resumes_or_restarts_by_enmod(bench: Bench, timer: epit.Epit) -> None:
    """A stopped counter stands; on enable it goes on, or with ENMOD starts from LR."""
    resume = RUN & ~epit.CR_ENMOD | IPG
    bench.store(timer, (epit.CR, resume & ~epit.CR_EN), (epit.LR, 1000), (epit.CR, resume))
    bench.run_to(100 * IPG_CYCLES)
    bench.store(timer, (epit.CR, resume & ~epit.CR_EN))
    bench.run_to(5000 * IPG_CYCLES)
    assert bench.load(timer, epit.CNT) == 900
    bench.store(timer, (epit.CR, resume))
    bench.run_to(5010 * IPG_CYCLES)
    assert bench.load(timer, epit.CNT) == 890
    bench.store(timer, (epit.CR, 0), (epit.CR, RUN | IPG))
    assert bench.load(timer, epit.CNT) == 1000


def test_load_register_waits_for_the_reload_without_iovw(bench: Bench, timer: epit.Epit) -> None:
    """Without IOVW a new LR is used at the next reload; with IOVW at once."""
    running = (RUN & ~epit.CR_IOVW) | IPG
    bench.store(timer, (epit.LR, 10), (epit.CR, running))
    bench.run_to(4 * IPG_CYCLES + 3)
    bench.store(timer, (epit.LR, 50))
    bench.run_to(5 * IPG_CYCLES)
    assert bench.load(timer, epit.CNT) == 5, "the change loses no part of a step"
    bench.run_to(11 * IPG_CYCLES)
    assert bench.load(timer, epit.CNT) == 50
    bench.store(timer, (epit.CR, RUN | IPG), (epit.LR, 7))
    assert bench.load(timer, epit.CNT) == 7


def test_compare_above_the_new_reload_value_is_reached_once(bench: Bench, timer: epit.Epit) -> None:
    """A counter above its reload value still meets a compare value on its way down."""
    running = (RUN & ~epit.CR_IOVW) | IPG
    bench.store(timer, (epit.LR, 100), (epit.CR, running), (epit.LR, 10), (epit.CMPR, 90))
    bench.run_to(10_000)
    bench.store(timer, (epit.SR, 1))
    bench.run_to(100_000)
    assert bench.rises() == [10 * IPG_CYCLES]
    assert bench.events.owners() == frozenset()


def test_clock_source_off_stands_still(bench: Bench, timer: epit.Epit) -> None:
    """With CLKSRC 0 an enabled EPIT does not count."""
    bench.store(timer, (epit.LR, 10), (epit.CR, RUN))
    bench.run_to(100_000)
    assert bench.load(timer, epit.CNT) == 10
    assert bench.changes == []


def test_soft_reset_keeps_only_some_control_bits(bench: Bench, timer: epit.Epit) -> None:
    """SWR clears itself, keeps EN and ENMOD, resets the rest and lowers the line."""
    bench.store(timer, (epit.LR, 5), (epit.CR, RUN | IPG))
    bench.run_to(1000)
    assert bench.level
    bench.store(timer, (epit.CR, RUN | IPG | epit.CR_SWR))
    assert bench.load(timer, epit.CR) == epit.CR_EN | epit.CR_ENMOD
    assert bench.load(timer, epit.SR) == 0
    assert bench.load(timer, epit.LR) == bench.load(timer, epit.CNT) == 0xFFFF_FFFF
    assert not bench.level


def test_counter_follows_a_change_of_its_clock(bench: Bench, timer: epit.Epit) -> None:
    """With IPG at half the speed the rest of the way takes twice as long; the crystal stays."""
    bench.store(timer, (epit.LR, 100), (epit.CR, RUN | IPG))
    bench.run_to(40 * IPG_CYCLES)
    bench.signals.change_clocks(replace(bench.clocks, ipg=bench.clocks.ipg // 2))
    assert bench.load(timer, epit.CNT) == 60
    bench.run_to(50 * IPG_CYCLES)
    assert bench.load(timer, epit.CNT) == 55
    bench.run_to(1000 * IPG_CYCLES)
    assert bench.rises() == [(40 + 2 * 60) * IPG_CYCLES]


#: Set up as kernels do: {base} of the timer, {source} at the AVIC, {control} without EN, {load}.
TICKS = """
    ldr r6, =0x68000000
    mov r0, #{source}
    str r0, [r6, #8]
    ldr r7, ={base}
    mov r0, #0
    str r0, [r7]
    ldr r0, ={control}
    str r0, [r7]
    ldr r0, ={load}
    str r0, [r7, #8]
    mov r0, #0
    str r0, [r7, #12]
    mov r0, #1
    str r0, [r7, #4]
    ldr r0, ={control} + 1
    str r0, [r7]
    mov r5, #0
    mrs r0, cpsr
    bic r0, r0, #0x80
    msr cpsr_c, r0
again:
    {idle}
    cmp r5, #3
    bne again
done: b done
irq:
    ldr r8, [r6, #0x40]
    mov r9, #1
    str r9, [r7, #4]
    ldr r9, [r6, #0x40]
    add r5, r5, #1
    subs pc, lr, #4
"""


@pytest.mark.parametrize("idle", ["mcr p15, 0, r0, c7, c0, 4", "nop"], ids=["WFI", "loop"])
@pytest.mark.parametrize(
    ("base", "source", "control", "load"),
    [
        (0x53F9_4000, 28, 0x0302_000E, 3),
        (0x53F9_8000, 27, 0x0302_000E, 3),
        (0x53F9_8000, 27, 0x0102_000E, 5000),
    ],
    ids=["EPIT1", "EPIT2 on the crystal", "EPIT2 on IPG"],
)
def test_tick_of_a_kernel(
    boot: Callable[..., Bare], idle: str, base: int, source: int, control: int, load: int
) -> None:
    """Three ticks are taken; NIVECSR has the source, and nothing once SR was written.

    The timer advances while the processor waits and while it loops.
    """
    program = TICKS.format(base=base, source=source, control=control, load=load, idle=idle)
    bare = boot(program, irq="irq")
    assert bare["r8"] == source << 16
    assert bare["r9"] == 0xFFFF_FFFF
