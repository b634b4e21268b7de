# SPDX-License-Identifier: BSD-2-Clause
"""What kernels built for this board, and their drivers, do to its registers, sequence by sequence.

Each is a bare program with the values that it must read back and the time that must pass. The list
in docs/BOARDS.md names the test of every sequence.
"""

from typing import Final

import pytest

from tests.sel4emu.conftest import MMU_ON, RAM, Bare
from tests.system.conftest import Start

AVIC, UART1, L2CC = 0x6800_0000, 0x43F9_0000, 0x3000_0000


def reads(bare: Bare, first: str, *names: str) -> list[int]:
    """Registers of the processor after the program."""
    return [bare[name] for name in (first, *names)]


# Start --------------------------------------------------------------------------------------


def test_state_at_entry(start: Start) -> None:
    """MMU off, supervisor mode, interrupts and imprecise aborts masked, r0 to r2 zero."""
    bare = start("mrs r3, cpsr\nmrc p15, 0, r4, c1, c0, 0\nmov r5, r0\ndone: b done")
    assert bare["r3"] & 0x0FFF_FFFF == 0x0000_01D3
    assert reads(bare, "r0", "r1", "r2", "r4", "r5") == [0, 0, 0, 0x0005_0078, 0]


def test_console_as_the_boot_rom_left_it(start: Start) -> None:
    """A byte is printed after USR1.TRDY, and one after USR2.TXFE, without any set-up."""
    bare = start(f"""
        ldr     r6, ={UART1}
    ready:
        ldr     r1, [r6, #0x94]
        tst     r1, #1 << 13
        beq     ready
        mov     r0, #'o'
        str     r0, [r6, #0x40]
    empty:
        ldr     r1, [r6, #0x98]
        tst     r1, #1 << 14
        beq     empty
        mov     r0, #'k'
        strb    r0, [r6, #0x40]
    done:
        b       done
    """)
    assert bytes(bare.machine.console.captured) == b"ok"


def test_second_level_cache_at_boot(start: Start) -> None:
    """Auxiliary register, invalidation by way polled until 0, enable; then lines by address."""
    bare = start(f"""
        ldr     r6, ={L2CC}
        ldr     r0, =0x0003001B
        str     r0, [r6, #0x104]
        add     r7, r6, #0x700
        mov     r0, #0xFF
        str     r0, [r7, #0x7C]
    busy:
        ldr     r1, [r7, #0x7C]
        cmp     r1, #0
        bne     busy
        mov     r0, #1
        str     r0, [r6, #0x100]
        ldr     r5, ={RAM + 0x1000}
        ldr     r0, =0x12345678
        str     r0, [r5]
        str     r5, [r7, #0xB0]          @ clean
        str     r5, [r7, #0xF0]          @ clean and invalidate
        str     r5, [r7, #0x70]          @ invalidate
        mov     r0, #1
        str     r0, [r7, #0x30]          @ sync
        ldr     r2, [r7, #0x30]
        ldr     r3, [r6, #0x100]
        ldr     r4, [r6, #0x104]
        ldr     r5, [r5]
    done:
        b       done
    """)
    assert reads(bare, "r1", "r2", "r3", "r4", "r5") == [0, 0, 1, 0x0003_001B, 0x1234_5678]


def test_old_format_then_new(start: Start) -> None:
    """The MMU is on with XP=0 and a page of four permission fields; XP=1 is set on those tables."""
    bare = start(f"""
        ldr     r0, ={RAM + 0x10_0000}   @ first-level table
        ldr     r1, ={RAM | 0xC02}       @ sections: this one, and the one of the other window
        str     r1, [r0, #{RAM >> 18} & 0xFFC]
        add     r2, r0, #{RAM >> 18} & ~0xFFC
        str     r1, [r2]
        add     r2, r0, #0x3000
        str     r1, [r2]                 @ 0xC0000000
        ldr     r3, ={RAM + 0x11_0001}
        str     r3, [r2, #4]             @ 0xC0100000: pages
        bic     r3, r3, #1
        ldr     r1, ={RAM | 0xDDE}
        str     r1, [r3]
        mcr     p15, 0, r0, c2, c0, 0
        mov     r1, #0
        mcr     p15, 0, r1, c2, c0, 2
        mov     r1, #1
        mcr     p15, 0, r1, c3, c0, 0
        mrc     p15, 0, r1, c1, c0, 0
        orr     r1, r1, #1
        mcr     p15, 0, r1, c1, c0, 0
        ldr     r4, =marker
        ldr     r5, [r4]
        sub     r4, r4, #{RAM}
        add     r4, r4, #0xC0000000
        ldr     r6, [r4]                 @ through the window
        add     r4, r4, #0x00100000
        ldr     r7, [r4]                 @ through the page
        orr     r1, r1, #0x00800000
        mcr     p15, 0, r1, c1, c0, 0
        sub     r4, r4, #0x00100000
        ldr     r8, [r4]                 @ sections are the same in the new format
        mrc     p15, 0, r9, c1, c0, 0
    done:
        b       done
    marker:
        .word   0x600DF00D
    """)
    assert reads(bare, "r5", "r6", "r7", "r8") == [0x600D_F00D] * 4
    assert bare["r9"] & 0x0080_0001 == 0x0080_0001


# Interrupt controller and console -----------------------------------------------------------


def test_interrupts_by_number(start: Start) -> None:
    """All sources off by number, one on; idle reads 0xFF as its number, and priorities decide."""
    bare = start(f"""
        ldr     r6, ={AVIC}
        mov     r0, #0
    off:
        str     r0, [r6, #0xC]
        add     r0, r0, #1
        cmp     r0, #64
        bne     off
        ldr     r1, [r6, #0x40]
        mov     r1, r1, lsr #16
        and     r1, r1, #0xFF
        mov     r0, #28
        str     r0, [r6, #8]
        mov     r0, #45
        str     r0, [r6, #8]
        ldr     r2, [r6, #0x14]          @ INTENABLEL
        ldr     r3, [r6, #0x10]          @ INTENABLEH
        mov     r0, #1 << 28
        str     r0, [r6, #0x54]          @ both are forced
        mov     r0, #1 << 13
        str     r0, [r6, #0x50]
        ldr     r4, [r6, #0x40]
        mov     r0, #2 << 16
        str     r0, [r6, #0x30]          @ NIPRIORITY3: source 28 at 2
        ldr     r5, [r6, #0x40]
        mov     r0, #2
        str     r0, [r6, #4]             @ NIMASK holds 2 and below back
        ldr     r7, [r6, #0x40]
    done:
        b       done
    """)
    assert reads(bare, "r1", "r2", "r3") == [0xFF, 1 << 28, 1 << 13]
    assert reads(bare, "r4", "r5", "r7") == [45 << 16, 28 << 16 | 2, 0xFFFF_FFFF]


def test_driver_of_the_serial_port(start: Start) -> None:
    """Software reset polled, line and baud rate, trigger 1, UCR1 0x201: source 45 brings a byte."""
    bare = start(
        f"""
        ldr     r6, ={UART1}
        ldr     r7, ={AVIC}
        ldr     r0, [r6, #0x84]
        bic     r0, r0, #1
        str     r0, [r6, #0x84]
    reset:
        ldr     r0, [r6, #0x84]
        tst     r0, #1
        beq     reset
        orr     r0, r0, #0x20            @ eight bits
        bic     r0, r0, #0x140           @ one stop bit, no parity
        str     r0, [r6, #0x84]
        mov     r0, #0xF
        str     r0, [r6, #0xA4]
        ldr     r0, =347
        str     r0, [r6, #0xA8]
        ldr     r0, [r6, #0x90]
        bic     r0, r0, #0x380
        orr     r0, r0, #0x200
        bic     r0, r0, #0x3F
        orr     r0, r0, #1
        str     r0, [r6, #0x90]
        ldr     r0, [r6, #0x84]
        orr     r0, r0, #6
        orr     r0, r0, #0x4000
        str     r0, [r6, #0x84]
        ldr     r0, =0x201
        str     r0, [r6, #0x80]
        mov     r0, #45
        str     r0, [r7, #8]
        cpsie   i
    idle:
        cmp     r10, #0
        beq     idle
        ldr     r2, [r6, #0x80]
        ldr     r3, [r6, #0xA8]
    done:
        b       done
    arrived:
        ldr     r8, [r7, #0x40]
        ldr     r9, [r6, #0x94]
        ldr     r10, [r6]
        ldr     r11, [r7, #0x40]
        subs    pc, lr, #4
        """,
        typed=b"x",
        irq="arrived",
    )
    assert (bare["r8"], bare["r11"]) == (45 << 16, 0xFFFF_FFFF)
    assert bare["r9"] & 1 << 9
    assert bare["r10"] == 0x8000 | ord("x")
    assert (bare["r2"], bare["r3"]) == (0x201, 347)


# Processor ----------------------------------------------------------------------------------

READ_REGISTERS: Final = (
    "c0, c0, 0", "c1, c0, 0", "c5, c0, 0", "c5, c0, 1", "c6, c0, 0", "c10, c0, 0",
    "c15, c12, 0", "c15, c12, 1", "c15, c12, 2", "c15, c12, 3",
)  # fmt: skip
WRITTEN_REGISTERS: Final = (
    "c1, c0, 2", "c2, c0, 2", "c7, c5, 0", "c7, c5, 1", "c7, c5, 4", "c7, c5, 6", "c7, c5, 7",
    "c7, c6, 1", "c7, c10, 0", "c7, c10, 1", "c7, c10, 4", "c7, c10, 5", "c7, c14, 0",
    "c7, c14, 1", "c8, c7, 0", "c8, c7, 1", "c8, c7, 2", "c13, c0, 1", "c7, c7, 0",
)  # fmt: skip


def test_system_registers_of_kernels(start: Start) -> None:
    """Each read and write that kernels make is there: none is undefined, memory stays right."""
    reading = "".join(f"mrc p15, 0, r1, {name}\n" for name in READ_REGISTERS)
    writing = "".join(f"mcr p15, 0, r2, {name}\n" for name in WRITTEN_REGISTERS)
    bare = start(
        f"mov r2, #0\n{reading}{writing}mov r3, #1\ndone: b done\nbad: mov r3, #2\nb done",
        und="bad",
    )
    assert bare["r3"] == 1


def test_locked_translation_read_modify_written(start: Start) -> None:
    """c10: the preserve bit and the victim are kept, so that a kernel can add to them."""
    bare = start("""
        mrc     p15, 0, r0, c10, c0, 0
        orr     r1, r0, #1
        mcr     p15, 0, r1, c10, c0, 0
        mrc     p15, 0, r2, c10, c0, 0
        bic     r3, r2, #1
        mcr     p15, 0, r3, c10, c0, 0
        mrc     p15, 0, r4, c10, c0, 0
    done:
        b       done
    """)
    assert bare["r2"] & 1 == 1
    assert bare["r4"] & 1 == 0


def test_floating_point_is_looked_at(start: Start) -> None:
    """FPSID and FPEXC are read, and FPEXC written, by a kernel that does not use them."""
    bare = start("""
        mov     r0, #0x00F00000
        mcr     p15, 0, r0, c1, c0, 2
        fmrx    r1, fpsid
        fmrx    r2, fpexc
        mov     r0, #0x80000000
        fmxr    fpexc, r0
        fmrx    r3, fpexc
        mov     r0, #0
        fmxr    fpexc, r0
    done:
        b       done
    """)
    assert bare["r1"] == 0x4101_20B4
    assert bare["r2"] & 1 << 30 == 0


MODES: Final = {"und": 0x1B, "svc": 0x13, "abt": 0x17, "irq": 0x12}
PROVOKE: Final = {
    "und": ".word 0xe7f000f0",
    "svc": "svc #0",
    "abt": "bkpt #0",
    "irq": "bl force\nnop",
}


@pytest.mark.parametrize("kind", MODES)
@pytest.mark.parametrize("writeback", ["", "!"])
def test_state_stored_on_another_stack(start: Start, kind: str, writeback: str) -> None:
    """`srsia` from each mode to a stack of the supervisor's, `cps`, and back by `rfeia`."""
    vector = "pabt" if kind == "abt" else kind
    adjust = {"und": 0, "svc": 0, "abt": 0, "irq": 4}[kind]
    bare = start(
        f"""
        ldr     sp, ={RAM + 0x8000}
        ldr     r6, ={AVIC}
        mov     r0, #5
        str     r0, [r6, #8]
        cps     #0x1F
        ldr     sp, ={RAM + 0x9000}
        cpsie   i
        mov     r0, #0
        cmp     r0, r0
        ldr     r7, =there
    there:
        {PROVOKE[kind]}
    behind:
        mov     r5, sp
        mrs     r4, cpsr
    done:
        b       done
    force:
        mov     r1, #1 << 5
        str     r1, [r6, #0x54]
        nop
        nop
        bx      lr
    taken:
        sub     lr, lr, #{adjust}
        srsia   sp{writeback}, #0x13
        mrs     r8, cpsr
        mov     r1, #0
        str     r1, [r6, #0x54]
        cps     #0x13
        mov     r9, sp
        ldr     sp, ={RAM + 0x8000}
        ldmia   sp, {{r10, r11}}
        rfeia   sp
        """,
        **{vector: "taken"},
    )
    assert bare["r8"] & 0x1F == MODES[kind]
    assert bare["r4"] & 0x9F == 0x1F == bare["r11"] & 0x9F, "system mode again, interrupts on"
    assert bare["r4"] >> 28 == 0x6, "and its flags"
    assert bare["r5"] == RAM + 0x9000
    moved = 8 if writeback else 0
    assert bare["r9"] == RAM + 0x8000 + moved


def test_user_registers_and_a_dummy_store_exclusive(start: Start) -> None:
    """`stmdb sp, {r0-lr}^` and its reload, and a `strex` that only clears the monitor."""
    bare = start(f"""
        cps     #0x1F
        ldr     sp, =0x11112222
        ldr     lr, =0x33334444
        cps     #0x13
        ldr     sp, ={RAM + 0x8100}
        ldr     lr, =0x55556666
        mov     r5, #5
        stmdb   sp, {{r0-lr}}^
        nop
        ldr     r1, ={RAM + 0x9000}
        ldrex   r2, [r1]
        ldr     r3, ={RAM + 0x9010}
        strex   r4, r5, [r3]             @ the dummy: wherever, it clears the monitor
        strex   r6, r5, [r1]
        cps     #0x1F
        mov     sp, #0
        mov     lr, #0
        cps     #0x13
        mov     r7, lr
        ldr     r8, [sp, #-8]
        ldr     r9, [sp, #-4]
        ldmdb   sp, {{r0-lr}}^
        nop
        mov     r10, lr
        cps     #0x1F
        mov     r11, sp
        mov     r12, lr
    done:
        b       done
    """)
    assert bare["r5"] == 5
    assert bare["r10"] == 0x5555_6666, "the supervisor's own is not touched"
    assert (bare["r11"], bare["r12"]) == (0x1111_2222, 0x3333_4444)
    assert bare.word(RAM + 0x9000) == 0, "the second store exclusive failed"


def test_page_that_users_read_and_the_kernel_rewrites(level: str) -> None:
    """A user sees at 0xFFFFC000 what the kernel writes to the same page elsewhere."""
    bare = Bare(level)
    bare.tables.identity()
    bare.tables.page(0xFFFF_C000, RAM + 0x5000, 0x20)  # users: read only
    bare.load(
        f"""
        {MMU_ON}
        ldr     r6, ={RAM + 0x5000}
        ldr     r0, =0xCAFE
        str     r0, [r6]
        cps     #0x10
        ldr     r7, =0xFFFFC000
        ldr     r1, [r7]
        mov     r2, #0
        mcr     p15, 0, r2, c7, c10, 5   @ barriers are a user's too
        mcr     p15, 0, r2, c7, c10, 4
        svc     #0
    again:
        ldr     r3, [r7]
        str     r3, [r7]
    wrong:
        b       wrong
    call:
        ldr     r0, =0xBEEF
        str     r0, [r6]
        movs    pc, lr
    done:
        b       done
        """,
        svc="call",
        dabt="done",
    )
    bare.go()
    assert (bare["r1"], bare["r3"]) == (0xCAFE, 0xBEEF)


def test_counters_read_by_injected_code(start: Start) -> None:
    """An undefined instruction of a user has the kernel run the user's function, privileged.

    So benchmarks read the cycle counter on this chip, which has none for users.
    """
    bare = start(
        f"""
        ldr     sp, ={RAM + 0x8000}
        mov     r0, #5
        mcr     p15, 0, r0, c15, c12, 0
        nop
        nop
        nop
        cps     #0x10
        ldr     r8, =read
        .word   0xe7f000f0
        mov     r1, r0
        .word   0xe7f000f0
        mov     r2, r0
        mrs     r3, cpsr
    done:
        b       done
    read:
        mrc     p15, 0, r0, c15, c12, 1
        bx      lr
    undefined:
        srsia   sp, #0x13
        cps     #0x13
        blx     r8
        rfeia   sp
        """,
        und="undefined",
    )
    assert 0 < bare["r1"] < bare["r2"] < bare["r1"] + 2000
    assert bare["r3"] & 0x1F == 0x10
