# SPDX-License-Identifier: BSD-2-Clause
"""What an operating system that has a file for this board does to it while it starts, and idles.

Each is a bare program with what it must read back. The order of the accesses is that of kernels
which know the board by its number, not by a device tree.
"""

from collections.abc import Callable
from typing import Final

import pytest

from tests.sel4emu.conftest import RAM, Bare

RESULTS: Final = RAM + 0x1000
CLKCTL, L2CC = 0x43F0_C000, 0x3000_0000
IOMUXC, IIM, CCM = 0x43FA_C000, 0x5001_C000, 0x53F8_0000
GPT, GPIO1, AVIC, CS4 = 0x53F9_0000, 0x53FC_C000, 0x6800_0000, 0xB400_0000
CKIH: Final = 26_000_000

Start = Callable[..., Bare]


@pytest.fixture(params=["full", "off"])
def start(request: pytest.FixtureRequest) -> Start:
    """Runs a bare program, which has r12 = RESULTS, to its label `done`."""

    def run(source: str, **handlers: str) -> Bare:
        bare = Bare(request.param)
        bare.load(f"ldr r12, ={RESULTS}\n{source}\ndone: b done\n", handlers=handlers)
        bare.go(cycles=3_000_000)
        return bare

    return run


@pytest.mark.parametrize("bridge", [0x43F0_0000, 0x53F0_0000])
def test_bridges_opened_to_everybody(start: Start, bridge: int) -> None:
    """MPR trusted, OPACR open; the last OPACR keeps its low bits."""
    bare = start(f"""
        ldr     r0, ={bridge}
        ldr     r1, =0x77777777
        str     r1, [r0]
        str     r1, [r0, #4]
        mov     r2, #0
        str     r2, [r0, #0x40]
        str     r2, [r0, #0x44]
        str     r2, [r0, #0x48]
        str     r2, [r0, #0x4C]
        ldr     r3, [r0, #0x50]
        bic     r4, r3, #0xFF000000
        str     r4, [r0, #0x50]
        ldr     r5, [r0]
        ldr     r6, [r0, #0x50]
    """)
    assert (bare["r3"], bare["r5"], bare["r6"]) == (0x4444_4444, 0x7777_7777, 0x0044_4444)


def test_chip_and_its_clocks(start: Start) -> None:
    """The fuses tell silicon 2.0; PLL and dividers, as written in the CCM, make 532 MHz."""
    bare = start(f"""
        ldr     r0, ={IIM}
        ldr     r1, [r0, #0x24]
        ldr     r0, ={CCM}
        ldr     r2, [r0, #0x28]          @ switch some gates off and on, as a driver's clock
        bic     r3, r2, #0xC00
        str     r3, [r0, #0x28]
        ldr     r4, [r0, #0x28]
        str     r2, [r0, #0x28]
        ldr     r5, [r0, #0x10]          @ MPCTL
        ldr     r6, [r0, #0x04]          @ PDR0
        ldr     r7, [r0, #0x5C]          @ PMCR0: which PLL
    """)
    assert bare["r1"] & 0xFF == 0x28
    assert bare["r4"] == bare["r2"] & ~0xC00
    control, dividers = bare["r5"], bare["r6"]
    assert bare["r7"] >> 31 == 1, "the processor's PLL"
    mfi, mfn = max(control >> 10 & 15, 5), control & 0x3FF
    mfd, pd = (control >> 16 & 0x3FF) + 1, (control >> 26 & 15) + 1
    main = 2 * CKIH * (mfi * mfd + mfn) // (mfd * pd)
    ahb = main // ((dividers >> 3 & 7) + 1)
    assert (main, ahb, ahb // ((dividers >> 6 & 3) + 1)) == (532_000_000, 133_000_000, 66_500_000)


def test_second_level_cache_found_and_switched_on(start: Start) -> None:
    """CLKCTL repairs its timing; an L210 of 8 ways by its identification; off, hence set up."""
    bare = start(f"""
        ldr     r0, ={CLKCTL}
        ldr     r1, =0x515
        str     r1, [r0, #0x10]
        ldr     r0, ={L2CC}
        ldr     r2, [r0]                 @ identification
        ldr     r3, [r0, #0x104]
        ldr     r4, =0x30024
        str     r4, [r0, #0x104]
        ldr     r5, [r0, #0x104]
        ldr     r6, [r0, #0x100]
        mov     r7, #0xFF
        add     r8, r0, #0x700
        str     r7, [r8, #0x7C]
    poll:
        ldr     r9, [r8, #0x7C]
        tst     r9, r7
        bne     poll
        mov     r9, #0
        str     r9, [r8, #0x30]
        mov     r9, #1
        str     r9, [r0, #0x100]
        ldr     r10, [r0, #0x100]
    """)
    assert bare["r2"] & 0x3C0 == 0x40
    assert (bare["r5"], bare["r5"] >> 13 & 15) == (0x30024, 8)
    assert (bare["r3"] >> 13 & 15, bare["r6"], bare["r10"]) == (8, 0, 1)


def test_interrupt_of_the_port_in_the_fpga(start: Start) -> None:
    """Pin by pin set up, the edge of each byte that is sent comes once, if CTL1 lets it."""
    bare = start(
        f"""
        ldr     r0, ={IOMUXC}
        ldr     r1, [r0, #0x0C]          @ the mode of a pin is a byte of a word
        bic     r1, r1, #0xFF00
        str     r1, [r0, #0x0C]
        ldr     r4, ={GPIO1}
        ldr     r1, [r4, #4]             @ an input,
        bic     r1, r1, #2
        str     r1, [r4, #4]
        ldr     r1, [r4, #0xC]           @ noticed at its rising edge
        bic     r1, r1, #0xC
        orr     r1, r1, #8
        str     r1, [r4, #0xC]
        mov     r1, #2
        str     r1, [r4, #0x18]
        str     r1, [r4, #0x14]
        ldr     r5, ={AVIC}
        mov     r1, #52
        str     r1, [r5, #8]
        ldr     r6, ={CS4 + 0x1000}
        mov     r9, #0
        mrs     r1, cpsr
        bic     r1, r1, #0x80
        msr     cpsr_c, r1
        mov     r7, #2
        strb    r7, [r6, #0x51]          @ IER: tell when there is room
        nop
        mov     r10, r9                  @ nothing so far
        ldrb    r1, [r6]                 @ CTL1
        orr     r1, r1, #2
        strb    r1, [r6]
    more:
        cmp     r9, #1
        blo     more
        mov     r1, #'x'
        strb    r1, [r6, #0x50]
    again:
        cmp     r9, #2
        blo     again
        b       done
    external:
        stmdb   r12!, {{r0-r3}}
        ldr     r11, [r5, #0x40]
        ldr     r0, [r4, #0x18]
        str     r0, [r4, #0x18]
        ldrb    r8, [r6, #0x52]          @ IIR: reading takes the reason away
        add     r9, r9, #1
        ldmia   r12!, {{r0-r3}}
        subs    pc, lr, #4
        """,
        irq="external",
    )
    assert (bare["r10"], bare["r9"], bare["r11"] >> 16) == (0, 2, 52)
    assert bare["r8"] & 0x3F == 0x02, "room in the transmitter"


def test_idle_with_caches_off(start: Start) -> None:
    """The wait mode is chosen, caches are switched off and cleaned; a masked interrupt ends WFI.

    The timer runs freely on the peripheral clock, with a deadline in OCR1.
    """
    bare = start(
        f"""
        mrc     p15, 0, r1, c1, c0, 0
        orr     r1, r1, #0x1000
        orr     r1, r1, #0x4
        mcr     p15, 0, r1, c1, c0, 0
        ldr     r4, ={GPT}
        mov     r2, #0
        str     r2, [r4]
        str     r2, [r4, #4]
        ldr     r1, =0x249               @ FRR, WAITEN, EN; the peripheral clock
        str     r1, [r4]
        mov     r1, #1
        str     r1, [r4, #0xC]
        ldr     r6, [r4, #0x24]
        add     r1, r6, #2000
        str     r1, [r4, #0x10]
        ldr     r5, ={AVIC}
        mov     r1, #29
        str     r1, [r5, #8]
        ldr     r0, ={CCM}
        ldr     r1, [r0]
        bic     r1, r1, #0xC000          @ LPM: wait
        str     r1, [r0]
        mrc     p15, 0, r0, c1, c0, 0
        bic     r0, r0, #0x1000
        bic     r0, r0, #0x4
        mcr     p15, 0, r0, c1, c0, 0
        mov     r0, #0
        mcr     p15, 0, r0, c7, c5, 0
        mcr     p15, 0, r0, c7, c14, 0
        mcr     p15, 0, r0, c7, c0, 4
        nop
        nop
        mrc     p15, 0, r0, c1, c0, 0
        orr     r0, r0, #0x1000
        orr     r0, r0, #0x4
        mcr     p15, 0, r0, c1, c0, 0
        ldr     r7, [r4, #0x24]
        mrc     p15, 0, r3, c1, c0, 0
        mov     r9, #0
        mrs     r1, cpsr
        bic     r1, r1, #0x80
        msr     cpsr_c, r1
    wait:
        cmp     r9, #0
        beq     wait
        b       done
    tick:
        ldr     r10, [r5, #0x40]
        mov     r11, #1
        str     r11, [r4, #8]
        ldr     r11, [r4, #8]
        mov     r9, #1
        subs    pc, lr, #4
        """,
        irq="tick",
    )
    assert bare["r3"] & 0x1004 == 0x1004
    assert 2000 <= (bare["r7"] - bare["r6"]) & 0xFFFF_FFFF < 2200, "WFI ended at the deadline"
    assert (bare["r9"], bare["r10"] >> 16, bare["r11"] & 1) == (1, 29, 0)
