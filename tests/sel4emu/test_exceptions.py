# SPDX-License-Identifier: BSD-2-Clause
"""Aborts that are taken, described exactly and resolved, and reports of those nobody handles."""

from typing import Final

import pytest

from sel4emu.stop import StopReason
from tests.sel4emu.conftest import RAM, TABLE, Bare

DATA: Final = RAM + 0x20_0000
#: An abort handler: keep FSR and FAR, map the page (descriptor in r12, address of it in r11),
#: forget the old translation, try again.
RESOLVE: Final = """
    resolve:
    mrc p15, 0, r8, c5, c0, 0
    mrc p15, 0, r9, c6, c0, 0
    add r10, r10, #1
    str r12, [r11]
    mcr p15, 0, r9, c8, c7, 1
    subs pc, lr, #8
"""
VIRTUAL: Final = 0x4000_0000


def prepare(bare: Bare, mmu_on: str, body: str) -> None:
    """A page at VIRTUAL, a hole behind it which the handler maps; run `body` to `done`."""
    bare.tables.identity()
    bare.tables.page(VIRTUAL, DATA)
    hole = bare.tables.hole(VIRTUAL + 0x1000)
    bare.load(
        f"""
        {mmu_on}
        ldr sp, =0x80010000
        ldr r11, ={hole}
        ldr r12, ={DATA + 0x1000 | 0x32}
        ldr r1, ={VIRTUAL + 0x1000}
        {body}
        done: b done
        {RESOLVE}
        """,
        dabt="resolve",
    )
    bare.put(DATA, *range(0x100, 0x800))


@pytest.mark.parametrize(
    ("body", "far", "write"),
    [
        ("ldr r2, [r1, #8]", 8, 0),
        ("str r2, [r1, #8]", 8, 1),
        ("ldrb r2, [r1, #3]", 3, 0),
        ("strb r2, [r1, #7]!", 7, 1),
        ("ldrh r2, [r1, #6]", 6, 0),
        ("strh r2, [r1], #2", 0, 1),
        ("ldrsb r2, [r1, #5]", 5, 0),
        ("ldrsh r2, [r1, #2]", 2, 0),
        ("mov r3, #4\n ldr r2, [r1, r3, lsl #2]", 16, 0),
        ("ldm r1!, {r2-r5}", 0, 0),
        ("sub r1, r1, #8\n ldm r1!, {r2-r5}", 0, 0),
        ("sub r1, r1, #8\n stm r1, {r2-r5}", 0, 1),
        ("add r1, r1, #8\n ldmdb r1, {r2-r5}", 0, 0),
        ("ldrd r2, r3, [r1, #8]", 8, 0),
        ("strd r2, r3, [r1, #8]", 8, 1),
        ("ldrex r2, [r1]", 0, 0),
        ("sub r1, r1, #2\n ldr r2, [r1]", 0, 0),
        ("ldrt r2, [r1], #4", 0, 0),
        ("strbt r2, [r1], #4", 0, 1),
        ("rfe_: add r1, r1, #16\n mov sp, r1\n push {r2, r3}", 8, 1),
        ("mov sp, r1\n pop {r2, r3}", 0, 0),
        ("mov sp, r1\n srsia sp, #0x13", 0, 1),
    ],
)
def test_translation_fault_of_a_page(
    bare: Bare, mmu_on: str, body: str, far: int, write: int
) -> None:
    """Every load and store: FSR, the write bit and FAR exact; taken once, then it succeeds."""
    prepare(bare, mmu_on, body)
    bare.go()
    assert bare["r10"] == 1
    assert bare["r8"] == 0b00111 | write << 11
    assert bare["r9"] == VIRTUAL + 0x1000 + far


def test_swap_faults_and_is_retried(bare: Bare, mmu_on: str) -> None:
    """SWP: both its halves happen once, after the fault is resolved."""
    prepare(bare, mmu_on, "mov r2, #9\n swp r3, r2, [r1]")
    bare.go()
    assert (bare["r10"], bare["r3"]) == (1, 0x500)
    assert bare.word(DATA + 0x1000) == 9
    assert bare["r8"] & 0x40F == 0b00111 and bare["r9"] == VIRTUAL + 0x1000


def test_load_multiple_keeps_its_base(bare: Bare, mmu_on: str) -> None:
    """LDM into the unmapped page: the base is unchanged at the abort, and all is right after."""
    prepare(bare, mmu_on, "sub r1, r1, #8\n ldm r1!, {r2-r5}")
    bare.go("resolve")
    assert bare["r1"] == VIRTUAL + 0xFF8
    bare.go()
    assert [bare[f"r{n}"] for n in range(1, 6)] == [
        VIRTUAL + 0x1008, 0x4FE, 0x4FF, 0x500, 0x501
    ]  # fmt: skip


def test_load_multiple_with_its_base_in_the_list(bare: Bare, mmu_on: str) -> None:
    """LDM that loads its own base: a fault in the second page must not have lost the base."""
    prepare(bare, mmu_on, "sub r1, r1, #8\n ldm r1, {r0-r3}")
    bare.go()
    assert [bare[f"r{n}"] for n in range(4)] == [0x4FE, 0x4FF, 0x500, 0x501]


@pytest.mark.parametrize("body", ["ldrd r2, r3, [r2]", "ldrd r2, r3, [r2, #-8]"])
def test_load_doubleword_into_its_own_base(bare: Bare, mmu_on: str, body: str) -> None:
    """LDRD whose second word faults has its base back, though the first word was loaded into it.

    The handler found a word of memory in the base register; the retry went wherever that led.
    """
    ahead = 8 if "#-8" in body else 0
    unaligned = "mrc p15, 0, r0, c1, c0, 0\norr r0, r0, #0x400000\nmcr p15, 0, r0, c1, c0, 0"
    prepare(bare, mmu_on, f"{unaligned}\nsub r2, r1, #4\nadd r2, r2, #{ahead}\n{body}")
    bare.go("resolve")
    assert bare["r2"] == VIRTUAL + 0xFFC + ahead
    bare.go()
    assert (bare["r2"], bare["r3"], bare["r9"]) == (0x4FF, 0x500, VIRTUAL + 0x1000)


def test_store_multiple_over_the_border(bare: Bare, mmu_on: str) -> None:
    """STMDB with write-back across the border: all words stored, base right, retried once."""
    prepare(bare, mmu_on, "mov r2, #2\n mov r3, #3\n add r1, r1, #4\n stmdb r1!, {r2, r3}")
    bare.go()
    assert bare["r1"] == VIRTUAL + 0xFFC
    assert bare.word(DATA + 0xFFC) == 2 and bare.word(DATA + 0x1000) == 3
    assert bare["r10"] == 1


def test_unaligned_load_over_the_border(bare: Bare, mmu_on: str) -> None:
    """An unaligned word in two pages, the second unmapped: FAR names the second."""
    prepare(bare, mmu_on, "sub r1, r1, #1\n ldr r2, [r1]")
    bare.go()
    assert bare["r9"] == VIRTUAL + 0x1000
    assert bare["r2"] == 0x0005_0000


def test_thumb_stack_over_the_border(bare: Bare, mmu_on: str) -> None:
    """Thumb PUSH and LDMIA into the unmapped page: LR eight ahead, retried, nothing lost."""
    prepare(
        bare,
        mmu_on,
        """
        mov r2, #2
        mov r3, #3
        add r1, r1, #4
        mov sp, r1
        adr r0, thumb + 1
        bx r0
        done: b done
        literals: .ltorg
        .thumb
        .align 2
        thumb: push {r2, r3}
        add r1, sp, #0
        ldmia r1!, {r4, r5}
        bx lr
        .arm
        .align 2
        """.replace("done: b done", "back: b done").replace("adr r0", "adr lr, back\n adr r0"),
    )
    bare.go()
    assert (bare["r4"], bare["r5"], bare["r10"]) == (2, 3, 1)
    assert bare["r9"] == VIRTUAL + 0x1000 and bare["r8"] == 0b00111 | 1 << 11
    assert bare["sp"] == VIRTUAL + 0xFFC


FAULTS: Final = """
    take:
    mrc p15, 0, r8, c5, c0, 0
    mrc p15, 0, r9, c6, c0, 0
    mrc p15, 0, r10, c5, c0, 1
    end: b end
"""


@pytest.mark.parametrize(
    ("attributes", "user", "access", "status"),
    [
        (0x10, True, "ldr r0, [r1]", 0b01111),  # privileged only
        (0x20, True, "str r0, [r1]", 0b01111 | 1 << 11),  # user may read
        (0x210, False, "str r0, [r1]", 0b01111 | 1 << 11),  # privileged read only
        (0x00, False, "ldr r0, [r1]", 0b01111),
        (0x10, False, "ldrt r0, [r1]", 0b01111),  # as if in user mode
        (0x20, False, "strt r0, [r1]", 0b01111 | 1 << 11),
        (0x10, False, "ldrbt r0, [r1]", 0b01111),
    ],
)
def test_permission_fault_of_a_page(
    bare: Bare, mmu_on: str, attributes: int, user: bool, access: str, status: int
) -> None:
    """AP and APX refuse what they must, with user permissions for LDRT and STRT."""
    bare.tables.identity()
    bare.tables.page(VIRTUAL, DATA, attributes)
    mode = "cps #0x10" if user else ""
    bare.load(f"{mmu_on}\nldr r1, ={VIRTUAL}\n{mode}\n{access}\nb .\n{FAULTS}", dabt="take")
    bare.go("end")
    assert bare["r8"] == status
    assert bare["r9"] == VIRTUAL


def test_unprivileged_load_leaves_no_open_door(bare: Bare, mmu_on: str) -> None:
    """LDRT that is refused, or skipped by its condition, must not change what others may do.

    The access of LDRT fills Unicorn's own table for user mode. At level "off" it was filled with
    the privileged permission, and user mode could then read the kernel's page.
    """
    bare.tables.identity()
    bare.tables.page(VIRTUAL, DATA, 0x10)
    labels = bare.load(
        f"""
        {mmu_on}
        ldr r1, ={VIRTUAL}
        ldr r2, [r1]
        cmp r1, #0
        ldrteq r0, [r1]
        ldr r3, [r1]
        first: ldrt r0, [r1]
        mov r4, #1
        cps #0x10
        second: ldr r0, [r1]
        mov r5, #1
        b .
        count: add r6, r6, #1
        mov r7, lr
        cmp r6, #1
        subseq pc, lr, #4
        done: b done
        """,
        dabt="count",
    )
    bare.put(DATA, 77)
    bare.go()
    assert (bare["r2"], bare["r3"]) == (77, 77)
    assert (bare["r6"], bare["r4"], bare["r5"]) == (2, 1, 0)
    assert bare["r7"] == labels["second"] + 8


def test_code_behind_an_unprivileged_load(bare: Bare, mmu_on: str) -> None:
    """LDRT as the last instruction of a page: the fetch of the next page is a privileged one.

    The mark "as user" was still set at that fetch, which was refused with a prefetch abort.
    """
    bare.tables.identity()
    bare.tables.section(RAM, RAM, 0x400)
    bare.tables.page(VIRTUAL, DATA, 0x30)
    bare.load(f"{mmu_on}\nldr r1, ={VIRTUAL}\nldr pc, =0x80001ffc\n{FAULTS}", pabt="take")
    bare.put(RAM + 0x1FFC, 0xE4B1_0000, 0xE3A0_5005, 0xEAFF_FFFE)  # ldrt; mov r5, #5; b .
    bare.machine.run(RAM + 0x2004, cycles=1000)
    assert bare["r5"] == 5


@pytest.mark.parametrize(("section", "code"), [(True, 0b01001), (False, 0b01011)])
def test_domain_fault(bare: Bare, mmu_on: str, section: bool, code: int) -> None:
    """A domain without access: fault status with the number of the domain in bits 7-4."""
    bare.tables.identity()
    if section:
        bare.tables.section(VIRTUAL, DATA, 0xC00 | 5 << 5)
    else:
        bare.tables.page(VIRTUAL, DATA, domain=5)
    bare.load(
        f"""
        {mmu_on}
        ldr r1, ={VIRTUAL + 0x124}
        mov r0, #1
        mcr p15, 0, r0, c3, c0, 0
        str r0, [r1]
        {FAULTS}
        """,
        dabt="take",
    )
    bare.go("end")
    assert bare["r8"] == code | 5 << 4 | 1 << 11
    assert bare["r9"] == VIRTUAL + 0x124


def test_section_faults(bare: Bare, mmu_on: str) -> None:
    """Translation and permission of a section have codes of their own."""
    bare.tables.identity()
    bare.tables.section(VIRTUAL, DATA, 0x400 | 3 << 5)
    bare.load(
        f"""
        {mmu_on}
        ldr r1, ={VIRTUAL}
        cps #0x10
        ldr r0, [r1, #-4]
        b .
        {FAULTS}
        """,
        dabt="take",
    )
    bare.go("end")
    assert (bare["r8"], bare["r9"]) == (0b00101, VIRTUAL - 4)
    bare.load(f"ldr r1, ={VIRTUAL}\ncps #0x10\nldr r0, [r1, #4]\nb .\n{FAULTS}", dabt="take")
    bare.go("end")
    assert (bare["r8"], bare["r9"]) == (0b01101 | 3 << 4, VIRTUAL + 4)


def test_external_aborts(bare: Bare, mmu_on: str) -> None:
    """A mapped hole, and table walks that lead into a hole, are external aborts of three kinds."""
    bare.tables.identity()
    bare.tables.page(VIRTUAL, 0x7000_0000, domain=2)
    table = bare.tables.section(VIRTUAL + 0x10_0000, 0)
    bare.tables.put(table, 0x7000_0000 | 2 << 5 | 1)
    for address, status in ((VIRTUAL, 0b01000 | 2 << 4), (VIRTUAL + 0x10_0000, 0b01110 | 2 << 4)):
        bare.load(
            f"{mmu_on}\nldr r0, =0x55555555\nldr r1, ={address}\nldr r0, [r1, #12]\n{FAULTS}",
            dabt="take",
        )
        bare.go("end")
        assert (bare["r8"], bare["r9"]) == (status, address + 12)


def test_walk_outside_memory(bare: Bare, mmu_on: str) -> None:
    """A first-level table in a hole: external abort on the first level of the walk."""
    bare.tables.identity()
    bare.tables.page(0xFFFF_0000, 0)
    bare.load(
        f"""
        {mmu_on}
        mrc p15, 0, r0, c1, c0, 0
        orr r0, r0, #0x2000
        mcr p15, 0, r0, c1, c0, 0
        ldr r0, ={TABLE}
        mcr p15, 0, r0, c2, c0, 1
        mov r0, #1
        mcr p15, 0, r0, c2, c0, 2
        ldr r0, =0x70000000
        mcr p15, 0, r0, c2, c0, 0
        ldr r0, ={VIRTUAL}
        ldr r0, [r0]
        b .
        {FAULTS}
        """,
        dabt="take",
    )
    bare.go("end")
    assert bare["r8"] == 0b01100
    assert bare["r9"] == VIRTUAL


def test_prefetch_abort_is_resolved(bare: Bare, mmu_on: str) -> None:
    """A jump to a page that the handler maps: IFSR without write bit, FAR untouched, retried."""
    bare.tables.identity()
    hole = bare.tables.hole(VIRTUAL)
    bare.load(
        f"""
        {mmu_on}
        ldr r0, =0x12345678
        mcr p15, 0, r0, c6, c0, 0
        ldr r11, ={hole}
        ldr r12, ={DATA | 0x32}
        cps #0x10
        ldr r0, ={VIRTUAL + 0x10}
        blx r0
        done: b done
        map: mrc p15, 0, r8, c5, c0, 1
        mrc p15, 0, r9, c6, c0, 0
        mov r10, lr
        str r12, [r11]
        mcr p15, 0, r0, c8, c7, 1
        subs pc, lr, #4
        """,
        pabt="map",
    )
    bare.put(DATA + 0x10, 0xE3A0_5005, 0xE12F_FF1E)  # mov r5, #5; bx lr
    bare.go()
    assert (bare["r5"], bare["r8"], bare["r9"]) == (5, 0b00111, 0x1234_5678)
    assert bare["r10"] == VIRTUAL + 0x14


@pytest.mark.parametrize(
    ("attributes", "domain", "status"),
    [(0x31, 0, 0b01111), (0x10, 0, 0b01111), (0x30, 4, 0b01011)],
    ids=["execute never", "privileged", "domain"],
)
def test_prefetch_abort_status(
    bare: Bare, mmu_on: str, attributes: int, domain: int, status: int
) -> None:
    """XN, permissions and domains refuse fetches; IFSR has no domain field."""
    bare.tables.identity()
    bare.tables.page(VIRTUAL, DATA, attributes, domain=domain)
    bare.load(
        f"""
        {mmu_on}
        mov r0, #1
        mcr p15, 0, r0, c3, c0, 0
        cps #0x10
        ldr pc, ={VIRTUAL}
        {FAULTS}
        """,
        pabt="take",
    )
    bare.go("end")
    assert bare["r10"] == status
    assert bare["lr"] == VIRTUAL + 4


def test_far_is_the_modified_address(bare: Bare, mmu_on: str) -> None:
    """Under FCSE, FAR names the modified virtual address."""
    bare.tables.identity()
    bare.tables.section(0x0600_0000, 0)
    bare.load(
        f"""
        {mmu_on}
        ldr r0, =0x06000000
        mcr p15, 0, r0, c13, c0, 0
        ldr r1, =0x00500010
        ldr r0, [r1]
        {FAULTS}
        """,
        dabt="take",
    )
    bare.go("end")
    assert (bare["r8"], bare["r9"]) == (0b00101, 0x0650_0010)


@pytest.mark.parametrize(
    ("access", "write"),
    [
        ("ldr r0, [r1, #2]", 0),
        ("str r0, [r1, #2]", 1),
        ("ldrh r0, [r1, #3]", 0),
        ("strh r0, [r1, #3]", 1),
        ("ldm r1, {r2, r3}", 0),
        ("ldrd r2, r3, [r1]", 0),
        ("strd r2, r3, [r1]", 1),
        ("ldrex r0, [r1]", 0),
    ],
)
def test_alignment_fault(bare: Bare, access: str, write: int) -> None:
    """With SCTLR.A an unaligned access aborts, with FAR exact and nothing changed."""
    offset = int(access.rsplit("#", 1)[1].rstrip("]")) if "#" in access else 2
    base = "" if "#" in access else "add r1, r1, #2"
    bare.load(
        f"""
        mrc p15, 0, r0, c1, c0, 0
        orr r0, r0, #2
        orr r0, r0, #0x400000
        mcr p15, 0, r0, c1, c0, 0
        ldr r1, ={DATA}
        ldr r2, [r1, #4]
        ldrh r3, [r1, #2]
        ldrb r3, [r1, #1]
        {base}
        {access}
        b .
        {FAULTS}
        """,
        dabt="take",
    )
    bare.go("end")
    assert bare["r8"] == 0b00001 | write << 11
    assert bare["r9"] == DATA + offset


def test_register_transfers_need_no_alignment(bare: Bare) -> None:
    """With SCTLR.A, two registers go to a VFP register and back whatever numbers they hold.

    MCRR and MRRC were taken for LDC and STC, and aborted if r3 was no multiple of 4.
    """
    bare.load(
        """
        mov r0, #0xf00000
        mcr p15, 0, r0, c1, c0, 2
        mov r0, #0x40000000
        vmsr fpexc, r0
        mrc p15, 0, r0, c1, c0, 0
        orr r0, r0, #2
        mcr p15, 0, r0, c1, c0, 0
        mov r2, #5
        mov r3, #7
        vmov d0, r2, r3
        vmov r4, r5, d0
        done: b done
        """
    )
    bare.go()
    assert (bare["r4"], bare["r5"]) == (5, 7)


def test_preloads_and_cache_operations_never_abort(bare: Bare, mmu_on: str) -> None:
    """PLD and cache maintenance by address where nothing is mapped: no abort, no change."""
    prepare(
        bare,
        mmu_on,
        """
        mov r10, #0
        pld [r1]
        mcr p15, 0, r1, c7, c10, 1
        mcr p15, 0, r1, c7, c14, 1
        mcr p15, 0, r1, c7, c6, 1
        mcr p15, 0, r1, c7, c5, 1
        mcr p15, 0, r1, c7, c5, 7
        """,
    )
    bare.go()
    assert bare["r10"] == 0


def test_swap_of_a_read_only_page(bare: Bare, mmu_on: str) -> None:
    """SWP: the write is what fails where reading is allowed; where it is not, the read is."""
    bare.tables.identity()
    bare.tables.page(VIRTUAL, DATA, 0x20)
    bare.tables.page(VIRTUAL + 0x1000, DATA, 0x10)
    for offset, write in ((0, 1), (0x1000, 0)):
        bare.load(
            f"{mmu_on}\nldr r1, ={VIRTUAL + offset}\ncps #0x10\nswp r2, r3, [r1]\nb .\n{FAULTS}",
            dabt="take",
        )
        bare["cpsr"] = 0x1D3
        bare.go("end")
        assert bare["r8"] == 0b01111 | write << 11


@pytest.mark.parametrize(
    ("access", "write"), [("rfeia r1", 0), ("mov sp, r1\nsrsia sp!, #0x13", 1)]
)
def test_exception_state_on_a_stack_that_faults(
    bare: Bare, mmu_on: str, access: str, write: int
) -> None:
    """RFE and SRS over the border to an unmapped page: FAR names it, the base is unchanged."""
    prepare(bare, mmu_on, f"sub r1, r1, #4\n{access}")
    bare.go("resolve")
    bare.machine.step(2)
    assert (bare["r8"], bare["r9"]) == (0b00111 | write << 11, VIRTUAL + 0x1000)
    assert bare["r1"] == VIRTUAL + 0xFFC
    if write:
        assert bare["sp_svc"] == VIRTUAL + 0xFFC


def test_an_entry_is_dropped_by_its_modified_address(bare: Bare, mmu_on: str) -> None:
    """Under FCSE the TLB knows modified addresses: flushing the plain one keeps a stale entry."""
    bare.tables.identity()
    bare.tables.page(0x0600_0000, DATA)
    entry = bare.tables.page(0x0600_0000, DATA)
    bare.load(
        f"""
        {mmu_on}
        ldr r0, =0x06000000
        mcr p15, 0, r0, c13, c0, 0
        mov r1, #0x40
        ldr r2, [r1]
        ldr r11, ={entry}
        ldr r12, ={DATA + 0x1000 | 0x32}
        str r12, [r11]
        mov r3, #0
        mcr p15, 0, r3, c8, c7, 1
        ldr r4, [r1]
        mcr p15, 0, r0, c8, c7, 1
        ldr r5, [r1]
        done: b done
        """
    )
    bare.put(DATA + 0x40, 1)
    bare.put(DATA + 0x1040, 2)
    bare.go()
    assert (bare["r2"], bare["r4"], bare["r5"]) == (1, 1, 2)


@pytest.mark.parametrize(
    ("access", "write", "start"),
    [
        ("ldm r1, {r2, r3}", 0, 2),
        ("stmdb r1!, {r2, r3}", 1, -6),
        ("ldmne r1, {r2, r3}", 0, 2),
        ("ldrd r2, r3, [r1]", 0, 2),
        ("strd r2, r3, [r1, #-8]", 1, -6),
        ("ldrd r2, r3, [r1, r4]", 0, 3),
        ("strd r2, r3, [r1], #6", 1, 2),
    ],
)
def test_multiple_transfers_need_words(counting: Bare, access: str, write: int, start: int) -> None:
    """With SCTLR.U and without A, LDM and STM abort at no word boundary, and LDR does not.

    Unicorn loads there without a word, so two testers of the kernel missed the fault.
    """
    counting.load(
        f"""
        mrc p15, 0, r0, c1, c0, 0
        orr r0, r0, #0x400000
        mcr p15, 0, r0, c1, c0, 0
        ldr r1, ={DATA + 2}
        ldr r2, [r1]
        movs r4, #1
        ldmeq r1, {{r2, r3}}
        {access}
        b .
        {FAULTS}
        """,
        dabt="take",
    )
    counting.go("end")
    assert counting["r8"] == 0b00001 | write << 11
    assert counting["r9"] == DATA + start
    assert counting["r1"] == DATA + 2


@pytest.mark.parametrize("access", ["vldr s0, [r1]", "vstmia r1!, {d0, d1}"])
def test_vfp_that_is_off_is_undefined_at_any_address(counting: Bare, access: str) -> None:
    """An unaligned VFP access with FPEXC.EN clear is undefined; it was an alignment fault."""
    counting.load(
        f"""
        mrc p15, 0, r0, c1, c0, 0
        orr r0, r0, #0x400000
        mcr p15, 0, r0, c1, c0, 0
        mov r0, #0xf00000
        mcr p15, 0, r0, c1, c0, 2
        ldr r1, ={DATA + 2}
        {access}
        b .
        {FAULTS}
        """,
        und="take",
    )
    counting.go("end")
    assert counting["r1"] == DATA + 2


def test_transfers_of_two_registers_access_no_memory(bare: Bare) -> None:
    """With SCTLR.A, MCRR and LDC of a coprocessor that is not there are undefined.

    Both were looked at as accesses of the VFP: the first divided by zero in the emulator.
    """
    bare.load(
        f"""
        mrc p15, 0, r0, c1, c0, 0
        orr r0, r0, #2
        mcr p15, 0, r0, c1, c0, 0
        mov r7, #0
        ldr r1, ={DATA + 1}
        mcrr p4, 0, r0, r1, c0
        ldc p5, c0, [r1]
        done: b done
        next:
        add r7, r7, #1
        movs pc, lr
        """,
        und="next",
    )
    bare.go()
    assert bare["r7"] == 2


def test_both_alignment_checks_let_an_instruction_pass(bare: Bare) -> None:
    """With A and U, an unaligned LDM whose condition fails is looked at once, and then runs.

    The two checks took the note that it may pass from each other: the run never went on.
    """
    bare.load(
        f"""
        mrc p15, 0, r0, c1, c0, 0
        orr r0, r0, #0x400000
        orr r0, r0, #2
        mcr p15, 0, r0, c1, c0, 0
        ldr r1, ={DATA + 2}
        movs r4, #1
        ldmeq r1, {{r2, r3}}
        done: b done
        """
    )
    stop = bare.machine.run("done", cycles=1000, seconds=20)
    assert stop.reason is StopReason.ADDRESS


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("udf #5", ["undefined instruction", "0x80000000", "0xe7f000f5", "udf #5"]),
        ("svc #5", ["supervisor call", "0x80000000", "svc #5"]),
        (
            "ldr r0, =0x70000000\nldr r1, [r0, #4]",
            ["data abort", "0x80000004", "ldr r1, [r0, #4]", "0x70000004", "0x8"],
        ),
        ("ldr pc, =0x70000000", ["prefetch abort at 0x70000000, fault status 0x8"]),
        ("bkpt #5", ["abort at 0x80000000: 0xe1200075 (bkpt #5), a breakpoint, fault status 0x2"]),
        ("mov r0, #0x100\nbx r0", ["astray", "0x00000100"]),
    ],
)
def test_unhandled_exceptions_are_reported(bare: Bare, source: str, words: list[str]) -> None:
    """Without a handler the run ends as a crash, with the place, the name and the instruction."""
    bare.load(source + "\nb .")
    stop = bare.machine.run(cycles=1000)
    assert stop.reason is StopReason.CRASH
    for word in words:
        assert word in stop.message, stop.message


def test_unhandled_exception_in_thumb_state(bare: Bare) -> None:
    """The address of a Thumb instruction, and its disassembly."""
    labels = bare.load("adr r0, literals + 1\nbx r0\nliterals:\n.thumb\nsvc #9\n.align 2\n")
    stop = bare.machine.run(cycles=1000)
    assert f"0x{labels['literals']:08x}: 0xdf09 (svc #9)" in stop.message


def test_vectors_that_cannot_be_fetched(bare: Bare) -> None:
    """High vectors in a hole: a crash that says so, not an endless loop."""
    bare.load(
        "mrc p15, 0, r0, c1, c0, 0\norr r0, r0, #0x2000\nmcr p15, 0, r0, c1, c0, 0\nsvc #0\nb ."
    )
    stop = bare.machine.run(cycles=1000)
    assert stop.reason is StopReason.CRASH
    assert "vectors at 0xffff0000 cannot be fetched" in stop.message


@pytest.mark.parametrize(
    ("body", "vector"),
    [
        ("udf #1", {"und": "loop"}),
        ("svc #1", {"svc": "again"}),
        ("ldr r0, [r1]", {"dabt": "load"}),
        ("ldr pc, =0x70000000", {"pabt": "back"}),
    ],
)
def test_endless_exceptions_reach_the_limit(
    counting: Bare, body: str, vector: dict[str, str]
) -> None:
    """Handlers that fault themselves, for ever: the run still ends at its limit."""
    counting.load(
        f"""
        ldr r1, =0x70000000
        {body}
        loop: udf #1
        again: svc #1
        load: ldr r0, [r1]
        back: subs pc, lr, #4
        """,
        handlers=vector,
    )
    stop = counting.machine.run(cycles=300)
    assert stop.reason is StopReason.CYCLE
    assert 300 <= counting.machine.cycles <= 310


def test_udf_of_a_program_is_no_boot_rom(bare: Bare, mmu_on: str) -> None:
    """A program mapped low may use any `udf` number: only the boot ROM's own words are traps.

    A `udf` with a high number below 0x408000 was taken for the ROM whatever was mapped there.
    """
    bare.tables.identity()
    bare.tables.page(0x20_0000, DATA)
    bare.load(f"{mmu_on}\nldr pc, =0x200000\ndone: b done", und="done")
    bare.put(DATA, 0xE7FF_F0F1)  # udf #0xff01
    bare.go()
    assert bare["lr"] == 0x20_0004
