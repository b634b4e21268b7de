# SPDX-License-Identifier: BSD-2-Clause
"""Exceptions without end are told from those that some day come to an end."""

import time
from typing import Final

import pytest

from sel4emu.stop import Stop, StopReason
from tests.sel4emu.conftest import Bare

EPIT: Final = 0x53F9_4000
TIMEOUT: Final = 2_000_000
#: A loop that aborts, and a handler that leaves all registers as they were.
LOOP: Final = """
    ldr sp, =0x80300000
    ldr r4, =0x40000000
again: ldr r0, [r4]
    b again
done: b done
handler:
    ldr sp, =0x80200000
    str r0, [sp, #4]
    {work}
    ldr r0, [sp, #4]
    ldreq lr, =done
    movseq pc, lr
    subs pc, lr, #{behind}
"""
COUNT: Final = "ldr r0, [sp]\nadd r0, r0, #1\nstr r0, [sp]\ncmp r0, #{times}"
#: Each handler raises the exception that the other one handles.
PING_PONG: Final = """
    udf #1
done: b done
undefined: mov r1, #1
    svc #0
service: mov r1, #2
    udf #2
"""
NESTED: Final = """
    cps #0x17
    ldr sp, =0x80700000
    ldr r4, =0x40000000
    mov r2, #0
    cmp r4, #0
    ldr r0, [r4]
handler: {save}
    add r3, sp, #4
    ldr r0, [r4]
done: b done
"""


def run(bare: Bare, mmu_on: str, program: str, **vectors: str) -> Stop:
    """Run with data aborts handled; the tables know nothing at 0x40000000."""
    bare.tables.identity()
    bare.load(f"{mmu_on}\n{program}", handlers=vectors)
    return bare.machine.run("done", cycles=TIMEOUT)


@pytest.mark.parametrize("behind", [4, 8])
@pytest.mark.parametrize("times", [600, 0x1380])
def test_handler_that_counts_makes_progress(
    counting: Bare, mmu_on: str, behind: int, times: int
) -> None:
    """Thousands of aborts at one place with equal registers: what changes is a word of memory.

    Such a guest was once ended after 512 of them.
    """
    work = COUNT.format(times=times)
    stop = run(counting, mmu_on, LOOP.format(work=work, behind=behind), dabt="handler")
    assert stop.reason is StopReason.ADDRESS, stop


def test_handler_that_changes_nothing_is_stuck(counting: Bare, mmu_on: str) -> None:
    """The same loop where memory is written, too, but always with the same."""
    work = "ldr r0, [sp]\nstr r0, [sp]\ncmp sp, #0"
    stop = run(counting, mmu_on, LOOP.format(work=work, behind=4), dabt="handler")
    assert stop.reason is StopReason.CRASH
    assert "again and again: its handler does not get past it" in stop.message


def test_handler_that_looks_at_a_timer_makes_progress(counting: Bare, mmu_on: str) -> None:
    """The time that ends the loop is read from a device."""
    start = f"ldr r1, ={EPIT}\nldr r0, =0x0102000b\nstr r0, [r1]\n"
    work = "ldr r0, [r1, #16]\nldr r0, [r1, #16]\nmvn r0, r0\nlsrs r0, r0, #14\nsubs r0, r0, #1"
    program = start + LOOP.format(work=work, behind=4)
    stop = run(counting, mmu_on, program, dabt="handler")
    assert stop.reason is StopReason.ADDRESS, stop
    assert counting.machine.counters["exception_data_abort"] > 1000


def test_handler_that_reads_the_cycle_counter_makes_progress(counting: Bare, mmu_on: str) -> None:
    """The time that ends the loop is read from the performance monitor."""
    start = "mov r0, #5\nmcr p15, 0, r0, c15, c12, 0\n"
    work = "mrc p15, 0, r0, c15, c12, 1\nlsrs r0, r0, #16\nsubs r0, r0, #1"
    program = start + LOOP.format(work=work, behind=4)
    stop = run(counting, mmu_on, program, dabt="handler")
    assert stop.reason is StopReason.ADDRESS, stop
    assert counting.machine.counters["exception_data_abort"] > 1000


def test_interrupt_ends_a_loop_of_aborts(counting: Bare, mmu_on: str) -> None:
    """Nothing at all changes before the timer's interrupt, which ends the loop."""
    start = (
        "ldr r1, =0x68000000\nmov r0, #28\nstr r0, [r1, #8]\n"
        f"ldr r2, ={EPIT}\nldr r0, =0x0102000e\nstr r0, [r2]\nldr r0, =6000\nstr r0, [r2, #8]\n"
        "ldr r0, =0x0102000f\nstr r0, [r2]\ncpsie i\n"
    )
    irq = "irq: ldr lr, =done\nmrs r0, spsr\norr r0, r0, #0x80\nmsr spsr_c, r0\nmovs pc, lr\n"
    program = start + LOOP.format(work="cmp sp, #0", behind=8) + irq
    stop = run(counting, mmu_on, program, dabt="handler", irq="irq")
    assert stop.reason is StopReason.ADDRESS, stop
    assert counting.machine.counters["exception_data_abort"] > 1000


def test_undefined_instructions_and_calls_in_turn(counting: Bare, mmu_on: str) -> None:
    """Two handlers that need each other never end, though no place is met twice in a row."""
    stop = run(counting, mmu_on, PING_PONG, und="undefined", svc="service")
    assert stop.reason is StopReason.CRASH
    assert "again and again" in stop.message


@pytest.mark.parametrize("save", ["stmdb sp!, {r0-r12, lr}", "sub sp, sp, #56"])
def test_stack_that_grows_for_ever(counting: Bare, mmu_on: str, save: str) -> None:
    """Each handler aborts, one in the other, and the stack takes all of RAM: said at once."""
    begin = time.process_time()
    stop = run(counting, mmu_on, NESTED.format(save=save), dabt="handler")
    assert stop.reason is StopReason.CRASH
    assert "its stack has gone down by 10" in stop.message
    assert time.process_time() - begin < 2


@pytest.mark.parametrize("level", ["sub sp, sp, #64", "nop"])
def test_nested_aborts_that_end(counting: Bare, mmu_on: str, level: str) -> None:
    """Five thousand aborts in one another, counted in memory, and then the guest goes on."""
    save = f"{level}\nldr r1, =0x80200000\nldr r0, [r1]\nadd r0, r0, #1\nstr r0, [r1]\n"
    save += "cmp r0, #0x1380\nbeq done"
    stop = run(counting, mmu_on, NESTED.format(save=save), dabt="handler")
    assert stop.reason is StopReason.ADDRESS, stop


def test_stack_pointer_that_probes_memory(counting: Bare, mmu_on: str) -> None:
    """A search for memory by SP: it goes down for megabytes, but each abort returns."""
    program = (
        "ldr sp, =0x40000000\nmov r0, #0\n"
        "again: ldr r0, [sp, #-1024]!\nb again\ndone: b done\n"
        "handler: ldr sp, =0x80200000\nstr r0, [sp, #4]\n"
        + COUNT.format(times="0x1380")
        + "\nldr r0, [sp, #4]\nldreq lr, =done\nmovseq pc, lr\n"
        "str lr, [sp, #8]\ncps #0x13\nsub sp, sp, #1024\ncps #0x17\nsubs pc, lr, #4"
    )
    stop = run(counting, mmu_on, program, dabt="handler")
    assert stop.reason is StopReason.ADDRESS, stop
