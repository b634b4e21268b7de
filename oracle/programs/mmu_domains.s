/* SPDX-License-Identifier: BSD-2-Clause */
@ Domains: no access, client and manager, on sections and pages, with the domain in DFSR.
program:
    bl      mmu_on
    poke    0x83000000, 0x14141414
    poke    TABLE + 0x860 * 4, 0x83000442  @ domain 2, AP 1
    poke    TABLE + 0x861 * 4, TABLE2 + 0x1E1  @ domain 15
    poke    TABLE2, 0x83000012
    poke    TABLE2 + 4, 0
    flush_tlb
    ldr     r0, =0x00000001
    bl      all_of
    ldr     r0, =0x40000011
    bl      all_of
    ldr     r0, =0xC0000031
    bl      all_of
    mov     r0, #1
    mcr     p15, 0, r0, c3, c0, 0
    resume_at next1
    ldr     r0, =0x86000100
    bx      r0
next1:
    resume_at next2
    ldr     r0, =0x86100100
    bx      r0
next2:
    end
all_of:
    mov     r9, lr
    mcr     p15, 0, r0, c3, c0, 0
    ldr     r1, =0x86000000
    bl      probe
    ldr     r1, =0x86100000
    bl      probe
    ldr     r1, =0x86101000
    ldr     r2, [r1]
    bx      r9
