# SPDX-License-Identifier: BSD-2-Clause
"""From reset to the first user instruction."""

from typing import Final

#: SCTLR bits that the kernel sets (DDI 0211, 3.3.6): MMU, caches, branch prediction, high
#: vectors, unaligned accesses, ARMv6 table format.
SCTLR_SET: Final = 1 << 0 | 1 << 2 | 1 << 11 | 1 << 12 | 1 << 13 | 1 << 22 | 1 << 23
#: and those it clears: alignment checks, big-endian, S, R, VE, EE, round robin replacement.
SCTLR_CLEAR: Final = 1 << 1 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 14 | 1 << 24 | 1 << 25

CONSTANTS: Final = {
    "SCTLR_SET": SCTLR_SET,
    "SCTLR_CLEAR": SCTLR_CLEAR,
    # Walks are outer write-back cacheable: descriptors may lie in L2 (TTBR0 bits 4-3).
    "TTBR_ATTRIBUTES": 0x18,
    # A section for the first megabyte of RAM at its physical address, kernel only, uncached.
    "IDENTITY_SECTION": 0x402,
    # Processor mode, as SRS and CPS take it (ARM ARM A2.2).
    "MODE_SVC": 0x13,
}

SOURCE: Final = """
@ ---------------------------------------------------------------------------------------------
@ _start: the loader jumps here at the physical address, MMU off, mode SVC, interrupts masked.
@ The user image lies behind the kernel image. Python builds all objects and tables (TRAP_BOOT),
@ then the MMU goes on. Live-in: nothing. Clobbers everything.
@ ---------------------------------------------------------------------------------------------
_start:
    udf     #TRAP_BOOT
    ldr     r0, =KERNEL_PD - WINDOW_OFFSET
    ldr     r1, =RAM_BASE | IDENTITY_SECTION
    add     r2, r0, #RAM_BASE >> 18     @ the entry for RAM_BASE: index = address >> 20, words
    str     r1, [r2]                    @ code must stay where it is while the MMU goes on
    mov     r3, #0
    mcr     p15, 0, r3, c7, c7, 0       @ both caches hold nothing of worth after reset
    mcr     p15, 0, r3, c8, c7, 0       @ nor does the TLB
    mcr     p15, 0, r3, c2, c0, 2       @ one table for all addresses
    orr     r0, r0, #TTBR_ATTRIBUTES
    mcr     p15, 0, r0, c2, c0, 0
    mov     r1, #1
    mcr     p15, 0, r1, c3, c0, 0       @ domain 0 is checked, no other domain is used
    mcr     p15, 0, r3, c13, c0, 1      @ ASID 0 belongs to no address space
    mrc     p15, 0, r1, c1, c0, 0
    ldr     r4, =SCTLR_SET
    orr     r1, r1, r4
    ldr     r4, =SCTLR_CLEAR
    bic     r1, r1, r4
    mcr     p15, 0, r1, c7, c10, 4
    mcr     p15, 0, r1, c1, c0, 0
    mcr     p15, 0, r3, c7, c5, 4       @ what was fetched ahead was fetched untranslated
    ldr     pc, =boot_in_window

@ boot_in_window: from _start, MMU on, running at the kernel's own addresses.
@ r3 = 0. Leaves by returning to the initial thread.
boot_in_window:
    ldr     r2, =KERNEL_PD + (RAM_BASE >> 18)
    str     r3, [r2]                    @ the identity section must not outlive boot
    mcr     p15, 0, r3, c7, c10, 4      @ the walker reads memory, so the store has to arrive
    mcr     p15, 0, r3, c8, c7, 0
    mcr     p15, 0, r3, c7, c5, 6       @ branches predicted at physical addresses
    ldr     r0, =KV_CURRENT
    ldr     r0, [r0]
    ldrb    r1, [r0, #TCB_VTABLE + 4]   @ low byte of the PageDirectory capability: its ASID
    ldr     r2, [r0, #TCB_VTABLE]
    bic     r2, r2, #0xF                @ pointer of a 16 KB aligned object, without the type
    sub     r2, r2, #WINDOW_OFFSET
    orr     r2, r2, #TTBR_ATTRIBUTES
    mcr     p15, 0, r2, c2, c0, 0
    mcr     p15, 0, r1, c13, c0, 1
    mcr     p15, 0, r3, c7, c5, 4
    b       restore_user_context
"""
