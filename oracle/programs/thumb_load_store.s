/* SPDX-License-Identifier: BSD-2-Clause */
@ Thumb: every load and store, by immediate and register offset, from SP and PC.
program:
    poke    DATA, 0x8081F27F
    poke    DATA + 4, 0x7FFF8000
    ldr     r7, =DATA
    blx     in_thumb
    ldr     r7, =DATA
    mov     r3, #16
copy:
    ldr     r2, [r7], #4
    put     r2
    subs    r3, r3, #1
    bne     copy
    end
literals:
    .ltorg
save:
    str     r0, [r12], #4
    bx      lr
    .thumb
in_thumb:
    push    {lr}
    movs    r1, #4
    ldr     r0, [r7]
    blx     save
    ldr     r0, [r7, #4]
    blx     save
    ldr     r0, [r7, r1]
    blx     save
    ldrb    r0, [r7, #3]
    blx     save
    ldrb    r0, [r7, r1]
    blx     save
    ldrh    r0, [r7, #2]
    blx     save
    ldrh    r0, [r7, r1]
    blx     save
    movs    r1, #1
    ldrsb   r0, [r7, r1]
    blx     save
    movs    r1, #2
    ldrsh   r0, [r7, r1]
    blx     save
    ldr     r0, =0x13572468
    blx     save
    str     r0, [r7, #8]
    movs    r1, #16
    str     r0, [r7, r1]
    strh    r0, [r7, #22]
    movs    r1, #24
    strh    r0, [r7, r1]
    strb    r0, [r7, #31]
    movs    r1, #33
    strb    r0, [r7, r1]
    sub     sp, #8
    str     r0, [sp]
    str     r1, [sp, #4]
    ldr     r0, [sp, #4]
    blx     save
    ldr     r0, [sp]
    blx     save
    add     sp, #8
    pop     {pc}
    .align  2
    .ltorg
    .arm
