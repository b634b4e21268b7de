# SPDX-License-Identifier: BSD-2-Clause
"""CP15 as a guest sees it: identification, control, cycle counter, TLB maintenance."""

from collections.abc import Callable
from typing import Final

import pytest

from tests.sel4emu.conftest import RAM, TABLE, Bare

OTHER_TABLE: Final = 0x8010_8000
SECTION: Final = 0x4000_0000
#: In a set of the main TLB that the test program itself does not use.
PAGE: Final = 0x4000_7000
NOT_GLOBAL: Final = 0x830


def test_identification(bare: Bare) -> None:
    """The i.MX31's core: r0p4, 16 KB caches, a unified TLB with 8 lockable entries."""
    bare.run(
        """
        mrc p15, 0, r0, c0, c0, 0
        mrc p15, 0, r1, c0, c0, 1
        mrc p15, 0, r2, c0, c0, 2
        mrc p15, 0, r3, c0, c0, 3
        mrc p15, 0, r4, c1, c0, 0
        mrc p15, 0, r5, c2, c0, 2
        done: b done
        """
    )
    assert [bare[f"r{n}"] for n in range(6)] == [
        0x4107_B364, 0x1D15_2152, 0, 0x0000_0800, 0x0005_0078, 0
    ]  # fmt: skip


def test_read_into_the_flags(bare: Bare) -> None:
    """MRC to r15 moves bits 31-28 of the register into the flags.

    The flags came from Unicorn's own answer, which differs for the registers that we correct.
    """
    bare.run("mrc p15, 0, apsr_nzcv, c0, c0, 1\nmrs r0, cpsr\ndone: b done")
    assert bare["r0"] >> 28 == 0x1
    bare.run("mrc p15, 0, apsr_nzcv, c0, c0, 0\nmrs r0, cpsr\ndone: b done")
    assert bare["r0"] >> 28 == 0x4


def test_conditional_access(bare: Bare) -> None:
    """An MCR or MRC whose condition fails has no effect."""
    bare.run(
        f"""
        ldr r0, ={TABLE}
        mov r1, #1
        cmp r1, #1
        mcrne p15, 0, r0, c2, c0, 0
        mcrne p15, 0, r1, c13, c0, 1
        mrcne p15, 0, r2, c0, c0, 0
        mcreq p15, 0, r0, c2, c0, 1
        done: b done
        """
    )
    record = bare.machine.cpu.state[0]
    assert (record["ttbr0"], record["context_id"], record["ttbr1"]) == (0, 0, TABLE)
    assert bare["r2"] == 0


def test_user_mode_access_is_undefined(bare: Bare) -> None:
    """In user mode an access to a system register is undefined and has no effect."""
    labels = bare.load(
        "ldr r0, =0x1234\ncps #0x10\nbad: mcr p15, 0, r0, c13, c0, 1\nb .\ndone: b done", und="done"
    )
    bare.go()
    assert bare["lr"] == labels["bad"] + 4
    assert bare.machine.cpu.state[0]["context_id"] == 0


def test_barriers_in_user_mode(bare: Bare) -> None:
    """The barriers of c7 are for everybody."""
    bare.run(
        """
        mov r0, #0
        cps #0x10
        mcr p15, 0, r0, c7, c10, 4
        mcr p15, 0, r0, c7, c10, 5
        mcr p15, 0, r0, c7, c5, 4
        done: b done
        """
    )


def test_opcode_1_names_other_registers(bare: Bare) -> None:
    """MCR with opcode_1 other than 0 is no write to the register with opcode_1 0.

    It was followed as if it were: such a write to c1 changed our idea of SCTLR.
    """
    bare.load("mvn r0, #0\nmcr p15, 1, r0, c1, c0, 0\nb .\ndone: b done", und="done")
    bare.machine.run("done", cycles=100)
    assert bare.machine.cpu.state[0]["sctlr"] == 0x0005_0078


def test_thumb_branch_that_looks_like_a_coprocessor_access(counting: Bare) -> None:
    """The halves of a Thumb BLX pair never count as an MCR, whatever their offsets."""
    before = counting.machine.cpu.state[0].copy()
    counting.load("adr r0, thumb + 1\nbx r0\nliterals:\n.thumb\n.align 2\nthumb: mov r8, r8")
    base = counting.machine.symbols["literals"]
    for low in range(0xF700, 0xF800, 0x11):
        counting.put(base, low | 0xEE02 << 16, 0xE7FE_E7FE)
        counting["pc"] = RAM
        counting.machine.run(cycles=4)
    after = counting.machine.cpu.state[0]
    for name in ("sctlr", "ttbr0", "ttbr1", "dacr", "context_id"):
        assert after[name] == before[name]


def test_cycle_counter(counting: Bare) -> None:
    """CCNT: 0 until enabled, counts instructions exactly, keeps its value while disabled.

    It read 0 when disabled, so that stop-then-read lost the measurement.
    """
    counting.run(
        """
        mrc p15, 0, r1, c15, c12, 1
        mov r0, #5
        mcr p15, 0, r0, c15, c12, 0
        mrc p15, 0, r2, c15, c12, 1
        nop
        nop
        mrc p15, 0, r3, c15, c12, 1
        mov r0, #0
        mcr p15, 0, r0, c15, c12, 0
        nop
        mrc p15, 0, r4, c15, c12, 1
        mov r0, #1
        mcr p15, 0, r0, c15, c12, 0
        mrc p15, 0, r5, c15, c12, 1
        ldr r0, =0xfffffffe
        mcr p15, 0, r0, c15, c12, 1
        nop
        nop
        mrc p15, 0, r6, c15, c12, 1
        mrc p15, 0, r7, c15, c12, 0
        mrc p15, 0, r8, c15, c12, 2
        done: b done
        """
    )
    assert [counting[f"r{n}"] for n in range(1, 9)] == [
        0, 1, 4, 6, 7, 1, 0x401, 0
    ]  # fmt: skip


def test_cycle_counter_divided(counting: Bare) -> None:
    """PMNC.D: CCNT counts every 64th cycle."""
    counting.run(
        """
        mov r0, #0xd
        mcr p15, 0, r0, c15, c12, 0
        mov r1, #64
        wait: subs r1, r1, #1
        bne wait
        mrc p15, 0, r2, c15, c12, 1
        done: b done
        """
    )
    assert counting["r2"] == 2


def test_cycle_counter_at_level_off(make_bare: Callable[[str], Bare]) -> None:
    """At level "off", too, a block with CP15 reads runs each instruction once, in order.

    Unicorn ran the whole block where it had been asked for one instruction, and only the first
    read was answered.
    """
    bare = make_bare("off")
    bare.run(
        """
        mov r0, #5
        mcr p15, 0, r0, c15, c12, 0
        mov r4, #3
        again: add r5, r5, #1
        mrc p15, 0, r1, c0, c0, 0
        mrc p15, 0, r2, c0, c0, 1
        add r6, r6, r1
        subs r4, r4, #1
        bne again
        mrc p15, 0, r3, c15, c12, 1
        done: b done
        """
    )
    assert (bare["r1"], bare["r2"], bare["r5"]) == (0x4107_B364, 0x1D15_2152, 3)
    assert bare["r6"] == 3 * 0x4107_B364 & 0xFFFF_FFFF
    assert bare["r3"] > 0


SWITCH: Final = """
    mov r2, #{asid}
    ldr r0, ={table}
    mcr p15, 0, r0, c2, c0, 0
    mcr p15, 0, r2, c13, c0, 1
"""


def two_spaces(bare: Bare, mmu_on: str, body: str, attributes: int = NOT_GLOBAL) -> None:
    """PAGE means 11 under TABLE and ASID 1, 22 under OTHER_TABLE and ASID 2."""
    bare.tables.identity()
    bare.tables.page(PAGE, RAM + 0x20_0000, attributes)
    entries = bare.machine.read_physical(TABLE, 0x4000)
    bare.machine.write_physical(OTHER_TABLE, entries)
    bare.tables.page(PAGE, RAM + 0x20_1000, attributes, table=OTHER_TABLE)
    bare.put(RAM + 0x20_0000, 11)
    bare.put(RAM + 0x20_1000, 22)
    bare.put(RAM + 0x20_2000, 33)
    first = SWITCH.format(asid=1, table=TABLE)
    second = SWITCH.format(asid=2, table=OTHER_TABLE)
    where = bare.tables.page(PAGE, RAM + 0x20_0000, attributes)
    bare.run(
        f"""
        {mmu_on}
        ldr r1, ={PAGE}
        ldr r11, ={where}
        ldr r12, ={RAM + 0x20_2002 | attributes}
        {first}
        {body.format(first=first, second=second)}
        done: b done
        """
    )


def test_address_spaces_are_told_apart(bare: Bare, mmu_on: str) -> None:
    """The same page under two ASIDs, without any flush: each space sees its own."""
    two_spaces(
        bare, mmu_on, "ldr r4, [r1]\n{second}\nldr r5, [r1]\n{first}\nldr r6, [r1]\nldr r7, [r1]"
    )
    assert [bare[f"r{n}"] for n in range(4, 8)] == [11, 22, 11, 11]


@pytest.mark.parametrize(
    ("flush", "seen"),
    [
        ("", 11),
        ("mov r0, #2\n mcr p15, 0, r0, c8, c7, 2", 11),
        ("mov r0, #1\n mcr p15, 0, r0, c8, c7, 2", 33),
        ("orr r0, r1, #1\n mcr p15, 0, r0, c8, c7, 1", 33),
        ("orr r0, r1, #2\n mcr p15, 0, r0, c8, c7, 1", 11),
        ("add r0, r1, #0x1000\n orr r0, r0, #1\n mcr p15, 0, r0, c8, c7, 1", 11),
        ("mcr p15, 0, r0, c8, c7, 0", 33),
        ("orr r0, r1, #1\n mcr p15, 0, r0, c8, c6, 1", 33),
        ("mcr p15, 0, r0, c8, c5, 0", 33),
    ],
)
@pytest.mark.parametrize("away", ["", "{second}\nldr r5, [r1]\n{first}"], ids=["here", "away"])
def test_stale_entry(bare: Bare, mmu_on: str, flush: str, seen: int, away: str) -> None:
    """A changed page table is not seen until the entry's ASID or address is invalidated.

    Also not after switching to another ASID and back.
    """
    two_spaces(bare, mmu_on, f"ldr r4, [r1]\nstr r12, [r11]\n{flush}\n{away}\nldr r6, [r1]")
    assert (bare["r4"], bare["r6"]) == (11, seen)


def test_global_entry_matches_every_space(bare: Bare, mmu_on: str) -> None:
    """A global page is found under the other ASID, although that table says otherwise."""
    two_spaces(bare, mmu_on, "ldr r4, [r1]\n{second}\nldr r5, [r1]", attributes=0x30)
    assert (bare["r4"], bare["r5"]) == (11, 11)


def test_locked_entry_survives_flush_all(bare: Bare, mmu_on: str) -> None:
    """An entry loaded with the preserve bit set stays when everything is invalidated."""
    lock = """
        mov r0, #1
        mcr p15, 0, r0, c10, c0, 0
        ldr r4, [r1]
        mrc p15, 0, r7, c10, c0, 0
        mov r0, #0
        mcr p15, 0, r0, c10, c0, 0
        str r12, [r11]
        mcr p15, 0, r0, c8, c7, 0
        ldr r5, [r1]
        orr r0, r1, #1
        mcr p15, 0, r0, c8, c7, 1
        ldr r6, [r1]
    """
    two_spaces(bare, mmu_on, lock)
    assert [bare[f"r{n}"] for n in range(4, 7)] == [11, 11, 33]
    assert bare["r7"] >> 26 & 7 == 1


def test_flush_by_address_drops_a_whole_section(bare: Bare, mmu_on: str) -> None:
    """Invalidating any address of a section drops all of it.

    Unicorn dropped only the one page of 4 KB, and the others still showed the old section.
    """
    bare.tables.identity()
    where = bare.tables.section(SECTION, RAM + 0x20_0000)
    bare.put(RAM + 0x20_5000, 11)
    bare.put(RAM + 0x30_5000, 22)
    bare.run(
        f"""
        {mmu_on}
        ldr r1, ={SECTION + 0x5000}
        ldr r4, [r1]
        ldr r2, ={where}
        ldr r3, ={RAM + 0x30_0C02}
        str r3, [r2]
        ldr r5, [r1]
        ldr r0, ={SECTION}
        mcr p15, 0, r0, c8, c7, 1
        ldr r6, [r1]
        done: b done
        """
    )
    assert [bare[f"r{n}"] for n in range(4, 7)] == [11, 11, 22]


def test_flush_by_modified_address(bare: Bare, mmu_on: str) -> None:
    """Under FCSE an entry is invalidated by its modified address."""
    bare.tables.identity()
    bare.tables.section(0x0600_0000, 0)
    where = bare.tables.page(0x0650_0000, RAM + 0x20_0000)
    bare.put(RAM + 0x20_0000, 11)
    bare.put(RAM + 0x20_1000, 22)
    bare.run(
        f"""
        {mmu_on}
        ldr r0, =0x06000000
        mcr p15, 0, r0, c13, c0, 0
        ldr r1, =0x00500000
        ldr r4, [r1]
        ldr r2, ={where}
        ldr r3, ={RAM + 0x20_1032}
        str r3, [r2]
        ldr r0, =0x06500000
        mcr p15, 0, r0, c8, c7, 1
        ldr r5, [r1]
        done: b done
        """
    )
    assert (bare["r4"], bare["r5"]) == (11, 22)


def test_domain_register_takes_effect_at_once(bare: Bare, mmu_on: str) -> None:
    """A page already in the TLB is refused when its domain is closed, allowed when reopened."""
    bare.tables.identity()
    bare.tables.page(PAGE, RAM + 0x20_0000, domain=1)
    bare.load(
        f"""
        {mmu_on}
        ldr r1, ={PAGE}
        ldr r4, [r1]
        mov r0, #1
        mcr p15, 0, r0, c3, c0, 0
        ldr r5, [r1]
        done: b done
        open: mov r0, #5
        mcr p15, 0, r0, c3, c0, 0
        add r10, r10, #1
        subs pc, lr, #8
        """,
        dabt="open",
    )
    bare.put(RAM + 0x20_0000, 44)
    bare.go()
    assert (bare["r4"], bare["r5"], bare["r10"]) == (44, 44, 1)


SKIP: Final = """
    skip:
    add r8, r8, #1
    movs pc, lr
"""


@pytest.mark.parametrize("level", ["full", "off"])
def test_features_of_both_revisions(level: str) -> None:
    """r1p3 has the CPUID scheme; r0p4 answers with its MIDR where it has no register."""
    source = "".join(f"mrc p15, 0, r{n}, c0, c{1 + n // 4}, {n % 4}\n" for n in range(8))
    new, old = Bare(level, revision="r1p3"), Bare(level)
    for bare in (new, old):
        bare.run(f"{source}mrc p15, 0, r10, c0, c0, 0\ndone: b done")
    assert [new[f"r{n}"] for n in (0, 1, 4, 7)] == [0x111, 0x1, 0x0014_0011, 0x0110_2131]
    assert new["r10"] == 0x4117_B363
    assert {old[f"r{n}"] for n in range(8)} == {0x4107_B364}


def test_thread_registers(bare: Bare) -> None:
    """c13, c0, 2-4 hold what is written, on r0p4 too: kernels for the board write them.

    User mode may read and write the first, read the second, and not touch the third.
    """
    bare.load(
        f"""
        mov r0, #2
        mcr p15, 0, r0, c13, c0, 2
        mov r0, #3
        mcr p15, 0, r0, c13, c0, 3
        mov r0, #4
        mcr p15, 0, r0, c13, c0, 4
        mrc p15, 0, r1, c13, c0, 4
        cps #0x10
        mrc p15, 0, r2, c13, c0, 2
        mrc p15, 0, r3, c13, c0, 3
        mov r0, #9
        mcr p15, 0, r0, c13, c0, 2
        mrc p15, 0, r4, c13, c0, 2
        mov r5, #1
        mcr p15, 0, r0, c13, c0, 3
        mrc p15, 0, r5, c13, c0, 4
        mrc p15, 0, r6, c13, c0, 3
        done: b done
        {SKIP}
        """,
        und="skip",
    )
    bare.go()
    assert [bare[f"r{n}"] for n in range(1, 7)] == [4, 2, 3, 9, 1, 3]
    assert bare["r8"] == 2


@pytest.mark.parametrize(("revision", "value"), [("r0p4", 0x03E5_FBFF), ("r1p3", 0x33E5_FBFF)])
def test_fixed_bits_of_sctlr(revision: str, value: int) -> None:
    """Bits without a meaning read as on the chip; TRE and AFE came with r1p0.

    M, A, B and EE stay clear here: they would end the program.
    """
    bare = Bare("off", revision=revision)
    ends = 1 << 0 | 1 << 1 | 1 << 7 | 1 << 25
    bare.run(f"ldr r0, ={0xFFFF_FFFF & ~ends}\nmcr p15, 0, r0, c1, c0, 0\n"
             "mrc p15, 0, r1, c1, c0, 0\nmov r0, #0\nmcr p15, 0, r0, c1, c0, 0\n"
             "mrc p15, 0, r2, c1, c0, 0\ndone: b done")  # fmt: skip
    assert bare["r1"] == value & ~ends
    assert bare["r2"] == 0x0005_0078


def test_registers_read_back(bare: Bare) -> None:
    """ACTLR with its undocumented bit 31, CPACR's two fields, and both cache lockdowns."""
    bare.run(
        """
        mrc p15, 0, r6, c1, c0, 1
        ldr r0, =0x80000005
        mcr p15, 0, r0, c1, c0, 1
        mrc p15, 0, r1, c1, c0, 1
        mvn r0, #0
        mcr p15, 0, r0, c1, c0, 2
        mrc p15, 0, r2, c1, c0, 2
        mov r0, #3
        mcr p15, 0, r0, c9, c0, 0
        mov r0, #5
        mcr p15, 0, r0, c9, c0, 1
        mrc p15, 0, r3, c9, c0, 0
        mrc p15, 0, r4, c9, c0, 1
        mvn r5, #0
        mcr p15, 0, r5, c9, c1, 0
        mrc p15, 0, r5, c9, c1, 0    @ no TCM: no size, not enabled
        done: b done
        """
    )
    assert (bare["r6"], bare["r1"], bare["r2"] & 0x0FFF_FFFF) == (7, 0x8000_0005, 0x00F0_0000)
    assert (bare["r3"], bare["r4"], bare["r5"]) == (3, 5, 0)


def test_remap_registers_are_of_r1(bare: Bare) -> None:
    """PRRR and NMRR are undefined on r0p4 and store on r1p3."""
    source = f"ldr r0, =0x1234\nmcr p15, 0, r0, c10, c2, 0\nmrc p15, 0, r1, c10, c2, 0\n{SKIP}"
    source = source.replace("skip:", "done: b done\nskip:", 1)
    bare.load(source, und="skip")
    bare.go()
    assert bare["r8"] == 2
    new = Bare(bare.level, revision="r1p3")
    new.load(source, und="skip")
    new.go()
    assert (new["r8"], new["r1"]) == (0, 0x1234)


def test_c15_is_harmless(bare: Bare) -> None:
    """What is not a counter in c15, such as the remap of the peripheral port, takes any write."""
    bare.run(
        """
        ldr r0, =0x40000015
        mcr p15, 0, r0, c15, c2, 4
        mcr p15, 3, r0, c15, c8, 0
        mrc p15, 0, r1, c15, c2, 4
        mrc p15, 3, r2, c15, c0, 0
        mrc p15, 5, r3, c15, c4, 2
        done: b done
        """
    )
    assert (bare["r1"], bare["r2"], bare["r3"]) == (0, 0, 0)


USER: Final = {
    "mcr p15, 0, r0, c7, c5, 4": True,
    "mcr p15, 0, r0, c7, c10, 4": True,
    "mcr p15, 0, r0, c7, c10, 5": True,
    "mcr p15, 0, r0, c7, c12, 5": True,
    "mrc p15, 0, r0, c7, c12, 4": True,
    "mcrr p15, 0, r1, r0, c12": True,
    "mcrr p15, 1, r1, r0, c12": True,
    "mcrr p15, 2, r1, r0, c12": True,
    "mcrr p15, 0, r1, r0, c5": False,
    "mcrr p15, 0, r1, r0, c6": False,
    "mcrr p15, 0, r1, r0, c14": False,
    "mcr p15, 0, r0, c7, c5, 0": False,
    "mcr p15, 0, r0, c7, c0, 4": False,
    "mcr p15, 0, r0, c7, c10, 1": False,
    "mcr p15, 0, r0, c8, c7, 0": False,
    "mrc p15, 0, r0, c0, c0, 0": False,
    "mrc p15, 0, r0, c15, c12, 1": False,
}


@pytest.mark.parametrize("line", USER)
def test_what_user_mode_may(bare: Bare, line: str) -> None:
    """Barriers, the operations on ranges that lose nothing, and their status (DDI 0211, 3.3.17)."""
    bare.load(
        f"ldr r0, ={RAM}\nadd r1, r0, #64\ncps #0x10\n{line}\ndone: b done\n{SKIP}", und="skip"
    )
    bare.go()
    assert bare["r8"] == (0 if USER[line] else 1)


CACHED: Final = """
    {mmu_on}
    mov r0, #0
    mcr p15, 0, r0, c7, c7, 0
    mrc p15, 0, r0, c1, c0, 0
    orr r0, r0, #0x1000
    orr r0, r0, #4
    mcr p15, 0, r0, c1, c0, 0
    ldr r1, =0x80200000
    add r2, r1, #0x7F
    mrc p15, 0, r3, c7, c10, 6
    ldr r0, [r1]
    ldr r0, [r1, #0x60]
    str r0, [r1]
    str r0, [r1, #0x60]
    mrc p15, 0, r4, c7, c10, 6
    {operation}
    mrc p15, 0, r5, c7, c10, 6
    mrc p15, 0, r6, c7, c12, 4
    done: b done
"""


@pytest.mark.parametrize(
    ("operation", "dirty"),
    [
        ("mcrr p15, 0, r2, r1, c12", 0),  # clean
        ("mcrr p15, 0, r2, r1, c14", 0),  # clean and invalidate
        ("mcrr p15, 0, r2, r1, c6", 0),  # invalidate
        ("mcrr p15, 0, r1, r1, c12", 1),  # the first line only
        ("mcrr p15, 0, r2, r1, c5", 1),  # the other cache
        ("mcrr p15, 2, r2, r1, c12", 1),  # a prefetch
        ("mcr p15, 0, r1, c7, c10, 0", 0),
    ],
)
def test_ranges_and_the_dirty_status(mmu_on: str, operation: str, dirty: int) -> None:
    """MCRR acts on the lines of a range, both ends included; c7,c10,6 tells if any is dirty."""
    bare = Bare("full")
    for megabyte in (0, *range(RAM, RAM + (4 << 20), 1 << 20)):
        bare.tables.section(megabyte, megabyte, 0xC0C)
    bare.run(CACHED.format(mmu_on=mmu_on, operation=operation))
    assert [bare[f"r{n}"] for n in (3, 4, 5, 6)] == [0, 1, dirty, 0]


def test_wfi_wakes_with_interrupts_masked(bare: Bare) -> None:
    """c7,c0,4 waits for the line, not for the interrupt: execution goes on behind it."""
    bare.load(
        """
        ldr r1, =0x53F94000
        ldr r0, =0x68000000
        mov r2, #28
        str r2, [r0, #8]
        ldr r2, =100000
        str r2, [r1, #8]
        mov r2, #0
        str r2, [r1, #0xc]
        ldr r2, =0x0102000F
        str r2, [r1]
        cpsid if
        mcr p15, 0, r2, c7, c0, 4
        ldr r3, [r1, #4]
        done: b done
        """
    )
    bare.go(cycles=2_000_000)
    assert bare["r3"] == 1
    assert bare.machine.counters["idle"] > 50_000
    assert bare.machine.counters["exception_irq"] == 0
