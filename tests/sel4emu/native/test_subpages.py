# SPDX-License-Identifier: BSD-2-Clause
"""Pages of the old table format, whose four subpages have permissions of their own."""

from typing import Final

import pytest

from tests.sel4emu.conftest import PAGE_TABLES, RAM, TABLE, Bare

DATA: Final = RAM + 0x20_0000
VIRTUAL: Final = 0x4000_0000
#: AP of the four subpages: privileged only, user may read, everything, nothing.
MIXED: Final = 0b00_11_10_01
_XP: Final = 0x80_0000
#: As the conftest's, but with SCTLR.XP clear, and U set.
MMU_ON: Final = f"""
    ldr r0, ={TABLE}
    mcr p15, 0, r0, c2, c0, 0
    ldr r0, =0x55555555
    mcr p15, 0, r0, c3, c0, 0
    mrc p15, 0, r0, c1, c0, 0
    bic r0, r0, #{_XP}
    orr r0, r0, #0x400000
    orr r0, r0, #1
    mcr p15, 0, r0, c1, c0, 0
"""
#: Aborts are counted in r11, with the last one's status, address and link in r8 to r10; the
#: instruction is left out.
SKIP: Final = """
    skip:
    mrc p15, 0, r8, c5, c0, 0
    mrc p15, 0, r9, c6, c0, 0
    mov r10, lr
    add r11, r11, #1
    subs pc, lr, #4
"""


def prepare(bare: Bare, body: str, *, entry: int = DATA | MIXED << 4 | 2, **vectors: str) -> None:
    """Map a page with subpages at VIRTUAL, nothing behind it, and load a program."""
    bare.tables.identity()
    bare.put(TABLE + (VIRTUAL >> 20) * 4, PAGE_TABLES | 1)
    bare.put(PAGE_TABLES, entry)
    bare.put(DATA, *range(0x100, 0x500))
    bare.load(
        f"{MMU_ON}\nmov r11, #0\nldr r1, ={VIRTUAL}\n{body}\ndone: b done\n{SKIP}",
        handlers={"dabt": "skip"} | vectors,
    )


@pytest.mark.parametrize(
    ("access", "user", "status", "far"),
    [
        ("ldr r0, [r1, #0x3fc]", False, 0, 0),
        ("ldr r0, [r1, #0x3fc]", True, 0b01111, 0x3FC),
        ("ldr r0, [r1, #0x400]", True, 0, 0),
        ("str r0, [r1, #0x400]", True, 0b01111 | 1 << 11, 0x400),
        ("str r0, [r1, #0x400]", False, 0, 0),
        ("str r0, [r1, #0x800]", True, 0, 0),
        ("ldrb r0, [r1, #0xc01]", False, 0b01111, 0xC01),
        ("ldr r0, [r1, #0x3fe]", True, 0b01111, 0x3FE),
        ("ldr r0, [r1, #0x3fe]", False, 0, 0),
        ("ldr r0, [r1, #0xbfe]", True, 0b01111, 0xC00),
        ("add r2, r1, #0xbf0\nldm r2, {r3-r6}", True, 0, 0),
        ("add r2, r1, #0xbf0\nldm r2, {r3-r7}", True, 0b01111, 0xC00),
        ("add r2, r1, #0xc00\nstmdb r2!, {r3-r6}", True, 0, 0),
        ("add r2, r1, #0x800\nstmdb r2!, {r3-r6}", True, 0b01111 | 1 << 11, 0x7F0),
        ("add r2, r1, #0x400\nldrt r3, [r2]", False, 0, 0),
        ("add r2, r1, #0x400\nstrt r3, [r2]", False, 0b01111 | 1 << 11, 0x400),
        ("add r2, r1, #0x400\nswp r3, r0, [r2]", True, 0b01111 | 1 << 11, 0x400),
        ("add r2, r1, #0x800\nswp r3, r0, [r2]", True, 0, 0),
        ("add r1, r1, #0x1000\nldr r0, [r1]", False, 0b00111, 0x1000),
        ("add r1, r1, #0xc00\nldr r0, [r1, #0x3fe]", False, 0b01111, 0xFFE),
    ],
)
def test_each_subpage_has_its_permissions(
    bare: Bare, access: str, user: bool, status: int, far: int
) -> None:
    """Accesses of every kind, also over a border: each byte's subpage must allow them.

    The first AP field counted for the whole page.
    """
    prepare(bare, f"{'cps #0x10' if user else ''}\n{access}")
    bare.go()
    assert bare["r11"] == (status != 0)
    if status:
        assert (bare["r8"], bare["r9"]) == (status, VIRTUAL + far)


@pytest.mark.parametrize("entry", [DATA | 0xFF0 | 2, DATA | MIXED << 4 | 1, DATA | 0x13])
def test_other_pages_need_no_such_care(bare: Bare, entry: int) -> None:
    """Four equal fields, 16 KB for each field of a large page, the one of an extended page."""
    prepare(bare, "ldr r0, [r1, #0xc00]\nldr r0, [r1]\nldr r0, [r1, #0x400]", entry=entry)
    bare.go()
    assert bare["r11"] == 0
    assert bare.machine.counters["tlb_fills"] < 10


def test_quarters_of_a_large_page(bare: Bare) -> None:
    """Each 16 KB of a large page has its own AP."""
    prepare(
        bare,
        """
        ldr r5, =0x4000
        cps #0x10
        ldr r0, [r1]
        ldr r0, [r1, r5]
        str r0, [r1, r5]
        str r0, [r1, r5, lsl #1]
        add r2, r5, r5, lsl #1
        ldr r0, [r1, r2]
        """,
        entry=0,
    )
    bare.put(PAGE_TABLES, *[DATA & 0xFFFF_0000 | MIXED << 4 | 1] * 16)
    bare.go()
    assert bare["r11"] == 3
    assert (bare["r8"], bare["r9"]) == (0b01111, VIRTUAL + 0xC000)


def test_a_loop_that_runs_often(bare: Bare) -> None:
    """A block accounted for at its head sees each refusal, and counts like one that is not.

    Nothing takes the page away from Unicorn between two instructions of such a block.
    """
    prepare(
        bare,
        """
        mov r3, #200
        ldr r4, =0x80200000
        mov r5, #0
        cps #0x10
        again:
        ldr r0, [r1, #0x400]
        add r5, r5, r0
        cmp r3, #100
        addeq r1, r1, #0xc00
        subs r3, r3, #1
        bne again
        """,
    )
    instructions = []
    for hot in (0, 1 << 30):
        bare.machine.cpu.state[0]["hot"] = hot
        before = bare.machine.counters["instructions"]
        bare["pc"] = RAM
        bare["cpsr"] = 0x1D3
        bare.go()
        instructions.append(bare.machine.counters["instructions"] - before)
        assert bare["r11"] == 99
        assert (bare["r0"], bare["r5"]) == (0x200, 200 * 0x200)
        assert bare["r9"] == VIRTUAL + 0x1000
    assert instructions[0] == instructions[1]


def test_a_page_is_given_for_one_instruction(bare: Bare) -> None:
    """The instruction behind an allowed access is refused in another subpage, and the next not."""
    prepare(
        bare,
        """
        cps #0x10
        mov r7, #40
        again:
        ldr r2, [r1, #0x400]
        ldr r3, [r1, #0x000]
        str r2, [r1, #0x800]
        str r2, [r1, #0x404]
        subs r7, r7, #1
        bne again
        """,
    )
    bare.go()
    assert (bare["r11"], bare["r2"], bare["r3"]) == (80, 0x200, 0)
    assert bare.word(DATA + 0x800) == 0x200 and bare.word(DATA + 0x404) == 0x201


NOP: Final = 0xE1A0_0000
ADD: Final = 0xE285_5001  # add r5, r5, #1
RETURN: Final = 0xE12F_FF1E
STOPPED: Final = """
    stopped:
    mrc p15, 0, r8, c5, c0, 1
    mov r10, lr
    end: b end
"""


@pytest.mark.parametrize("user", [True, False])
def test_code_runs_into_a_subpage(bare: Bare, user: bool) -> None:
    """Straight-line code crosses into a subpage that user mode may not read: prefetch abort."""
    prepare(
        bare,
        f"""
        mov r5, #0
        add r2, r1, #0x700
        add r2, r2, #0xf8
        {"cps #0x10" if user else ""}
        blx r2
        b done
        {STOPPED}
        """,
        entry=DATA | 0b11_01_10_01 << 4 | 2,
        pabt="stopped",
    )
    bare.put(DATA + 0x7F8, ADD, ADD, ADD, RETURN)
    bare.go("end" if user else "done")
    assert bare["r5"] == (2 if user else 3)
    if user:
        assert (bare["r8"], bare["r10"]) == (0b01111, VIRTUAL + 0x804)


def test_a_jump_within_the_page(bare: Bare) -> None:
    """A branch from one subpage into a closed one aborts at its target, in a loop that is hot."""
    prepare(
        bare,
        f"""
        mov r5, #0
        cps #0x10
        add r2, r1, #0x400
        mov r4, #100
        again:
        blx r2
        subs r4, r4, #1
        bne again
        add r2, r1, #0xc00
        bx r2
        {STOPPED}
        """,
        pabt="stopped",
    )
    bare.put(DATA + 0x400, ADD, RETURN)
    bare.put(DATA + 0xC00, ADD, RETURN)
    bare.go("end")
    assert (bare["r5"], bare["r8"], bare["r10"]) == (100, 0b01111, VIRTUAL + 0xC04)


def test_code_that_lies_in_an_open_subpage_reads_its_data(bare: Bare) -> None:
    """Code and the data that it reads share a page with subpages, of which one is closed."""
    prepare(
        bare,
        """
        cps #0x10
        add r2, r1, #0x400
        mov r4, #50
        again:
        blx r2
        subs r4, r4, #1
        bne again
        """,
    )
    bare.put(DATA + 0x400, 0xE5910404, 0xE5910000, RETURN)  # ldr r0, [r1, #0x404]; ldr r0, [r1]
    bare.go()
    assert (bare["r11"], bare["r0"]) == (50, 0xE591_0000)


@pytest.mark.parametrize("offset", [0x000, 0x400])
def test_subpages_of_a_hole(bare: Bare, offset: int) -> None:
    """A subpage that is refused says so, also where the one before it is open and maps nothing.

    The page was asked for as a whole: its first subpage gave an external abort for all of it.
    """
    prepare(bare, f"cps #0x10\nldrb r0, [r1, #{offset + 3}]", entry=0x7000_0000 | 0x30 | 2)
    bare.go()
    status = 0b01111 if offset else 0b01000
    assert (bare["r11"], bare["r8"], bare["r9"]) == (1, status, VIRTUAL + offset + 3)
