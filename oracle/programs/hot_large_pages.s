/* SPDX-License-Identifier: BSD-2-Clause */
@ 64 KB pages with subpages in a hot loop, then by users, unaligned, and in the other format.
program:
    bl      mmu_on_subpages
    poke    TABLE + 0x860 * 4, TABLE2 + 1
    ldr     r0, =TABLE2
    ldr     r1, =0x83000FF1
    mov     r2, #16
f:  str     r1, [r0], #4
    subs    r2, r2, #1
    bne     f
    ldr     r1, =0x83010151              @ AP3=0 AP2=1 AP1=1 AP0=1
    mov     r2, #16
g:  str     r1, [r0], #4
    subs    r2, r2, #1
    bne     g
    flush_tlb
    poke    0x8300F000, 0x77
    ldr     r9, =12000
    ldr     r6, =0x8600F000
    ldr     r7, =0x86010000
    mov     r5, #0
l:  ldr     r0, [r6]
    add     r5, r5, r0
    str     r5, [r7]
    ldr     r1, [r7]
    add     r5, r5, r1
    subs    r9, r9, #1
    bne     l
    put     r5
    to_user
    ldr     r0, [r6]
    str     r0, [r7]
    ldr     r0, [r7]
    to_supervisor
    ldr     r7, =0x8601C000
    ldr     r0, [r7]
    str     r0, [r7]
    ldr     r7, =0x8601BFFE
    set_control 0x400000, 0
    ldr     r0, [r7]
    str     r0, [r7]
    set_control 0x800000, 0
    flush_tlb
    ldr     r0, [r7]
    put     r0
    peek    0x83000000
    end
