/* SPDX-License-Identifier: BSD-2-Clause */
@ Accesses that begin on one page and end on one that is not there: FAR, and what is written.
program:
    bl      mmu_on
    set_control 0x400000, 2
    poke    TABLE + 0x860 * 4, TABLE2 + 1
    poke    TABLE2, 0x83000032
    poke    TABLE2 + 4, 0
    poke    TABLE2 + 8, 0x83002032
    flush_tlb
    poke    0x83000FF8, 0x11111111
    poke    0x83000FFC, 0x22222222
    ldr     r1, =0x86000FFE
    mov     r2, #0
    ldr     r2, [r1]
    put     r2
    ldr     r1, =0x86000FFF
    ldrh    r2, [r1]
    put     r2
    ldr     r1, =0x86000FF8
    ldmia   r1!, {r2-r5}
    put     r1
    ldr     r1, =0x86000FFC
    ldrd    r2, r3, [r1]
    ldr     r1, =0x86002004
    ldmdb   r1!, {r2-r5}
    put     r1
    ldr     r1, =0x86001FFE
    ldr     r2, [r1]
    put     r2
    end
