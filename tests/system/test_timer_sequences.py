# SPDX-License-Identifier: BSD-2-Clause
"""What kernels and drivers do to the timers of this board, sequence by sequence.

As in `test_register_sequences.py`: values that must be read back, and the time that must pass.
"""

from typing import Final

import pytest

from tests.sel4emu.conftest import Bare
from tests.system.conftest import Start

CPU: Final = 532_000_000
CKIL: Final = 32_768
EPIT1, EPIT2, GPT = 0x53F9_4000, 0x53F9_8000, 0x53F9_0000
AVIC: Final = 0x6800_0000


def ticks_of(bare: Bare, cycle: str) -> float:
    """A time in ticks of the slow crystal."""
    return bare[cycle] * CKIL / CPU


def test_tick_of_a_kernel_on_epit1(start: Start) -> None:
    """CR 0, CR, LR, CMPR, SR, CR: source 28 comes LR ticks later, then every LR + 1 ticks."""
    bare = start(
        f"""
        ldr     r6, ={EPIT1}
        ldr     r7, ={AVIC}
        mov     r0, #5                   @ PMNC: start the cycle counter at 0
        mcr     p15, 0, r0, c15, c12, 0
        mov     r0, #0
        str     r0, [r6]
        ldr     r0, =0x0302000E
        str     r0, [r6]
        mov     r0, #20
        str     r0, [r6, #8]
        mov     r0, #0
        str     r0, [r6, #0xC]
        mov     r0, #1
        str     r0, [r6, #4]
        ldr     r0, =0x0302000F
        str     r0, [r6]
        mov     r0, #28
        str     r0, [r7, #8]
        mrs     r0, cpsr
        bic     r0, r0, #0x80
        msr     cpsr_c, r0
    idle:
        cmp     r10, #3
        bne     idle
    done:
        b       done
    tick:
        cmp     r10, #0
        mrceq   p15, 0, r8, c15, c12, 1
        mrc     p15, 0, r9, c15, c12, 1
        add     r10, r10, #1
        ldr     r11, [r7, #0x40]
        mov     r0, #1
        str     r0, [r6, #4]
        ldr     r12, [r7, #0x40]
        subs    pc, lr, #4
        """,
        irq="tick",
    )
    assert (bare["r11"], bare["r12"]) == (28 << 16, 0xFFFF_FFFF)
    assert ticks_of(bare, "r8") == pytest.approx(20, abs=1.1)
    between = (bare["r9"] - bare["r8"]) * CKIL / CPU
    assert between == pytest.approx(2 * 21, abs=0.02), "no tick is lost or added"


@pytest.mark.parametrize("wait", ["wait: b wait", "wait: mcr p15, 0, r1, c7, c0, 4\nb wait"])
def test_timer_goes_on_in_an_idle_loop(start: Start, wait: str) -> None:
    """A kernel that idles in a branch to itself, or waits for interrupts, is woken."""
    bare = start(
        f"""
        ldr     r6, ={EPIT1}
        ldr     r0, =0x0302000E
        str     r0, [r6]
        mov     r0, #2
        str     r0, [r6, #8]
        ldr     r0, =0x0302000F
        str     r0, [r6]
        ldr     r7, ={AVIC}
        mov     r0, #28
        str     r0, [r7, #8]
        mov     r1, #0
        cpsie   i
        {wait}
    tick:
        ldr     r2, [r6, #4]
    done:
        b       done
        """,
        irq="tick",
    )
    assert bare["r2"] == 1


def test_driver_of_epit2(start: Start) -> None:
    """A user-level driver: peripheral clock, prescaler; LR is read back until it is right.

    The one-shot form stops the timer in its handler.
    """
    bare = start(
        f"""
        ldr     r6, ={EPIT2}
        ldr     r7, ={AVIC}
        mov     r0, #0
        str     r0, [r6]
        ldr     r0, =0x0102003E          @ divided by 4
        str     r0, [r6]
        mov     r0, #0
        str     r0, [r6, #0xC]
        ldr     r0, =1000
    load:
        str     r0, [r6, #8]
        ldr     r1, [r6, #8]
        cmp     r0, r1
        bne     load
        mov     r0, #27
        str     r0, [r7, #8]
        mov     r2, #5
        mcr     p15, 0, r2, c15, c12, 0
        ldr     r0, [r6]
        orr     r0, r0, #1
        str     r0, [r6]
        ldr     r3, [r6, #0x10]          @ the counter runs down from LR
        cpsie   i
    idle:
        cmp     r10, #0
        beq     idle
        ldr     r11, [r6, #0x10]
        mov     r0, #200
    later:
        subs    r0, r0, #1
        bne     later
        ldr     r12, [r6, #0x10]
    done:
        b       done
    expired:
        mrc     p15, 0, r8, c15, c12, 1
        ldr     r9, [r6, #4]
        mov     r0, #1
        str     r0, [r6, #4]
        ldr     r10, [r6, #4]
        add     r10, r10, #1
        ldr     r0, [r6]
        bic     r0, r0, #1
        str     r0, [r6]
        subs    pc, lr, #4
        """,
        irq="expired",
    )
    assert 900 < bare["r3"] <= 1000
    assert (bare["r9"], bare["r10"]) == (1, 1), "the flag is set, and a one clears it"
    assert bare["r8"] == pytest.approx(1000 * 4 * 8, rel=0.02)
    assert bare["r11"] == bare["r12"], "a stopped timer stands still"


def test_clock_of_a_user_on_the_gpt(start: Start) -> None:
    """CR 0, flags, reset by 0x8000 (complete at once), 0x242, rollover interrupt, prescaler, EN."""
    bare = start(f"""
        ldr     r6, ={GPT}
        mov     r0, #0
        str     r0, [r6]
        mov     r0, #0x3F
        str     r0, [r6, #8]
        ldr     r0, [r6]
        orr     r0, r0, #2
        str     r0, [r6]
        mov     r0, #0x8000
        str     r0, [r6]
        ldr     r1, [r6]                 @ SWR has cleared itself
        ldr     r0, =0x242
        str     r0, [r6]
        mov     r0, #0x20
        str     r0, [r6, #0xC]
        mov     r0, #1
        str     r0, [r6, #4]
        ldr     r0, [r6]
        orr     r0, r0, #1
        str     r0, [r6]
        mov     r2, #5
        mcr     p15, 0, r2, c15, c12, 0
        ldr     r3, [r6, #0x24]
        ldr     r0, =4000
    later:
        subs    r0, r0, #1
        bne     later
        mrc     p15, 0, r4, c15, c12, 1
        ldr     r5, [r6, #0x24]
        ldr     r7, [r6]
        ldr     r8, [r6, #8]
    done:
        b       done
    """)
    assert (bare["r1"], bare["r7"], bare["r8"]) == (0, 0x243, 0)
    assert bare["r5"] - bare["r3"] == pytest.approx(bare["r4"] / 16, abs=8)


def test_time_outs_of_epit2_set_again_while_it_runs(start: Start) -> None:
    """A later form of that driver: CR with EN first (no reload), then LR, which is the time-out.

    Each write to LR starts the time anew; behind the interrupt the counter wraps to all ones.
    """
    bare = start(
        f"""
        ldr     r6, ={EPIT2}
        ldr     r7, ={AVIC}
        mov     r0, #27
        str     r0, [r7, #8]
        mov     r0, #0
        str     r0, [r6]
        str     r0, [r6, #0xC]
        ldr     r5, =0x01020007
        str     r5, [r6]
        ldr     r1, [r6, #0x10]          @ free running from all ones
        ldr     r0, =60000
        str     r0, [r6, #8]
        ldr     r2, [r6, #0x10]
        str     r5, [r6]                 @ again, while it runs
        ldr     r0, =2000
        str     r0, [r6, #8]
        mov     r0, #5
        mcr     p15, 0, r0, c15, c12, 0
        ldr     r3, [r6, #0x10]
        cpsie   i
    idle:
        cmp     r10, #0
        beq     idle
        ldr     r11, [r6, #0x10]
    done:
        b       done
    expired:
        mrc     p15, 0, r8, c15, c12, 1
        mov     r10, #1
        str     r10, [r6, #4]
        subs    pc, lr, #4
        """,
        irq="expired",
    )
    assert bare["r1"] > 0xFFFF_0000
    assert 59_000 < bare["r2"] <= 60_000
    assert 1_900 < bare["r3"] <= 2_000
    assert bare["r8"] == pytest.approx(2000 * 8, rel=0.02)
    assert bare["r11"] > 0xFFFF_0000


def test_deadlines_of_a_kernel_on_the_gpt(start: Start) -> None:
    """CR 0, 0x3F and reset; 0x283 and the rollover interrupt; a deadline is OCR1 with OF1 enabled.

    The time goes on behind the deadline, which has to be acknowledged in SR.
    """
    bare = start(
        f"""
        ldr     r6, ={GPT}
        ldr     r7, ={AVIC}
        mov     r0, #0
        str     r0, [r6]
        mov     r0, #0x3F
        str     r0, [r6]
        mov     r0, #0x8000
        str     r0, [r6]
        ldr     r0, =0x282
        str     r0, [r6]
        mov     r0, #0x20
        str     r0, [r6, #0xC]
        ldr     r0, [r6]
        orr     r0, r0, #1
        str     r0, [r6]
        mov     r0, #29
        str     r0, [r7, #8]
        ldr     r1, [r6, #0x24]
        add     r2, r1, #1000
        str     r2, [r6, #0x10]
        ldr     r0, [r6, #0xC]
        orr     r0, r0, #1
        str     r0, [r6, #0xC]
        cpsie   i
    idle:
        cmp     r10, #0
        beq     idle
        ldr     r11, [r7, #0x40]
        ldr     r12, [r6, #0x24]
    done:
        b       done
    deadline:
        ldr     r3, [r6, #0x24]
        ldr     r4, [r6, #8]
        ldr     r5, [r7, #0x40]
        mov     r0, #0x3F
        str     r0, [r6, #8]
        ldr     r8, [r6, #8]
        mov     r10, #1
        subs    pc, lr, #4
        """,
        irq="deadline",
    )
    assert bare["r1"] < 200
    assert bare["r2"] <= bare["r3"] < bare["r2"] + 40
    assert (bare["r4"], bare["r8"]) == (1, 0)
    assert (bare["r5"], bare["r11"]) == (29 << 16, 0xFFFF_FFFF)
    assert bare["r12"] >= bare["r3"]


def test_periodic_time_outs_of_the_gpt(start: Start) -> None:
    """Reset polled, restart mode, OCR1 read back until it is right, PR, IR, EN: OCR1 + 1 steps."""
    bare = start(
        f"""
        ldr     r6, ={GPT}
        ldr     r7, ={AVIC}
        mov     r0, #29
        str     r0, [r7, #8]
        mov     r0, #0
        str     r0, [r6]
        mov     r0, #0x8000
        str     r0, [r6]
    reset:
        ldr     r0, [r6]
        tst     r0, #0x8000
        bne     reset
        mov     r0, #0x40
        str     r0, [r6]
        ldr     r0, =999
    load:
        str     r0, [r6, #0x10]
        ldr     r1, [r6, #0x10]
        cmp     r0, r1
        bne     load
        mov     r0, #1
        str     r0, [r6, #4]
        str     r0, [r6, #0xC]
        mov     r0, #5
        mcr     p15, 0, r0, c15, c12, 0
        ldr     r0, [r6]
        orr     r0, r0, #1
        str     r0, [r6]
        cpsie   i
    idle:
        cmp     r10, #3
        bne     idle
    done:
        b       done
    expired:
        cmp     r10, #0
        mrceq   p15, 0, r8, c15, c12, 1
        mrc     p15, 0, r9, c15, c12, 1
        add     r10, r10, #1
        mov     r0, #0x3F
        str     r0, [r6, #8]
        subs    pc, lr, #4
        """,
        irq="expired",
    )
    assert bare["r9"] - bare["r8"] == pytest.approx(2 * 1000 * 2 * 8, rel=0.01)
