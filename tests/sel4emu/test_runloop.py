# SPDX-License-Identifier: BSD-2-Clause
"""Running: limits, breakpoints, interrupts, waiting, Ctrl-C, and time that comes out the same."""

import os
import signal
import threading
from collections.abc import Callable
from typing import Final

import pytest

from sel4emu.console import BytesInput, Console
from sel4emu.machine import Machine
from sel4emu.stop import StopReason
from tests.sel4emu.conftest import RAM, Bare

EPIT1: Final = 0x53F9_4000
AVIC: Final = 0x6800_0000
UART1: Final = 0x43F9_0000
#: EPIT1 on the peripheral clock (8 cycles a tick): compare at 0, reload, interrupt, source 28.
TIMER: Final = f"""
    ldr r1, ={AVIC}
    mov r0, #28
    str r0, [r1, #8]
    ldr r2, ={EPIT1}
    mov r0, #0
    str r0, [r2]
    ldr r0, =0x0102000e
    str r0, [r2]
    mov r0, #100
    str r0, [r2, #8]
    mov r0, #0
    str r0, [r2, #12]
    ldr r0, =0x0102000f
    str r0, [r2]
"""
ACKNOWLEDGE: Final = "mov r0, #1\nstr r0, [r2, #4]\n"
LOOP: Final = "again: add r0, r0, #1\nb again\n"


def test_cycle_limit_is_exact(counting: Bare) -> None:
    """`cycles=n` lands on n, also before SVCs and undefined instructions."""
    counting.load("loop: svc #0\nudf #1\nb loop\nback: movs pc, lr", svc="back", und="back")
    for n in (1, 1, 2, 3, 5, 1000, 1):
        before = counting.machine.cycles
        stop = counting.machine.run(cycles=n)
        assert stop.reason is StopReason.CYCLE
        assert counting.machine.cycles - before == n


def test_step_is_one_instruction(counting: Bare) -> None:
    """`step` executes exactly one instruction, `step(n)` n of them."""
    counting.load(LOOP)
    stop = counting.machine.step()
    assert stop.reason is StopReason.STEP
    assert (counting["r0"], counting["pc"]) == (1, RAM + 4)
    counting.machine.step(7)
    assert (counting["r0"], counting["pc"]) == (4, RAM)
    assert counting.machine.counters["instructions"] == 8


def test_instructions_are_counted(counting: Bare) -> None:
    """Skipped conditional instructions count; a branch taken counts once."""
    counting.run("mov r0, #3\nl: subs r0, r0, #1\naddeq r1, r1, #1\nbne l\ndone: b done")
    assert counting.machine.counters["instructions"] == 10
    assert counting.machine.cycles == 10


@pytest.mark.parametrize("padding", [0, 1])
def test_thumb_pairs_count_twice(counting: Bare, padding: int) -> None:
    """A BL pair is two instructions of this core, at whatever half-word it starts."""
    counting.load(
        "adr r0, literals + 1\nbx r0\nliterals:\n.thumb\n"
        + "mov r8, r8\n" * padding
        + "bl f\nmov r8, r8\nb .\nf: bx lr\n.align 2"
    )
    counting.machine.run(cycles=2)
    before = counting.machine.counters["instructions"]
    counting.machine.run(counting.machine.symbols["literals"] + 2 * padding + 4, cycles=50)
    assert counting.machine.counters["instructions"] - before == 3 + padding


def test_thumb_pair_first_in_a_new_page(counting: Bare) -> None:
    """Also at an odd half-word where the page of code has just changed.

    The word was then taken from the aligned address, and the pair counted once.
    """
    counting.load("ldr pc, =0x80001fff\n")
    counting.load("ldr r0, =0x80003003\nbx r0\n")
    counting.put(RAM + 0x3000, 0xF000_46C0, 0x46C0_F800, 0x46C0_46C0)  # nop; bl +2; nop
    counting.machine.run(cycles=2)
    counting.machine.run(RAM + 0x3006, cycles=50)
    assert counting.machine.counters["instructions"] == 4


def test_run_until_address_and_symbol(bare: Bare) -> None:
    """Stops before the instruction; inside a block too, and again each time round a loop."""
    labels = bare.load("loop: add r0, r0, #1\nhere: add r1, r1, #1\nb loop")
    for n in (1, 2, 3):
        stop = bare.machine.run("here", cycles=100)
        assert stop.reason is StopReason.ADDRESS and "0x80000004" in stop.message
        assert (bare["pc"], bare["r0"], bare["r1"]) == (labels["here"], n, n - 1)
    with pytest.raises(KeyError):
        bare.machine.run("nowhere")


def test_run_until_predicate(counting: Bare) -> None:
    """A predicate is asked before every instruction."""
    counting.load(LOOP)
    stop = counting.machine.run(lambda machine: machine.registers["r0"] == 5)
    assert stop.reason is StopReason.PREDICATE
    assert counting.machine.cycles == 9


def test_timer_interrupt_at_an_exact_cycle(make_bare: Callable[[str], Bare]) -> None:
    """EPIT1 through the AVIC: entered before the first instruction at its cycle, in every run."""
    seen = []
    for _ in range(2):
        bare = make_bare("off")
        labels = bare.load(f"{TIMER}\nstart: cpsie i\nloop: b loop\ndone: b done", irq="done")
        bare.go("loop")
        enabled = bare.machine.cycles
        bare.go()
        assert bare["lr"] == labels["loop"] + 4
        assert bare["cpsr"] & 0x1FF == 0x1D2 & ~0x40 | bare["cpsr"] & 0x40
        seen.append((enabled, bare.machine.cycles, bare.machine.counters))
    assert seen[0] == seen[1]
    enabled, entered, _counters = seen[0]
    start = enabled - 2  # the store that enabled the timer
    assert 100 * 8 - 8 <= entered - start <= 101 * 8 + 10


def test_interrupt_directly_behind_unmasking(counting: Bare) -> None:
    """A pending interrupt is taken before the instruction behind CPSIE or MSR."""
    for unmask in ("cpsie i", "msr cpsr_c, #0x13"):
        labels = counting.load(
            f"{TIMER}\nmov r3, #1000\nwait: subs r3, r3, #1\nbne wait\n{unmask}\n"
            "behind: mov r5, #5\ndone: b done",
            irq="done",
        )
        counting.machine.registers["cpsr"] = 0x1D3
        counting.go()
        assert (counting["lr"], counting["r5"]) == (labels["behind"] + 4, 0)


@pytest.mark.parametrize("body", ["loop: b loop", "loop: ldm r4, {r5-r8}\nb loop"])
def test_interrupts_in_loops(bare: Bare, body: str) -> None:
    """Twenty interrupts into a self-branch or a loop of LDM: each returns to where it was."""
    bare.load(
        f"""
        {TIMER}
        ldr r4, =0x80001000
        cpsie i
        {body}
        handler: {ACKNOWLEDGE}
        add r9, r9, #1
        cmp r9, #20
        beq done
        subs pc, lr, #4
        done: b done
        """,
        irq="handler",
    )
    bare.go()
    assert bare["r9"] == 20
    assert bare.machine.counters["exception_irq"] == 20


def test_fast_interrupt(bare: Bare) -> None:
    """A source of type FIQ enters FIQ mode with I and F set."""
    bare.load(
        f"""
        ldr r1, ={AVIC}
        ldr r0, =0x10000000
        str r0, [r1, #0x1c]
        {TIMER}
        cpsie f
        loop: b loop
        done: b done
        """,
        fiq="done",
    )
    bare.go()
    assert bare["cpsr"] & 0xFF == 0xD1
    assert bare["lr"] == bare.machine.symbols["loop"] + 4


def test_waiting_skips_time(counting: Bare) -> None:
    """WFI jumps to the event and counts the time as idle; a masked interrupt wakes it too."""
    counting.run(f"{TIMER}\nmcr p15, 0, r0, c7, c0, 4\nmov r5, #5\ndone: b done")
    counters = counting.machine.counters
    assert 700 <= counters["idle"] <= 810
    assert counters["instructions"] < 40
    assert counters["cycles"] == counters["instructions"] + counters["idle"]
    assert (counting["r5"], counters["exception_irq"]) == (5, 0)


def test_waiting_behind_a_counter_read(bare: Bare) -> None:
    """WFI in a block that is run step by step waits all the same."""
    bare.run(f"{TIMER}\nmrc p15, 0, r6, c15, c12, 1\nmcr p15, 0, r0, c7, c0, 4\ndone: b done")
    assert bare.machine.counters["idle"] >= 700


def test_limit_while_waiting(counting: Bare) -> None:
    """The cycle limit ends a wait exactly, and the wait goes on in the next run."""
    counting.load(f"{TIMER}\nmcr p15, 0, r0, c7, c0, 4\nmov r5, #5\ndone: b done")
    counting.machine.run(cycles=200)
    assert (counting.machine.cycles, counting["r5"]) == (200, 0)
    counting.go()
    assert counting["r5"] == 5


def test_waiting_for_ever_is_stuck(bare: Bare) -> None:
    """WFI with nothing that could wake it ends the run, unlimited as it is."""
    bare.load("mcr p15, 0, r0, c7, c0, 4\ndone: b done")
    stop = bare.machine.run()
    assert stop.reason is StopReason.STUCK
    bare.load("mov r5, #7\ndone: b done")
    bare.go()  # another PC: the wait is over
    assert bare["r5"] == 7


def test_predicate_while_waiting(bare: Bare) -> None:
    """A predicate costs nothing while time is skipped: one look, not one for each idle cycle."""
    looks = 0

    def ended(machine: Machine) -> bool:
        nonlocal looks
        looks += 1
        return machine.registers["r5"] == 5

    bare.load(f"{TIMER}\nmcr p15, 0, r0, c7, c0, 4\nmov r5, #5\ndone: b done")
    assert bare.machine.run(ended).reason is StopReason.PREDICATE
    assert looks < 60


def test_self_branch_without_interrupts_is_stuck(bare: Bare) -> None:
    """An unlimited run ends where the program can never leave `b .`."""
    bare.load("cpsid if\nmov r5, #1\nhere: b here")
    assert bare.machine.run().reason is StopReason.STUCK


def test_console_by_polling(bare: Bare) -> None:
    """A program that writes a string to UART1 byte by byte."""
    bare.run(
        f"""
        ldr r1, ={UART1}
        adr r2, text
        next: ldrb r0, [r2], #1
        cmp r0, #0
        beq done
        ready: ldr r3, [r1, #0x94]
        tst r3, #0x2000
        beq ready
        str r0, [r1, #0x40]
        b next
        done: b done
        literals:
        .ltorg
        text: .asciz "hello"
        """
    )
    assert bytes(bare.machine.console.captured) == b"hello"


def test_console_input_by_interrupt() -> None:
    """Bytes from the console arrive one after another, each with an interrupt."""
    bare = Bare("off", b"ab")
    bare.load(
        f"""
        ldr r1, ={AVIC}
        mov r0, #45
        str r0, [r1, #8]
        ldr r2, ={UART1}
        ldr r0, =0x201
        str r0, [r2, #0x80]
        ldr r0, =0x4027
        str r0, [r2, #0x84]
        ldr r0, =0x0801
        str r0, [r2, #0x90]
        ldr r4, =0x80001000
        cpsie i
        loop: mcr p15, 0, r0, c7, c0, 4
        b loop
        handler: ldr r0, [r2]
        strb r0, [r4], #1
        and r0, r0, #0xff
        cmp r0, #0x62
        beq done
        subs pc, lr, #4
        done: b done
        """,
        irq="handler",
    )
    bare.go(cycles=1_000_000)
    assert bare.machine.read_physical(RAM + 0x1000, 3) == b"ab\0"
    assert bare.machine.counters["exception_irq"] == 2


def test_ctrl_c_between_instructions(bare: Bare) -> None:
    """SIGINT ends the run with KeyboardInterrupt; running again goes on as if nothing was."""
    bare.load("loop: add r0, r0, #1\nadd r1, r1, #1\nb loop")
    timer = threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        bare.machine.run()
    timer.join()
    assert bare["r0"] > 0
    bare.machine.run("loop", cycles=100)
    assert bare["r0"] == bare["r1"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_device_exception_surfaces(bare: Bare) -> None:
    """What a device's Python code raises comes out of `run`; the machine can go on."""

    class Broken:
        broken = True

        def read(self, offset: int, size: int) -> int:
            if self.broken:
                self.broken = False
                raise RuntimeError("broken device")
            return 6

        def write(self, offset: int, size: int, value: int) -> None:
            raise AssertionError(offset)

    bare.machine.bus.add_device(0x6900_0000, 0x1000, Broken())
    bare.load("ldr r1, =0x69000000\nldr r0, [r1]\nmov r5, #5\ndone: b done")
    with pytest.raises(RuntimeError, match="broken device"):
        bare.machine.run("done", cycles=10_000)
    bare.go()
    assert (bare["r0"], bare["r5"]) == (6, 5)


def test_halt_from_a_device(bare: Bare) -> None:
    """`halt` from inside the run ends it before the next instruction."""
    machine = bare.machine

    class Power:
        def read(self, offset: int, size: int) -> int:
            return 0

        def write(self, offset: int, size: int, value: int) -> None:
            machine.halt(value, "power off")

    machine.bus.add_device(0x6900_0000, 0x1000, Power())
    bare.load("ldr r1, =0x69000000\nmov r0, #3\nstr r0, [r1]\nhere: b here")
    stop = machine.run()
    assert (stop.reason, stop.status, stop.message) == (StopReason.HALT, 3, "power off")


def test_time_limit(bare: Bare) -> None:
    """`seconds` ends the run by the host's clock."""
    bare.load(LOOP)
    assert bare.machine.run(seconds=0.05).reason is StopReason.TIME


def test_self_modifying_code(bare: Bare) -> None:
    """A store into code that has run, and into code directly ahead, takes effect."""
    bare.run(
        """
        mov r4, #2
        again: ldr r0, =0xe3a05009
        adr r1, target
        target: mov r5, #1
        add r6, r6, r5
        str r0, [r1]
        subs r4, r4, #1
        bne again
        adr r1, ahead
        ldr r0, =0xe3a07007
        str r0, [r1]
        b ahead
        nop
        ahead: mov r7, #0
        done: b done
        """
    )
    assert (bare["r6"], bare["r7"]) == (10, 7)


def test_code_written_by_the_host(bare: Bare) -> None:
    """Code that ran and is then written with `write_physical` runs in its new form."""
    labels = bare.load("mov r5, #1\ndone: b done")
    bare.go()
    bare["pc"] = RAM
    bare.put(labels["done"] - 4, 0xE3A0_5009)
    bare.go()
    assert bare["r5"] == 9


@pytest.mark.parametrize(("flush", "seen"), [("", 1), ("mcr p15, 0, r1, c8, c7, 1", 2)])
def test_code_page_remapped(bare: Bare, mmu_on: str, flush: str, seen: int) -> None:
    """Code under a virtual address changes with its mapping, but only after a flush."""
    bare.tables.identity()
    where = bare.tables.page(0x4000_7000, RAM + 0x20_0000)
    bare.put(RAM + 0x20_0000, 0xE3A0_5001, 0xE12F_FF1E)  # mov r5, #1; bx lr
    bare.put(RAM + 0x20_1000, 0xE3A0_5002, 0xE12F_FF1E)
    bare.run(
        f"""
        {mmu_on}
        ldr r1, =0x40007000
        blx r1
        ldr r2, ={where}
        ldr r3, ={RAM + 0x20_1032}
        str r3, [r2]
        {flush}
        blx r1
        done: b done
        """
    )
    assert bare["r5"] == seen


def test_interworking(bare: Bare) -> None:
    """BX, BLX and POP to PC change state by bit 0; Thumb calls ARM and returns."""
    bare.run(
        """
        ldr sp, =0x80010000
        adr r0, literals + 1
        blx r0
        mov r6, #6
        done: b done
        arm: mov r5, #5
        bx lr
        literals:
        .thumb
        push {r4, lr}
        ldr r0, =0x8000001c
        mov r7, r0
        blx r7
        movs r4, #4
        mov r3, r4
        pop {r4, pc}
        .align 2
        .ltorg
        .arm
        """.replace("0x8000001c", str(RAM + 0x14))
    )
    assert (bare["r3"], bare["r5"], bare["r6"]) == (4, 5, 6)


def test_trap_handler(bare: Bare) -> None:
    """A privileged `udf` in the trap range calls Python with its number, PC behind it."""
    seen = []
    bare.machine.on_trap(RAM, RAM + 0x1000, lambda n: seen.append((n, bare["pc"])))
    bare.run("udf #300\nmov r5, #5\ndone: b done")
    assert seen == [(300, RAM + 4)] and bare["r5"] == 5
    bare.load("cps #0x10\nudf #7\nb .\ndone: b done", und="done")
    bare.go()  # not for user mode
    assert len(seen) == 1


def test_board_console_is_kept() -> None:
    """A machine built with a console uses that one."""
    console = Console(BytesInput(b""))
    assert Machine.from_board(console=console).console is console
