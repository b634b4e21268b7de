# SPDX-License-Identifier: BSD-2-Clause
"""Guests that can never do anything again are stuck; those that only wait are not."""

from typing import Final

import pytest

from sel4emu.deadend import is_harmless
from sel4emu.machine import Machine
from sel4emu.stop import Stop, StopReason
from tests.sel4emu.conftest import RAM, Bare

AVIC: Final = 0x6800_0000
WDOG: Final = 0x53FD_C000
UART1: Final = 0x43F9_0000
#: More than a slice, and little enough for a test.
CYCLES: Final = 9_000_000
#: EPIT1 ticks; its source is enabled at the AVIC, as type FIQ where r3 is set.
TICKING: Final = f"""
    ldr r1, ={AVIC}
    mov r0, #28
    str r0, [r1, #8]
    cmp r3, #0
    movne r0, #0x10000000
    strne r0, [r1, #0x1c]
    ldr r2, =0x53F94000
    ldr r0, =0x0102000e
    str r0, [r2]
    ldr r0, =50000
    str r0, [r2, #8]
    ldr r0, =0x0102000f
    str r0, [r2]
"""
WFI: Final = "mcr p15, 0, r0, c7, c0, 4\n"


def watched(bare: Bare, cycles: int = CYCLES) -> Stop:
    """Run as the command line does: with a limit, and with an eye on dead ends."""
    return bare.machine.run(cycles=cycles, watchful=True)


@pytest.mark.parametrize(
    "loop",
    [
        "here: b here",
        "here: nop\nb here",
        "mov r1, #1\nhere: cmp r1, #1\nbeq here",
        "ldr r1, =flag\nhere: ldr r0, [r1]\ncmp r0, #0\nbeq here\nb .+4\nflag: .word 0",
        "here: mcr p15, 0, r0, c7, c10, 4\nb here",
        "here: mov r0, pc\nsub r0, r0, #8\nbx r0",
        "ldr r0, =here+1\nbx r0\nliterals: .ltorg\n.thumb\nhere: mov r8, r8\nb here",
    ],
)
def test_panic_loops_are_stuck(bare: Bare, loop: str) -> None:
    """Short loops with all interrupts masked: only computing, or reading memory."""
    bare.load("cpsid if\n" + loop)
    stop = watched(bare)
    assert stop.reason is StopReason.STUCK, stop
    assert "no interrupt can end that" in stop.message
    assert bare.machine.cycles < CYCLES


@pytest.mark.parametrize(
    ("instruction", "harmless"),
    [
        ("add r1, r1, #1", True),
        ("mul r0, r1, r2", True),
        ("clz r0, r1", True),
        ("bl .+8", True),
        ("bx lr", True),
        ("ldrb r0, [r2, #3]", True),
        ("mcr p15, 0, r0, c7, c10, 5", True),
        ("ldr r0, [r3]", False),  # a device
        ("ldr r0, [r4]", False),  # nothing
        ("ldr r0, [r2], #4", True),
        ("ldrt r0, [r2]", False),
        ("str r0, [r2]", False),
        ("swp r0, r1, [r2]", False),
        ("ldrex r0, [r2]", False),
        ("ldm r2, {r0, r1}", False),
        ("svc #0", False),
        ("bkpt #0", False),
        ("movs pc, lr", False),
        ("subs pc, lr, #4", False),
        ("msr cpsr_c, r0", False),
        ("msr spsr_cxsf, r0", False),
        ("msr cpsr_c, #0x13", False),
        ("cpsie i", False),
        ("mrs r0, cpsr", False),
        ("mcr p15, 0, r0, c7, c0, 4", False),
        ("mrc p15, 0, r0, c15, c12, 1", False),
        ("vadd.f32 s0, s1, s2", False),
        ("sadd8 r0, r1, r2", False),
    ],
)
def test_harmless_instructions(counting: Bare, instruction: str, harmless: bool) -> None:
    """Only what computes in the registers seen now, or reads memory, can be part of a dead end."""
    counting.load(f"done: {instruction}")
    counting["r2"], counting["r3"], counting["r4"] = RAM, UART1, 0x4000_0000
    assert is_harmless(counting.machine) is harmless


@pytest.mark.parametrize(
    ("word", "harmless"),
    [(0xE7FE, True), (0x46C0, True), (0x4770, True), (0xD0FE, True), (0x4800, True),
     (0x1C49, True), (0xDF00, False), (0xDE00, False), (0x6008, False), (0xB662, False),
     (0xBE00, False), (0xF000, False), (0xC901, False)],
)  # fmt: skip
def test_harmless_thumb(counting: Bare, word: int, harmless: bool) -> None:
    """Likewise in Thumb state."""
    counting.load("nop")
    counting.put(RAM, word)
    counting["cpsr"] |= 0x20
    counting["pc"] = RAM
    assert is_harmless(counting.machine) is harmless


def test_loop_that_counts_is_not_stuck(counting: Bare) -> None:
    """A loop in which a register changes may come to an end: nothing is claimed."""
    counting.load("cpsid if\nhere: add r1, r1, #1\nb here")
    assert watched(counting).reason is StopReason.CYCLE


def test_masked_loop_with_a_timer_is_stuck(bare: Bare) -> None:
    """A timer that ticks cannot end a loop whose interrupts are masked, of either kind."""
    bare.load(f"mov r3, #0\n{TICKING}\ncpsie f\ncpsid i\nhere: b here")
    assert watched(bare).reason is StopReason.STUCK


@pytest.mark.parametrize(("fiq", "unmasked"), [(0, "i"), (1, "f")])
def test_loop_that_an_interrupt_ends_is_not(bare: Bare, fiq: int, unmasked: str) -> None:
    """`b .` with a timer's interrupt to come is waiting, not death."""
    bare.load(
        f"mov r3, #{fiq}\n{TICKING}\ncpsid if\ncpsie {unmasked}\nhere: b here\n"
        "handler: add r5, r5, #1\nldr r0, =0x53F94004\nmov r6, #1\nstr r6, [r0]\n"
        "subs pc, lr, #4",
        irq="handler",
        fiq="handler",
    )
    assert watched(bare).reason is StopReason.CYCLE
    assert bare["r5"] > 3


def test_watchdog_ends_a_panic(bare: Bare) -> None:
    """A panicking guest with a running watchdog is reset by it: that is what ends the run."""
    bare.load(
        f"cpsid if\nldr r1, ={WDOG}\nmov r0, #0x34\nstrh r0, [r1]\nhere: {WFI}b here",
    )
    stop = watched(bare, 10**9)
    assert stop.reason is StopReason.CRASH
    assert "watchdog" in stop.message


def test_wait_that_nothing_ends_is_stuck(bare: Bare) -> None:
    """WFI while no source is enabled never ends, whatever the devices do."""
    bare.load(f"ldr r1, ={UART1}\nmov r0, #0x41\nstr r0, [r1, #0x40]\nhere: {WFI}b here")
    assert watched(bare).reason is StopReason.STUCK


def test_masked_idle_loop_is_stuck(bare: Bare) -> None:
    """A kernel that halts: WFI in a loop with interrupts masked, while its timer ticks on."""
    bare.load(f"mov r3, #0\n{TICKING}\ncpsid if\nhere: mov r0, #0\n{WFI}b here")
    stop = watched(bare)
    assert stop.reason is StopReason.STUCK
    assert "with its interrupts masked" in stop.message


def test_idle_loops_that_go_on_are_not(bare: Bare) -> None:
    """WFI with interrupts masked that then lets them in: how other kernels idle."""
    bare.load(
        f"mov r3, #0\n{TICKING}\nhere: cpsid if\n{WFI}cpsie i\nb here\n"
        "handler: add r5, r5, #1\nldr r0, =0x53F94004\nmov r6, #1\nstr r6, [r0]\n"
        "subs pc, lr, #4",
        irq="handler",
    )
    assert watched(bare).reason is StopReason.CYCLE
    assert bare["r5"] > 3


def zero_vectors(bare: Bare, mmu_on: str, program: str, vectors: int = 0x8020_0000) -> Machine:
    """High vectors in a page of RAM at `vectors`, zeros unless the test writes there."""
    tables = bare.tables
    tables.identity()
    tables.page(0xFFFF_0000, vectors)
    bare.load(
        f"{mmu_on}\nmrc p15, 0, r0, c1, c0, 0\norr r0, r0, #0x2000\nmcr p15, 0, r0, c1, c0, 0\n"
        f"ldr sp, =0x40000000\n{program}"
    )
    return bare.machine


def test_undefined_instruction_at_its_own_vector(bare: Bare, mmu_on: str) -> None:
    """The handler's first instruction is undefined itself: said at once, not after a limit."""
    machine = zero_vectors(bare, mmu_on, "udf #1")
    bare.put(0x8020_0004, 0xE7F0_00F0)
    stop = machine.run()
    assert stop.reason is StopReason.CRASH
    assert stop.message == (
        "undefined instruction at 0xffff0004, again and again: it is raised at its own vector"
    )
    assert machine.counters["instructions"] < 10_000


def test_vectors_of_zeros(bare: Bare, mmu_on: str) -> None:
    """Nobody wrote the vectors: zeros run to the end of their page, and abort there for ever."""
    machine = zero_vectors(bare, mmu_on, "udf #1")
    stop = machine.run()
    assert stop.reason is StopReason.CRASH
    assert stop.message == (
        "prefetch abort at 0xffff1000, again and again: its handler does not get past it"
    )


def test_abort_handler_without_a_stack(bare: Bare, mmu_on: str) -> None:
    """A handler that saves registers where there is no memory aborts again, further down."""
    machine = zero_vectors(bare, mmu_on, "ldr r0, [sp]")
    # sub sp, sp, #72; stmdb sp, {r0-r12}, in abort mode
    bare.put(0x8020_0010, 0xE24D_D048, 0xE90D_1FFF)
    stop = machine.run()
    assert stop.reason is StopReason.CRASH
    assert stop.message.startswith("data abort at 0xffff0014, again and again")


def test_aborts_that_make_progress_are_not(bare: Bare, mmu_on: str) -> None:
    """A thousand aborts at one place, with another address each time: a test of memory goes on."""
    machine = zero_vectors(
        bare,
        mmu_on,
        "ldr r4, =0x40000000\nldr r5, =1000\n"
        "again: ldr r0, [r4], #4\nsubs r5, r5, #1\nbne again\ndone: b done",
    )
    bare.put(0x8020_0010, 0xE284_4004, 0xE25E_F004)  # add r4, r4, #4; subs pc, lr, #4
    stop = machine.run("done", cycles=10**6)
    assert stop.reason is StopReason.ADDRESS


def test_address_of_a_dead_end(bare: Bare) -> None:
    """The report's place is the loop."""
    bare.load("cpsid if\nnop\nhere: b here")
    watched(bare)
    assert bare["pc"] == RAM + 8


def test_running_through_zeros(bare: Bare) -> None:
    """A jump into empty memory is said after some pages, not at the end of RAM."""
    bare.load("ldr pc, =0x80400100")
    stop = bare.machine.run()
    assert stop.reason is StopReason.CRASH
    assert stop.message.startswith("running through memory of zeros, from 0x80400100 to 0x8040")
    assert bare.machine.counters["instructions"] < 20_000


def test_zeros_between_code_are_harmless(counting: Bare) -> None:
    """A program may run through some zeros, again and again."""
    counting.load("mov r1, #100\nagain: b over\n.space 8192\nover: .space 8192\n"
                  "subs r1, r1, #1\nbne again\ndone: b done")  # fmt: skip
    counting.go(cycles=10**6)


def test_zeros_that_lead_to_code_are_harmless(counting: Bare) -> None:
    """An image may be entered at the beginning of its RAM and begin further up."""
    counting.load("ldr pc, =0x80400000\ndone: b done")
    counting.put(0x8040_0000 + (1 << 20), 0xE59F_F000 | 0, 0, RAM + 4)  # ldr pc, [pc]
    assert counting.machine.run("done", cycles=10**7).reason is StopReason.ADDRESS
