# SPDX-License-Identifier: BSD-2-Clause
"""Entry into and return from every exception, as bare programs see it."""

from typing import Final

import pytest

from tests.sel4emu.conftest import PAGE_TABLES, RAM, TABLE, Bare

MODES: Final = {
    "fiq": 0x11, "irq": 0x12, "svc": 0x13, "abt": 0x17, "und": 0x1B, "sys": 0x1F
}  # fmt: skip
#: Give every mode its own stack pointer, then go to user mode with flags N and C.
BANKS: Final = """
    cps #0x11
    mov sp, #0x110
    cps #0x12
    mov sp, #0x120
    cps #0x17
    mov sp, #0x170
    cps #0x1b
    mov sp, #0x1b0
    cps #0x13
    mov sp, #0x130
    mov lr, #0
"""
USER: Final = "    ldr r0, =0xa0000110\n    msr cpsr_fxc, r0\n"


def test_supervisor_call_banks_and_masks(bare: Bare) -> None:
    """SVC: LR behind it, SPSR the caller's status, SVC mode, I set, F and A left alone."""
    labels = bare.load(BANKS + USER + "call: svc #7\nafter: b after\ndone: b done", svc="done")
    bare.go()
    assert bare["cpsr"] & 0x1F == MODES["svc"]
    assert bare["cpsr"] & 0x1E0 == 0x180  # A as after reset, I set, F clear, ARM
    assert bare["cpsr"] >> 28 == 0xA
    assert bare["spsr"] == 0xA000_0110
    assert bare["lr"] == labels["after"]
    assert bare["sp"] == 0x130


def test_supervisor_call_leaves_abort_mask(bare: Bare) -> None:
    """SVC and undefined do not touch A: it stays clear where it was clear."""
    bare.load(BANKS + "cpsie aif\nsvc #0\ndone: mrs r0, cpsr\nend: b end", svc="done")
    bare.go("end")
    assert bare["r0"] & 0x1C0 == 0x080


def test_undefined_instruction_in_arm_state(bare: Bare) -> None:
    """Undefined: LR four behind it, und mode, I set."""
    labels = bare.load(BANKS + USER + "bad: udf #3\nafter: b after\ndone: b done", und="done")
    bare.go()
    assert bare["cpsr"] & 0x1F == MODES["und"]
    assert (bare["lr"], bare["sp"]) == (labels["after"], 0x1B0)
    assert bare["cpsr"] & 0xC0 == 0x80


@pytest.mark.parametrize(
    "word",
    [
        0xE300_0000,  # movw r0, #0
        0xE340_0000,  # movt r0, #0
        0xE1D0_0F9F,  # ldrexb r0, [r0]
        0xF57F_F01F,  # clrex
        0xE7E0_0050,  # ubfx
        0xF57F_F04F,  # dsb
        0xE160_0070,  # smc #0
        0xEE1A_0F12,  # mrc p15, 0, r0, c10, c2, 0
        0xEC51_0F1E,  # mrrc p15, 1, r0, r1, c14
        0xE710_F110,  # sdiv
    ],
    ids=hex,
)
def test_later_architectures_are_undefined(bare: Bare, word: int) -> None:
    """What ARMv6K, v6T2 and v7 brought is undefined on the r0p4 core."""
    labels = bare.load("ldr r0, =0x80001000\nbad: nop\nafter: b after\ndone: b done", und="done")
    bare.put(labels["bad"], word)
    bare.go()
    assert bare["lr"] == labels["after"]


def test_thumb_link_registers(bare: Bare) -> None:
    """From Thumb state LR is two behind an SVC or an undefined instruction, and T is cleared."""
    labels = bare.load(
        """
        adr r0, thumb + 1
        bx r0
        on_svc:
        mov r1, lr
        mrs r2, spsr
        mrs r3, cpsr
        movs pc, lr
        on_und:
        b done
        done: b done
        literals:
        .thumb
        .align 2
        thumb: svc #1
        next: .hword 0xde00
        """,
        svc="on_svc",
        und="on_und",
    )
    bare.go()
    thumb = labels["literals"]
    assert bare["r1"] == thumb + 2
    assert bare["r2"] & 0x20 and not bare["r3"] & 0x20
    assert bare["lr"] == thumb + 4
    assert bare["spsr"] & 0x20


def test_prefetch_abort_in_hole(bare: Bare) -> None:
    """A jump into a hole: abort mode, LR four behind the target, IFSR external abort."""
    bare.load(
        BANKS + USER + "ldr pc, =0x70000000\ndone: mrc p15, 0, r0, c5, c0, 1\nend: b end",
        pabt="done",
    )
    bare.go("end")
    assert bare["lr"] == 0x7000_0004
    assert bare["r0"] == 0b01000
    assert bare["spsr"] & 0x1F == 0x10
    assert bare["cpsr"] & 0x1FF == 0x197


def test_data_abort_in_hole(bare: Bare) -> None:
    """A store into a hole: LR eight behind it, FAR exact, FSR external abort with the write bit."""
    labels = bare.load(
        BANKS
        + USER
        + """
        ldr r1, =0x70000120
        bad: str r1, [r1, #4]
        done: mrc p15, 0, r2, c5, c0, 0
        mrc p15, 0, r3, c6, c0, 0
        end: b end
        """,
        dabt="done",
    )
    bare.go("end")
    assert bare["lr"] == labels["bad"] + 8
    assert bare["r2"] == 0b01000 | 1 << 11
    assert bare["r3"] == 0x7000_0124
    assert bare["cpsr"] & 0x1FF == 0x197


def test_breakpoint_instruction(bare: Bare) -> None:
    """BKPT is a prefetch abort at itself, with IFSR "debug event"."""
    labels = bare.load(
        "bad: bkpt #1\nb bad\ndone: mrc p15, 0, r2, c5, c0, 1\nend: b end", pabt="done"
    )
    bare.go("end")
    assert bare["lr"] == labels["bad"] + 4
    assert bare["r2"] == 0b00010


def test_breakpoint_instruction_in_thumb(bare: Bare) -> None:
    """The same in Thumb state: LR is four ahead too."""
    labels = bare.load(
        "adr r0, literals + 1\nbx r0\ndone: b done\nliterals:\n.thumb\n.hword 0xbe01\n", pabt="done"
    )
    bare.go()
    assert bare["lr"] == labels["literals"] + 4


def test_high_vectors_and_big_endian_entry(bare: Bare, mmu_on: str) -> None:
    """SCTLR.V moves the vectors to 0xFFFF0000; SCTLR.EE sets E on entry.

    EE is also the byte order of the page tables, which were read in little-endian order.
    """
    bare.tables.identity()
    bare.tables.page(0xFFFF_0000, RAM + 0x8000)
    for address in (*range(TABLE, TABLE + 0x4000, 4), *range(PAGE_TABLES, PAGE_TABLES + 0x400, 4)):
        bare.put(address, int.from_bytes(bare.word(address).to_bytes(4, "little"), "big"))
    labels = bare.load(
        f"""
        mrc p15, 0, r0, c1, c0, 0
        orr r0, r0, #0x2000
        orr r0, r0, #0x2000000
        mcr p15, 0, r0, c1, c0, 0
        {mmu_on}
        svc #0
        after: b after
        done: b done
        """
    )
    bare.put(RAM + 0x8008, 0xE3A0_5055)  # mov r5, #0x55
    bare.put(RAM + 0x800C, 0xEAFF_FFFE)
    stop = bare.machine.run(0xFFFF_000C, cycles=1000)
    assert stop.reason.value == "address"
    assert bare["r5"] == 0x55
    assert bare["cpsr"] & 0x200 and not bare["spsr"] & 0x200
    assert bare["lr"] == labels["after"]


@pytest.mark.parametrize(
    ("save", "back"),
    [
        ("", "movs pc, lr"),
        ("", "subs pc, lr, #0"),
        ("push {r0, lr}", "ldm sp!, {r0, pc}^"),
        ("srsdb sp!, #0x13", "rfeia sp!"),
    ],
)
def test_return_from_supervisor_call(bare: Bare, save: str, back: str) -> None:
    """Every way back restores the caller's status and resumes behind the SVC."""
    bare.load(
        f"""
        ldr sp, =0x80010000
        ldr r0, =0x60000010
        msr cpsr_fc, r0
        svc #0
        mov r4, #4
        mrs r5, cpsr
        done: b done
        handler:
        {save}
        msr cpsr_f, #0x90000000
        {back}
        literals: .ltorg
        """,
        svc="handler",
    )
    bare.go()
    assert bare["r4"] == 4
    assert bare["r5"] & 0xF000_00FF == 0x6000_0010
    assert bare["sp_svc"] == 0x8001_0000


def test_srs_to_the_stack_of_another_mode(bare: Bare) -> None:
    """SRS stores LR and SPSR of this mode on the stack of the mode that it names."""
    labels = bare.load(
        """
        ldr r1, =0x80020000
        cps #0x13
        mov sp, r1
        cps #0x1f
        b user
        handler: srsia sp, #0x13
        done: b done
        user: cps #0x10
        udf #1
        after: b after
        literals: .ltorg
        """,
        und="handler",
    )
    bare.go()
    assert bare.word(0x8002_0000) == labels["after"]
    assert bare.word(0x8002_0004) & 0x1F == 0x10
    assert bare["cpsr"] & 0x1F == MODES["und"]


def test_banked_registers_survive_nested_exceptions(bare: Bare) -> None:
    """An undefined instruction inside an SVC inside user mode: three modes, nothing mixed up."""
    bare.load(
        BANKS
        + USER
        + """
        mov sp, #0x200
        mov lr, #0x300
        svc #0
        mov r6, sp
        mov r7, lr
        done: b done
        on_svc:
        mov r4, lr
        mrs r5, spsr
        udf #9
        mov r8, lr
        mrs r9, spsr
        cmp r8, r4
        cmpeq r9, r5
        movne r10, #1
        movs pc, lr
        on_und: mov r11, sp
        movs pc, lr
        """,
        svc="on_svc",
        und="on_und",
    )
    bare.go()
    assert (bare["r6"], bare["r7"], bare["r10"], bare["r11"]) == (0x200, 0x300, 0, 0x1B0)
    assert bare["cpsr"] & 0x1F == 0x10


def test_fiq_registers_are_banked(bare: Bare) -> None:
    """R8 to R14 of FIQ mode are its own; the host can read them by name."""
    bare.run(
        """
        mov r8, #1
        mov r12, #2
        cps #0x11
        mov r8, #3
        mov r12, #4
        mov sp, #5
        cps #0x13
        mov r0, r8
        mov r1, r12
        done: b done
        """
    )
    assert (bare["r0"], bare["r1"]) == (1, 2)
    assert (bare["r8_fiq"], bare["r12_fiq"], bare["sp_fiq"], bare["r8"]) == (3, 4, 5, 1)


def test_exceptions_are_counted(bare: Bare) -> None:
    """Each entry adds to its counter, and to no other."""
    bare.load("svc #0\nsvc #1\nudf #0\ndone: b done\nback: movs pc, lr", svc="back", und="back")
    bare.go()
    counters = bare.machine.counters
    assert counters["exception_svc"] == 2
    assert counters["exception_undefined"] == 1
    assert counters["exception_irq"] == 0


def test_interrupts_of_thumb_code(bare: Bare) -> None:
    """A loop in Thumb state that is interrupted again and again loses no instruction."""
    bare.load(
        """
        ldr sp, =0x80010000
        ldr r1, =0x53F94000          @ EPIT1: a tick in 50 clocks, IRQ 28
        ldr r0, =0x68000000
        mov r2, #28
        str r2, [r0, #8]
        mov r2, #50
        str r2, [r1, #8]
        mov r2, #0
        str r2, [r1, #0xc]
        ldr r2, =0x0102000F
        str r2, [r1]
        ldr r6, =600
        adr r0, code + 1
        cpsie i
        bx r0
        done: b done
        irq: add r8, r8, #1
        ldr r9, =0x53F94000
        mov r10, #1
        str r10, [r9, #4]
        mrs r11, spsr
        subs pc, lr, #4
        svc: add r12, r12, #1
        movs pc, lr
        literals: .ltorg
        .thumb
        .align 2
        code: adds r4, #1
        adds r5, #2
        push {r5}
        pop {r7}
        svc #1
        subs r6, #1
        bne code
        ldr r0, =done
        bx r0
        .align 2
        """,
        irq="irq",
        svc="svc",
    )
    bare.go(cycles=1_000_000)
    assert (bare["r4"], bare["r5"], bare["r7"], bare["r12"]) == (600, 1200, 1200, 600)
    assert bare["r8"] > 10
    assert bare["r11"] & 0x20
