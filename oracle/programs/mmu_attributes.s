/* SPDX-License-Identifier: BSD-2-Clause */
@ Every TEX, C and B on a small page and a section: the access works all the same.
program:
    bl      mmu_on
    set_control 0x1004, 0
    poke    TABLE + 0x860 * 4, TABLE2 + 1
    mov     r4, #0
next:
    and     r0, r4, #3
    mov     r1, r4, lsr #2
    mov     r0, r0, lsl #2
    orr     r0, r0, r1, lsl #6
    ldr     r1, =0x83000032
    orr     r0, r0, r1
    ldr     r1, =TABLE2
    str     r0, [r1]
    and     r0, r4, #3
    mov     r1, r4, lsr #2
    mov     r0, r0, lsl #2
    orr     r0, r0, r1, lsl #12
    ldr     r1, =0x83100C02
    orr     r0, r0, r1
    ldr     r1, =TABLE + 0x861 * 4
    str     r0, [r1]
    flush_tlb
    ldr     r1, =0x86000000
    str     r4, [r1]
    ldr     r0, [r1]
    put     r0
    ldr     r1, =0x86100000
    str     r4, [r1, #4]
    ldr     r0, [r1, #4]
    put     r0
    add     r4, r4, #1
    cmp     r4, #32
    bne     next
    set_control 0, 0x1004
    end
