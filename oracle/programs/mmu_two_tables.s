/* SPDX-License-Identifier: BSD-2-Clause */
@ TTBCR.N from 1 to 7: where the low table ends and TTBR1 takes over.
program:
    bl      mmu_on
    ldr     r0, =TABLE
    mcr     p15, 0, r0, c2, c0, 1
    poke    0x83000000, 0x10101010
    poke    0x83100000, 0x20202020
    ldr     r4, =TABLE + 0x8000          @ the low table: everything goes to 0x83000000
    ldr     r5, =0x83000C02
    mov     r6, #0x1000
fill:
    str     r5, [r4], #4
    subs    r6, r6, #1
    bne     fill
    poke    TABLE + 0x8000, 0xC02        @ except the vectors
    ldr     r4, =TABLE                   @ the high table, below RAM: to 0x83100000
    ldr     r5, =0x83100C02
    mov     r6, #0x300
    add     r4, r4, #4
fill2:
    str     r5, [r4], #4
    subs    r6, r6, #1
    bne     fill2
    ldr     r4, =TABLE + 0x700 * 4
    mov     r6, #0x100
fill3:
    str     r5, [r4], #4
    subs    r6, r6, #1
    bne     fill3
    mov     r7, #1
    mcr     p15, 0, r7, c2, c0, 2        @ first: the program itself is above the split
    ldr     r0, =TABLE + 0x8000
    mcr     p15, 0, r0, c2, c0, 0
next:
    mcr     p15, 0, r7, c2, c0, 2
    flush_tlb
    peek    0x02000000
    peek    0x01F00000
    peek    0x04000000
    peek    0x07F00000
    peek    0x08000000
    peek    0x0FF00000
    peek    0x10000000
    peek    0x1FF00000
    peek    0x7FF00000
    add     r7, r7, #1
    cmp     r7, #8
    bne     next
    mov     r0, #0
    ldr     r1, =TABLE
    mcr     p15, 0, r1, c2, c0, 0
    mcr     p15, 0, r0, c2, c0, 2
    flush_tlb
    end
