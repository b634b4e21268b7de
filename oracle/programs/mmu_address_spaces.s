/* SPDX-License-Identifier: BSD-2-Clause */
@ Pages that are not global, under two ASIDs, with the flushes that a kernel does.
program:
    bl      mmu_on
    poke    0x83000000, 0x000A000A
    poke    0x83001000, 0x000B000B
    poke    TABLE + 0x860 * 4, TABLE2 + 1
    poke    TABLE2, 0x83000832           @ nG
    poke    TABLE2 + 4, 0x83000032
    flush_tlb
    mov     r0, #1
    mcr     p15, 0, r0, c13, c0, 1
    mcr     p15, 0, r0, c7, c5, 4
    peek    0x86000000
    peek    0x86001000
    mov     r0, #2
    mcr     p15, 0, r0, c13, c0, 1
    mcr     p15, 0, r0, c7, c5, 4
    poke    TABLE2, 0x83001832
    ldr     r0, =0x86000002
    mcr     p15, 0, r0, c8, c7, 1
    peek    0x86000000
    mov     r0, #2
    mcr     p15, 0, r0, c8, c7, 2
    peek    0x86000000
    mov     r0, #1
    mcr     p15, 0, r0, c8, c7, 2
    mcr     p15, 0, r0, c13, c0, 1
    mcr     p15, 0, r0, c7, c5, 4
    peek    0x86000000
    ldr     r0, =0x100005A
    mcr     p15, 0, r0, c13, c0, 1
    mcr     p15, 0, r0, c7, c5, 4
    poke    TABLE2 + 4, 0
    ldr     r0, =0x86001000
    mcr     p15, 0, r0, c8, c7, 1
    peek    0x86001000
    mov     r0, #0
    mcr     p15, 0, r0, c8, c6, 0
    mcr     p15, 0, r0, c8, c5, 0
    peek    0x86000000
    end
