/* SPDX-License-Identifier: BSD-2-Clause */
@ Thumb: ADD, CMP and MOV with high registers and PC, ADD of SP and PC, CPY.
program:
    blx     in_thumb
    ldr     r4, =RESULT
    stm     r12!, {r0-r3, r6, r7, r8, r9}
    end
literals:
    .ltorg
    .thumb
in_thumb:
    movs    r0, #10
    mov     r8, r0
    add     r8, r8
    mov     r9, r8
    movs    r1, #1
    add     r1, r9
    cmp     r9, r8
    beq     equal
    movs    r1, #99
equal:
    mov     r2, pc
    mov     r3, sp
    add     sp, #16
    add     r6, sp, #8
    sub     sp, #16
    mov     r7, sp
    subs    r6, r6, r7
    .align  2
    adr     r7, equal
    add     r2, pc
    cmp     r8, r0
    bhi     higher
    movs    r0, #0
higher:
    ldr     r0, =landing
    mov     pc, r0
    movs    r1, #77
    .align  2
landing:
    bx      lr
    .align  2
    .ltorg
    .arm
