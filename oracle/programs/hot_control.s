/* SPDX-License-Identifier: BSD-2-Clause */
@ SCTLR.A, byte order and mode change between runs of one hot block.
program:
    bl      mmu_on
    set_control 0x400000, 0
    poke    DATA, 0x03020100
    poke    DATA + 4, 0x07060504
    poke    DATA + 8, 0x0B0A0908
    ldr     r6, =DATA + 1
    mov     r5, #0
    ldr     r9, =12000
    mov     r4, r9
    bl      many
    put     r5
    set_control 2, 0
    mov     r4, #3
    ldr     r6, =DATA + 1
    bl      many
    put     r5
    set_control 0, 2
    setend  be
    mov     r4, r9
    bl      many
    setend  le
    put     r5
    mov     r4, r9
    bl      many
    put     r5
    to_user
    setend  be
    mov     r4, r9
    bl      many
    setend  le
    mov     r4, r9
    bl      many
    to_supervisor
    put     r5
    set_control 2, 0
    to_user
    mov     r4, #2
    bl      many
    to_supervisor
    put     r5
    set_control 0, 2
    end
many:
    ldr     r0, [r6]
    eor     r5, r0, r5, ror #1
    ldrh    r0, [r6, #2]
    add     r5, r5, r0
    ldrsh   r1, [r6, #4]
    add     r5, r5, r1
    str     r5, [r6, #15]
    strh    r5, [r6, #19]
    ldrb    r1, [r6, #15]
    eor     r5, r5, r1
    mrs     r1, cpsr
    and     r1, r1, #0x1F
    add     r5, r5, r1, lsl #5
    subs    r4, r4, #1
    bne     many
    bx      lr
