/* SPDX-License-Identifier: BSD-2-Clause */
@ A hot loop rewrites one of its instructions each round, through two mappings.
program:
    bl      mmu_on
    poke    TABLE + 0x860 * 4, 0x80000C02
    flush_tlb
    mov     r5, #0
    ldr     r4, =12000
    ldr     r6, =patched
    ldr     r7, =0x06000000
    add     r7, r7, r6
    ldr     r8, =0xE2855000
loop:
    and     r0, r4, #0x7F
    orr     r0, r0, r8
    tst     r4, #1
    strne   r0, [r6]
    streq   r0, [r7]
    mov     r1, #0
    mcr     p15, 0, r6, c7, c10, 1
    mcr     p15, 0, r7, c7, c14, 1
    mcr     p15, 0, r1, c7, c10, 4
    mcr     p15, 0, r6, c7, c5, 1
    mcr     p15, 0, r1, c7, c5, 6
    mcr     p15, 0, r1, c7, c5, 4
patched:
    add     r5, r5, #1
    subs    r4, r4, #1
    bne     loop
    put     r5
    end
