# SPDX-License-Identifier: BSD-2-Clause
"""The page of a golden case: what runs before it and after it.

Each case has a page of its own: routines, a preamble that puts the registers, the first lines of
the data and the return stack into a known state, the case's own preparation, idle instructions
in which everything settles, the case, and a way back to the mailbox. The first pass starts
from empty caches, TLBs and predictors; those that are measured come after it.

What a case finds: r0-r8 hold DATA, as does each of the first 32 words there (all in the cache);
r9 is DATA + 12, r10 is 8, r11 is 0 (an idle instruction is `mov r11, r11`), r12 is 1, sp is
DATA + 64, lr is 0; system mode, flags clear, interrupts masked.
"""

from typing import Final

from sel4emu.asm import Assembly, assemble
from tests.golden.cases import Case

CONSTANTS: Final = {
    "RAM": 0x8000_0000,
    "TABLE": 0x8000_4000,
    "PAGES": 0x8000_8000,
    "DATA": 0x8020_0000,  # the 1 MB that is mapped with other attributes, too
    "MAILBOX": 0x8021_0200,
    "CODE": 0x8030_0000,
    "VECTORS": 0x807F_0000,
    "L2CC": 0x3000_0000,
    "AVIC": 0x6800_0000,
    # The same memory, in other sections; PAGED in small pages; a peripheral of plain registers.
    "WRITE_THROUGH_DATA": 0x9000_0000,
    "NOT_CACHED_DATA": 0x9010_0000,
    "DEVICE_DATA": 0x9020_0000,
    "ORDERED_DATA": 0x9030_0000,
    "PAGED_DATA": 0x9040_0000,
    "FORBIDDEN_DATA": 0x9050_0000,
    "PERIPHERAL": 0x53FA_4000,
    "ORDERED_PERIPHERAL": 0x910A_4000,
    "NOWHERE": 0x7000_0000,
    # Attributes of sections (AP 3 but for one), and of a small page.
    "WRITE_BACK": 0x0C0E,
    "WRITE_THROUGH": 0x0C0A,
    "NOT_CACHED": 0x1C02,
    "DEVICE": 0x0C06,
    "STRONGLY_ORDERED": 0x0C02,
    "NO_ACCESS": 0x000E,
    "SMALL_PAGE": 0x003E,
    # M, C, Z, I, V, U and XP, and the bits that read as one.
    "SCTLR": 0x00C5_387D,
    "UNDEFINED_VECTOR": 0xFFFF_0004,
    "SVC_VECTOR": 0xFFFF_0008,
    "PREFETCH_VECTOR": 0xFFFF_000C,
    "DATA_VECTOR": 0xFFFF_0010,
    "IRQ_VECTOR": 0xFFFF_0018,
    "FIQ_VECTOR": 0xFFFF_001C,
}
PAGE: Final = 0x1000

#: Three returns empty the return stack. The data are read first: a store allocates no line.
PREAMBLE: Final = """
entry:
    cpsid if, #31
    add lr, pc, #0
    bx lr
    add lr, pc, #0
    bx lr
    add lr, pc, #0
    bx lr
    mov r8, #0x80000000
    orr r8, r8, #0x200000
    ldr r0, [r8]
    ldr r0, [r8, #32]
    ldr r0, [r8, #64]
    ldr r0, [r8, #96]
    mov r0, r8
    mov r1, r8
    mov r2, r8
    mov r3, r8
    mov r4, r8
    mov r5, r8
    mov r6, r8
    mov r7, r8
    mov r12, r8
    stmia r12!, {r0-r7}
    stmia r12!, {r0-r7}
    stmia r12!, {r0-r7}
    stmia r12!, {r0-r7}
    add r9, r8, #12
    mov r10, #8
    mov r11, #0
    mov r12, #1
    add sp, r8, #64
    mov lr, #0
    msr cpsr_f, #0
"""
WAY_BACK: Final = """
    mov r0, #0x80000000
    orr r0, r0, #0x210000
    orr r0, r0, #0x200
    ldr pc, [r0]
"""
IDLE: Final = "    mov r11, r11\n"
THUMB_IDLE: Final = "    mov r8, r8\n"


def _arm_source(case: Case) -> str:
    snippet = case.snippet
    return f"""
{snippet.text("routines")}
{PREAMBLE}
{snippet.text("before")}
    .p2align 5
{IDLE * 40}
begin:
{snippet.text("measure")}
end:
{IDLE * 16}
finish:
{WAY_BACK}
{IDLE * 8}
literals:
"""


def _thumb_source(case: Case, padding: str) -> str:
    snippet = case.snippet
    return f"""
literals:
    .thumb
{snippet.text("routines")}
    .arm
    .p2align 2
{PREAMBLE}
{snippet.text("before")}
    .p2align 5
{IDLE * 6}
    add r11, pc, #1
    bx r11
    .thumb
{THUMB_IDLE * 48}
begin:
{snippet.text("measure")}
end:
{THUMB_IDLE * 16}{padding}
finish:
    bx pc
    mov r8, r8
    .arm
{WAY_BACK}
{IDLE * 8}
"""


def build(case: Case, address: int) -> Assembly:
    """The page of a case; its labels include `entry`, `begin` and `end`."""
    if not case.snippet.thumb:
        return assemble(_arm_source(case), address, CONSTANTS)
    # The way back from Thumb state starts at a word's address.
    even = assemble(_thumb_source(case, ""), address, CONSTANTS)
    if even.labels["finish"] % 4 == 0:
        return even
    return assemble(_thumb_source(case, THUMB_IDLE), address, CONSTANTS)
