/* SPDX-License-Identifier: BSD-2-Clause */
@ The ways back: MOVS PC and SUBS PC, into each mode and into Thumb.
program:
    ldr     r0, =next1
    ldr     r1, =0xA00001DF
    msr     spsr_fsxc, r1
    movs    pc, r0
next1:
    put_flags
    cps     #0x12
    ldr     r0, =next2
    add     r0, r0, #4
    ldr     r1, =0x500001D7
    msr     spsr_fsxc, r1
    subs    pc, r0, #4
next2:
    put_flags
    cps     #0x1b
    ldr     r0, =next3
    sub     r0, r0, #8
    ldr     r1, =0x600001D3
    msr     spsr_fsxc, r1
    add     r0, r0, #8
    movs    pc, r0
next3:
    put_flags
    ldr     r0, =in_thumb
    ldr     r1, =0x900001F0
    msr     spsr_fsxc, r1
    mov     r0, r0, ror #30
    movs    pc, r0, ror #2
literals:
    .ltorg
    .thumb
in_thumb:
    movs    r7, #1
    svc     #1
    svc     #0x3F
    .align  2
    .arm
