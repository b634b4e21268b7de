/* SPDX-License-Identifier: BSD-2-Clause */
@ PC read as an operand is 8 ahead (12 where the shift is by a register is not used), also stored.
program:
    mov     r0, pc
    put     r0
    add     r0, pc, #16
    put     r0
    sub     r0, pc, r12
    add     r0, r0, r12
    put     r0
    mov     r0, pc, lsl #1
    put     r0
    ldr     r0, [pc, #4]
    put     r0
    b       over
    .word   0x600DF00D
over:
    ldr     r3, =DATA
    str     pc, [r3]
    ldr     r0, [r3]
    put     r0
    stm     r3, {r1, pc}
    ldr     r0, [r3, #4]
    put     r0
    cmp     pc, #0
    put_flags
    add     pc, pc, #4
    mov     r0, #1
    mov     r0, #2
    mov     r1, #3
    put     r0
    put     r1
    mov     r1, #0
    ldr     r2, =there
    adds    r0, r1, #0
    mov     pc, r2
    put     r2
there:
    put     r0
    end
