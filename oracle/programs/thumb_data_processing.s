/* SPDX-License-Identifier: BSD-2-Clause */
@ Thumb: shifts, additions, immediates and the register operations, with their flags.
program:
    ldr     r0, =in_thumb + 1
    ldr     r4, =values
    mov     r5, #4
next:
    ldr     r1, [r4], #4
    ldr     r2, [r4]
    push    {r4, r5}
    blx     r0
    pop     {r4, r5}
    ldr     r0, =in_thumb + 1
    subs    r5, r5, #1
    bne     next
    end
literals:
    .ltorg
values:
    .word   0, 0x80000001, 0x7FFFFFFF, 33, 0xFFFFFFFF
save:
    stm     r12!, {r3}
    mrs     r3, cpsr
    stm     r12!, {r3}
    bx      lr
    .thumb
.macro t instruction
    \instruction
    blx     save
.endm
    .align  2
in_thumb:
    push    {lr}
    t       "lsls r3, r1, #1"
    t       "lsls r3, r1, #0"
    t       "lsrs r3, r1, #32"
    t       "lsrs r3, r1, #5"
    t       "asrs r3, r1, #32"
    t       "asrs r3, r1, #3"
    t       "adds r3, r1, r2"
    t       "subs r3, r1, r2"
    t       "adds r3, r1, #7"
    t       "subs r3, r2, #7"
    t       "movs r3, #0"
    t       "movs r3, #255"
    t       "cmp r1, #33"
    t       "adds r3, #200"
    t       "subs r3, #201"
    movs    r3, r1
    t       "ands r3, r2"
    movs    r3, r1
    t       "eors r3, r2"
    movs    r3, r1
    t       "lsls r3, r2"
    movs    r3, r1
    t       "lsrs r3, r2"
    movs    r3, r1
    t       "asrs r3, r2"
    movs    r3, r1
    t       "adcs r3, r2"
    movs    r3, r1
    t       "sbcs r3, r2"
    movs    r3, r1
    t       "rors r3, r2"
    t       "tst r1, r2"
    t       "rsbs r3, r1, #0"
    t       "cmp r1, r2"
    t       "cmn r1, r2"
    movs    r3, r1
    t       "orrs r3, r2"
    t       "muls r3, r2, r3"
    t       "bics r3, r2"
    t       "mvns r3, r2"
    pop     {pc}
    .align  2
    .arm
