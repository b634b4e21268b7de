# SPDX-License-Identifier: BSD-2-Clause
"""Alignment of data accesses for each of SCTLR.A and SCTLR.U, by the table of DDI 0211, 4.4."""

from typing import Final

import pytest

from tests.sel4emu.conftest import RAM, Bare

DATA: Final = RAM + 0x1000
A: Final = 1 << 1
U: Final = 1 << 22
VFP: Final = """
    ldr r0, =0x00F00000
    mcr p15, 0, r0, c1, c0, 2
    mov r0, #0x40000000
    vmsr fpexc, r0
"""
#: The handler keeps the fault in r7 to r9, and goes on behind the access.
PROGRAM: Final = """
    {vfp}
    mrc p15, 0, r0, c1, c0, 0
    bic r0, r0, #2
    ldr r1, ={bits}
    orr r0, r0, r1
    mcr p15, 0, r0, c1, c0, 0
    ldr r1, ={address}
    mov r2, r1
    mov sp, r1
    mov r4, #0
    mov r8, #0
    {line}
    done: b done
    abort:
    mrc p15, 0, r7, c5, c0, 0
    mov r8, #1
    mrc p15, 0, r9, c6, c0, 0
    subs pc, lr, #4
"""

WORD_OR_HALF: Final = {
    "ldr r5, [r1]": 4, "str r4, [r1]": 4, "ldrt r5, [r1]": 4, "ldrh r5, [r1]": 2,
    "ldrsh r5, [r1]": 2, "strh r4, [r1]": 2,
}  # fmt: skip
ALWAYS_WORDS: Final = (
    "ldm r1, {r4, r5}", "stm r1!, {r4, r5}", "ldm r1, {r5}^", "swp r5, r4, [r1]",
    "ldrex r5, [r1]", "strex r5, r4, [r1]", "rfeia r1", "vldr s0, [r1]", "vstr d0, [r1]",
    "vldm r1, {d0, d1}", "ldrd r4, r5, [r1]", "strd r4, r5, [r1]", "srsia sp, #0x13",
)  # fmt: skip
NEVER: Final = ("ldrb r5, [r1]", "strb r4, [r1]", "ldrsb r5, [r1]", "swpb r5, r4, [r1]", "pld [r1]")


def attempt(bare: Bare, line: str, bits: int, offset: int) -> bool:
    """Whether an access to DATA + offset faults under these bits of SCTLR."""
    vfp = VFP if line.startswith("v") else ""
    source = PROGRAM.format(vfp=vfp, bits=bits, address=DATA + offset, line=line)
    bare.load(source, dabt="abort")
    bare.put(DATA, *(bare.machine.symbols["done"], 0x13, 0x0807_0605, 0x13))
    bare.go()
    return bool(bare["r8"])


@pytest.mark.parametrize("line", WORD_OR_HALF)
@pytest.mark.parametrize("bits", [A, U, A | U], ids=["A", "U", "A+U"])
@pytest.mark.parametrize("offset", [1, 2, 4])
def test_words_and_halfwords(bare: Bare, line: str, bits: int, offset: int) -> None:
    """They may be anywhere with U, and must be aligned with A."""
    assert attempt(bare, line, bits, offset) == bool(bits & A and offset % WORD_OR_HALF[line])


@pytest.mark.parametrize("line", ALWAYS_WORDS)
@pytest.mark.parametrize("bits", [A, U, A | U], ids=["A", "U", "A+U"])
@pytest.mark.parametrize("offset", [0, 2])
def test_what_must_be_at_words(bare: Bare, line: str, bits: int, offset: int) -> None:
    """Multiples, doublewords, exclusives, SWP, SRS, RFE and the VFP fault with A or U alone."""
    assert attempt(bare, line, bits, offset) == (offset != 0)
    if offset:
        assert bare["r9"] == DATA + offset
        stores = line.startswith(("st", "vst", "srs"))
        assert bare["r7"] & 0xC0F == (0x801 if stores else 0x001)


@pytest.mark.parametrize(("bits", "faults"), [(A, True), (U, False), (A | U, False)])
@pytest.mark.parametrize("line", ["ldrd r4, r5, [r1]", "strd r4, r5, [r1]"])
def test_doublewords(bare: Bare, line: str, bits: int, faults: bool) -> None:
    """At a word that is no doubleword they fault with A set and U clear alone."""
    assert attempt(bare, line, bits, 4) == faults


@pytest.mark.parametrize("line", NEVER)
@pytest.mark.parametrize("bits", [0, A, U, A | U])
def test_bytes_are_always_aligned(bare: Bare, line: str, bits: int) -> None:
    """Bytes and preloads never fault."""
    assert not attempt(bare, line, bits, 1)


THUMB: Final = """
    mrc p15, 0, r0, c1, c0, 0
    ldr r1, ={bits}
    orr r0, r0, r1
    mcr p15, 0, r0, c1, c0, 0
    ldr r1, ={address}
    mov sp, r1
    mov r8, #0
    adr r0, code + 1
    bx r0
    done: b done
    abort:
    add r8, r8, #1
    subs pc, lr, #6              @ behind the halfword: LR is eight ahead
    literals: .ltorg
    .thumb
    .align 2
    code: {line}
    ldr r0, =done
    bx r0
    .align 2
"""


@pytest.mark.parametrize(
    ("line", "with_u"),
    [
        ("ldmia r1!, {r2, r3}", 1), ("stmia r1!, {r2, r3}", 1), ("push {r2}", 1), ("pop {r2}", 1),
        ("ldr r2, [r1]", 0), ("strh r2, [r1]", 0), ("ldrb r2, [r1]", 0),
    ],
)  # fmt: skip
def test_thumb(bare: Bare, line: str, with_u: int) -> None:
    """Thumb's multiples must be at words with U alone, its single accesses with A."""
    for bits, faults in ((U, with_u), (A, 0 if "ldrb" in line else 1)):
        bare.load(THUMB.format(bits=bits, address=DATA + 1, line=line), dabt="abort")
        bare["cpsr"] = 0x1D3
        bare.go()
        assert bare["r8"] == faults


LEGACY: Final = """
    ldr r1, ={data}
    add r2, r1, #{low}
    {line}
    done: b done
"""


@pytest.mark.parametrize("low", [1, 2, 3])
@pytest.mark.parametrize("line", ["ldr r3, [r2]", "ldr r3, [r2], #4", "ldr r3, [r1, #{low}]"])
def test_words_are_rotated(bare: Bare, low: int, line: str) -> None:
    """With A and U clear, a load takes the word that the address lies in and turns it."""
    bare.load(LEGACY.format(data=DATA, low=low, line=line.format(low=low)))
    bare.put(DATA, 0x0403_0201, 0x0807_0605)
    bare.go()
    turned = 0x0403_0201 >> 8 * low | 0x0403_0201 << (32 - 8 * low) & 0xFFFF_FFFF
    assert bare["r3"] == turned
    assert bare["r2"] == DATA + low + (4 if "#4" in line else 0)
    assert bare["r1"] == DATA


def test_what_legacy_ignores(bare: Bare) -> None:
    """Halfwords, stores, multiples and doublewords ignore the low bits, and nothing is turned."""
    bare.load(
        f"""
        ldr r1, ={DATA + 1}
        ldrh r2, [r1]
        ldr r3, =0xAABBCCDD
        str r3, [r1, #4]
        strh r3, [r1, #8]
        add r1, r1, #2
        ldm r1!, {{r4, r5}}
        ldr r6, ={DATA + 2}
        ldrd r8, r9, [r6]
        swp r10, r3, [r6]
        push {{r3}}
        done: b done
        """
    )
    bare["sp"] = DATA + 0x23
    bare.put(DATA, 0x0403_0201, 0, 0, 0)
    bare.go()
    assert bare["r2"] == 0x0201
    assert [bare["r4"], bare["r5"]] == [0x0403_0201, 0xAABB_CCDD]
    assert [bare["r8"], bare["r9"]] == [0x0403_0201, 0xAABB_CCDD]
    assert bare["r10"] == 0x0201_0403
    assert bare["r1"] == DATA + 11 and bare["r6"] == DATA + 2 and bare["sp"] == DATA + 0x1F
    assert [bare.word(DATA + 4 * n) for n in range(3)] == [0xAABB_CCDD, 0xAABB_CCDD, 0xCCDD]
    assert bare.word(DATA + 0x1C) == 0xAABB_CCDD


def test_a_legacy_load_that_loads_its_base(bare: Bare) -> None:
    """The loaded and turned word is what the base is afterwards."""
    bare.load(f"ldr r1, ={DATA + 1}\nldr r1, [r1]\nadd r2, r1, #0\ndone: b done")
    bare.put(DATA, 0x0403_0201)
    bare.go()
    assert bare["r1"] == bare["r2"] == 0x0104_0302


def test_a_legacy_access_that_aborts(bare: Bare) -> None:
    """The base has its low bits at the abort, and the access can be made again."""
    hole = 0x9000_0000
    bare.load(
        f"""
        ldr r1, ={hole + 3}
        mov r3, #7
        ldr r3, [r1], #4
        done: b done
        abort:
        mov r5, r1
        ldr r1, ={DATA + 3}
        subs pc, lr, #8
        """,
        dabt="abort",
    )
    bare.put(DATA, 0x0403_0201)
    bare.go()
    assert bare["r5"] == hole + 3
    assert (bare["r1"], bare["r3"]) == (DATA + 7, 0x0302_0104)


@pytest.mark.parametrize("bits", [0, A, U])
def test_a_hot_loop_over_addresses(bare: Bare, bits: int) -> None:
    """A block that runs without calls is looked at again when its address is not aligned."""
    bare.load(
        f"""
        mrc p15, 0, r0, c1, c0, 0
        ldr r1, ={bits}
        orr r0, r0, r1
        mcr p15, 0, r0, c1, c0, 0
        ldr r1, ={DATA}
        mov r6, #200
        loop:
        add r2, r1, r3
        ldr r4, [r2]
        add r5, r5, r4, lsr #24
        subs r6, r6, #1
        moveq r3, #2
        bne loop
        mov r6, #1
        cmp r3, r7
        mov r7, #2
        bne loop
        done: b done
        abort:
        add r8, r8, #1
        subs pc, lr, #4
        """,
        dabt="abort",
    )
    bare.put(DATA, 0x0403_0201, 0x0807_0605)
    bare.go(cycles=100_000)
    last = {0: 0x02, A: 0x04, U: 0x06}[bits]
    assert bare["r5"] == 200 * 4 + last
    assert bare["r8"] == (1 if bits == A else 0)


def test_alignment_comes_before_permission(bare: Bare, mmu_on: str) -> None:
    """An unaligned access to a page that is not mapped is an alignment fault."""
    bare.tables.identity()
    bare.load(
        f"{mmu_on}\nldr r1, =0x40000002\nldm r1, {{r2, r3}}\nb .\n"
        "done: mrc p15, 0, r7, c5, c0, 0\nmrc p15, 0, r9, c6, c0, 0\nend: b end",
        dabt="done",
    )
    bare.go("end")
    assert (bare["r7"] & 0x40F, bare["r9"]) == (1, 0x4000_0002)
