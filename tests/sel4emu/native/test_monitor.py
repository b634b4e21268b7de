# SPDX-License-Identifier: BSD-2-Clause
"""The performance monitor as guest programs use it: PMNC, CCNT, PMN0 and PMN1."""

from typing import Final

import pytest

from tests.sel4emu.conftest import Bare

AVIC: Final = 0x6800_0000
SOURCE: Final = 23
VECTOR: Final = 0x18
ENABLE: Final = 1
RESET_EVENTS: Final = 2
RESET_CYCLES: Final = 4
DIVIDE: Final = 8
INTERRUPT: Final = (1 << 4, 1 << 5, 1 << 6)
FLAG: Final = (1 << 8, 1 << 9, 1 << 10)


def control(value: int, first: int = 0, second: int = 0) -> str:
    """Write PMNC; `first` and `second` are the events of PMN0 and PMN1. Spoils r0."""
    return f"ldr r0, ={value | first << 20 | second << 12}\nmcr p15, 0, r0, c15, c12, 0\n"


@pytest.mark.parametrize("event", [0x07, 0xFF])
def test_events_that_both_levels_have(counting: Bare, event: int) -> None:
    """Instructions and cycles: from the write of PMNC to the read, each counter by its event."""
    counting.run(
        control(ENABLE, event, 0x07)
        + """
        nop
        nop
        nop
        mrc p15, 0, r1, c15, c12, 2
        mrc p15, 0, r2, c15, c12, 3
        done: b done
        """
    )
    assert (counting["r1"], counting["r2"]) == (4, 5)


@pytest.mark.parametrize(
    ("event", "expected"), [(0x05, 10), (0x07, 34), (0x0A, 10), (0x0D, 9), (0x12, 0), (0x1F, 0)]
)
def test_events_of_the_model(make_bare: type[Bare], event: int, expected: int) -> None:
    """Branches, instructions, accesses, taken branches and drains of a loop of ten rounds."""
    bare = make_bare("full")
    bare.load(
        "ldr r2, =0x80001000\nmov r1, #10\n"
        + control(ENABLE | RESET_EVENTS, event)
        + """
        nop
        again: str r1, [r2]
        subs r1, r1, #1
        bne again
        nop
        nop
        mrc p15, 0, r3, c15, c12, 2
        done: b done
        """
    )
    bare.go()
    assert bare["r3"] == expected


def test_counters_stand_still(bare: Bare) -> None:
    """Without PMNC.E nothing is counted, and what had been counted stays."""
    bare.run(
        control(ENABLE, 0x07, 0x07)
        + control(0)
        + """
        mrc p15, 0, r1, c15, c12, 1
        mrc p15, 0, r2, c15, c12, 2
        nop
        mrc p15, 0, r3, c15, c12, 1
        mrc p15, 0, r4, c15, c12, 2
        done: b done
        """
    )
    assert bare["r1"] == bare["r3"] > 0
    assert bare["r2"] == bare["r4"] == 2


def test_divided_cycles(bare: Bare) -> None:
    """PMNC.D divides CCNT by 64, and only CCNT."""
    bare.run(
        control(ENABLE | RESET_EVENTS | RESET_CYCLES | DIVIDE, 0xFF)
        + """
        mov r1, #200
        wait: subs r1, r1, #1
        bne wait
        mrc p15, 0, r2, c15, c12, 1
        mrc p15, 0, r3, c15, c12, 2
        done: b done
        """
    )
    assert bare["r2"] >= 6
    assert 0 <= bare["r3"] // 64 - bare["r2"] <= 2


def test_reset_bits(bare: Bare) -> None:
    """P clears PMN0 and PMN1, C clears CCNT; both read as zero."""
    written = "".join(f"mvn r1, #{n}\nmcr p15, 0, r1, c15, c12, {n + 1}\n" for n in range(3))
    read = "".join(f"mrc p15, 0, r{n + 4}, c15, c12, {n}\n" for n in range(4))
    bare.run(written + control(RESET_EVENTS) + read + "done: b done")
    assert [bare[f"r{n}"] for n in range(4, 8)] == [0, 0xFFFF_FFFF, 0, 0]
    bare.run(written + control(RESET_CYCLES) + read + "done: b done")
    assert [bare[f"r{n}"] for n in range(4, 8)] == [0, 0, 0xFFFF_FFFE, 0xFFFF_FFFD]


def test_overflow_flags(counting: Bare) -> None:
    """Each counter that passes its top flags it; writing ones to the flags clears those alone."""
    top = "mvn r1, #1\n" + "".join(f"mcr p15, 0, r1, c15, c12, {n}\n" for n in (1, 2, 3))
    counting.run(
        top
        + control(ENABLE, 0xFF, 0x05)
        + "nop\nnop\nnop\nmrc p15, 0, r2, c15, c12, 0\n"
        + control(ENABLE | FLAG[2], 0xFF, 0x05)
        + """
        mrc p15, 0, r3, c15, c12, 0
        mrc p15, 0, r4, c15, c12, 3
        done: b done
        """
    )
    assert counting["r2"] & 0x700 == FLAG[0] | FLAG[2]
    assert counting["r3"] & 0x700 == FLAG[0]
    assert counting["r4"] == 0xFFFF_FFFE


def waiting(enabled: int) -> str:
    """CCNT overflows 100 cycles from now; the AVIC lets source 23 through."""
    return (
        f"ldr r1, ={AVIC}\nmov r0, #{SOURCE}\nstr r0, [r1, #8]\nmvn r0, #99\n"
        "mcr p15, 0, r0, c15, c12, 1\n"
        + control(ENABLE | enabled)
        + """
        cpsie i
        mov r5, #0
        loop: add r5, r5, #1
        cmp r5, #200
        bne loop
        done: b done
        handler: mrc p15, 0, r6, c15, c12, 0
        ldr r7, [r1, #0x40]
        """
        + control(ENABLE | FLAG[2])
        + """
        mrc p15, 0, r8, c15, c12, 0
        add r9, r9, #1
        subs pc, lr, #4
        """
    )


def test_overflow_interrupts(bare: Bare) -> None:
    """An overflow raises AVIC source 23 once; clearing its flag takes the interrupt away."""
    bare.load(waiting(INTERRUPT[2]), irq="handler")
    bare.go()
    assert (bare["r5"], bare["r9"]) == (200, 1)
    assert bare["r6"] & 0x700 == FLAG[2] and bare["r8"] & 0x700 == 0
    assert bare["r7"] >> 16 == SOURCE
    assert bare.machine.counters["exception_irq"] == 1


def test_interrupt_at_the_cycle_of_the_overflow(counting: Bare) -> None:
    """It is taken before the first instruction at or after that cycle, as any event is."""
    counting.load(waiting(INTERRUPT[2]), irq="handler")
    counting.machine.run("loop", cycles=1000)
    started = counting.machine.cycles
    counting.machine.run(VECTOR, cycles=1000)
    assert counting["pc"] == VECTOR
    assert counting.machine.cycles - started == 100 - 3


def test_overflow_without_interrupt(bare: Bare) -> None:
    """Without its enable an overflow is flagged only."""
    bare.load(waiting(0), irq="handler")
    bare.go()
    assert bare.machine.counters["exception_irq"] == 0
    assert int(bare.machine.cpu.read("r9")) == 0
