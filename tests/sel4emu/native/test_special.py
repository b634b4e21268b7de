# SPDX-License-Identifier: BSD-2-Clause
"""What the core at hand lacks or refuses, though Unicorn would run it; and the other way round."""

from typing import Final

import pytest

from tests.sel4emu.conftest import RAM, Bare

DATA: Final = RAM + 0x1000
#: Counts undefined instructions in r8, and goes on behind them.
SKIP: Final = """
    skip:
    add r8, r8, #1
    mov r9, lr
    mrs r10, spsr
    movs pc, lr
"""

#: In front of a program with instructions that `assemble` refuses for this core.
LATER: Final = "b later\nliterals:\nlater:\n"
V6K: Final = {
    "ldrexb r0, [r1]": 0x67,
    "ldrexh r0, [r1]": 0x4567,
    "ldrexd r0, r1, [r1]": 0x0123_4567,
    "clrex": 0x55,
}


@pytest.mark.parametrize("line", V6K)
def test_v6k_is_undefined_on_r0(bare: Bare, line: str) -> None:
    """LDREXB, H, D and CLREX came with r1p0: on the board's core they do nothing but trap."""
    labels = bare.load(
        f"{LATER}ldr r1, ={DATA}\nmov r0, #0x55\n{line}\nafter: nop\ndone: b done\n{SKIP}",
        und="skip",
    )
    bare.put(DATA, 0x0123_4567, 0x89AB_CDEF)
    bare.go()
    assert (bare["r8"], bare["r9"], bare["r0"]) == (1, labels["after"], 0x55)


@pytest.mark.parametrize("level", ["full", "off"])
@pytest.mark.parametrize("line", V6K)
def test_v6k_is_there_on_r1(level: str, line: str) -> None:
    """On an r1p3 they load what they name."""
    bare = Bare(level, revision="r1p3")
    bare.load(f"{LATER}ldr r1, ={DATA}\nmov r0, #0x55\n{line}\ndone: b done\n{SKIP}", und="skip")
    bare.put(DATA, 0x0123_4567, 0x89AB_CDEF)
    bare.go()
    assert (bare["r8"], bare["r0"]) == (0, V6K[line])


@pytest.mark.parametrize("level", ["full", "off"])
def test_exclusive_stores_of_r1(level: str) -> None:
    """STREXB, H and D store behind their loads and say so; behind CLREX they do not store."""
    bare = Bare(level, revision="r1p3")
    bare.load(
        f"""
        {LATER}
        ldr r1, ={DATA}
        mov r2, #0x11
        mov r3, #0x22
        ldrexd r4, r5, [r1]
        strexd r6, r2, r3, [r1]
        add r1, r1, #8
        ldrexb r4, [r1]
        strexb r7, r3, [r1]
        ldrexh r4, [r1]
        clrex
        strexh r8, r2, [r1]
        done: b done
        """
    )
    bare.put(DATA, 1, 2, 0x0123_4567)
    bare.go()
    assert [bare.word(DATA + 4 * n) for n in range(3)] == [0x11, 0x22, 0x0123_4522]
    assert [bare[f"r{n}"] for n in (6, 7, 8)] == [0, 0, 1]


def test_a_condition_that_fails_saves_from_a_trap(bare: Bare) -> None:
    """What is undefined does nothing where its condition fails."""
    bare.load(
        f"{LATER}ldr r1, ={DATA}\ncmp r1, r1\nldrexbne r0, [r1]\nldrexbeq r0, [r1]\n"
        f"done: b done\n{SKIP}",
        und="skip",
    )
    bare.go()
    assert bare["r8"] == 1


def test_undefined_in_a_hot_loop(bare: Bare) -> None:
    """A loop that runs often enough to lose its calls still traps each time."""
    bare.load(
        f"""
        {LATER}
        ldr r1, ={DATA}
        mov r7, #100
        loop:
        add r5, r5, #1
        add r6, r6, #1
        ldrexb r0, [r1]
        subs r7, r7, #1
        bne loop
        done: b done
        {SKIP}
        """,
        und="skip",
    )
    bare.go()
    assert (bare["r8"], bare["r5"]) == (100, 100)


@pytest.mark.parametrize("number", range(6))
@pytest.mark.parametrize("mode", [0x13, 0x10])
def test_hints_do_nothing(bare: Bare, number: int, mode: int) -> None:
    """NOP, YIELD, WFE, WFI, SEV and the rest are an MSR of no field before v6K.

    YIELD and WFE raised an undefined instruction at the one behind them.
    """
    bare.load(f"cps #{mode}\nmov r0, #1\nhint: nop\nmov r0, #2\ndone: b done\n{SKIP}", und="skip")
    bare.put(bare.machine.symbols["hint"], 0xE320_F000 | number)
    bare.go()
    assert (bare["r8"], bare["r0"]) == (0, 2)


@pytest.mark.parametrize("level", ["full", "off"])
def test_hints_of_r1(level: str) -> None:
    """On an r1p3 WFI waits for an interrupt, also a masked one; YIELD and WFE go on."""
    bare = Bare(level, revision="r1p3")
    bare.run(
        f"""
        {LATER}
        ldr r1, =0x53F94000          @ EPIT1: a tick in 100 clocks, IRQ 28
        ldr r0, =0x68000000
        mov r2, #28
        str r2, [r0, #8]
        mov r2, #100
        str r2, [r1, #8]
        mov r2, #0
        str r2, [r1, #0xc]
        ldr r2, =0x0102000F
        str r2, [r1]
        yield
        wfe
        wfi
        ldr r3, [r1, #4]
        done: b done
        """
    )
    assert bare["r3"] == 1


@pytest.mark.parametrize("half", [0xB100, 0xB3FF, 0xB900, 0xBBFF, 0xBF00, 0xBF08, 0xBF30])
def test_thumb_2_is_undefined(bare: Bare, half: int) -> None:
    """CBZ, CBNZ, IT and Thumb's hints are of v6T2; Unicorn runs them on any core."""
    bare.load(
        f"""
        adr r0, code + 1
        bx r0
        done: b done
        {SKIP}
        literals: .ltorg
        .thumb
        .align 2
        code: mov r8, r8
        bad: mov r8, r8
        movs r3, #7
        ldr r0, =done
        bx r0
        .align 2
        """,
        und="skip",
    )
    labels = bare.machine.symbols
    bare.machine.write_physical(labels["bad"], half.to_bytes(2, "little"))
    bare.go()
    assert (bare["r8"], bare["r9"], bare["r3"]) == (1, labels["bad"] + 2, 7)
    assert bare["r10"] & 0x20


@pytest.mark.parametrize("line", ["msr cpsr_x, r0", "msr cpsr_fsxc, r0", "msr cpsr_x, #0x200"])
@pytest.mark.parametrize("mode", [0x10, 0x1F])
def test_user_mode_writes_e(bare: Bare, line: str, mode: int) -> None:
    """E is among the bits of CPSR that user mode may write, and masks and mode are not.

    Unicorn left E as it was.
    """
    bare.load(
        f"""
        ldr r1, ={DATA}
        ldr r0, =0xF80F021F
        cps #{mode}
        {line}
        ldr r2, [r1]
        mrs r3, cpsr
        setend le
        done: b done
        """
    )
    bare.put(DATA, 0x0123_4567)
    bare.go()
    assert bare["r2"] == 0x6745_2301
    assert bare["r3"] & 0x21F == 0x200 | mode
    if "fsxc" in line:
        assert bare["r3"] & 0xF80F_0000 == 0xF80F_0000
        assert bare["r3"] & 0xC0 == (0xC0 if mode == 0x10 else 0)


GATE: Final = """
    ldr r0, ={cpacr}
    mcr p15, 0, r0, c1, c0, 2
    cps #{mode}
    {line}
    done: b done
"""


@pytest.mark.parametrize(
    ("cpacr", "mode", "allowed"),
    [
        (0, 0x13, False), (0, 0x10, False),
        (0x0050_0000, 0x13, True), (0x0050_0000, 0x10, False),
        (0x00F0_0000, 0x13, True), (0x00F0_0000, 0x10, True),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "line", ["vmrs r1, fpsid", "vadd.f32 s0, s1, s2", "vldr s0, [r2]", "vmov d0, r1, r1"]
)
def test_cpacr_gates_the_vfp(bare: Bare, cpacr: int, mode: int, allowed: bool, line: str) -> None:
    """Coprocessors 10 and 11 are for nobody, for privileged modes, or for all."""
    on = "ldr r0, =0x00F00000\nmcr p15, 0, r0, c1, c0, 2\nmov r0, #0x40000000\nvmsr fpexc, r0\n"
    source = f"ldr r2, ={DATA}\n" + on + GATE.format(cpacr=cpacr, mode=mode, line=line) + SKIP
    bare.load(source, und="skip")
    bare.go()
    assert bare["r8"] == (0 if allowed else 1)


def test_a_gate_that_closes_is_seen_by_hot_code(bare: Bare) -> None:
    """A VFP instruction in a block that runs without calls traps as soon as CPACR says so."""
    bare.load(
        f"""
        ldr r0, =0x00F00000
        mcr p15, 0, r0, c1, c0, 2
        mov r0, #0x40000000
        vmsr fpexc, r0
        mov r7, #100
        mov r4, #0
        loop:
        add r5, r5, #1
        add r6, r6, #1
        vmov s0, r5
        subs r7, r7, #1
        bne loop
        mcr p15, 0, r4, c1, c0, 2
        mov r7, #3
        cmp r8, #0
        beq loop
        done: b done
        {SKIP}
        """,
        und="skip",
    )
    bare.go(cycles=100_000)
    assert bare["r8"] == 3
