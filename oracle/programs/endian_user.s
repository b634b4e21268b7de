/* SPDX-License-Identifier: BSD-2-Clause */
@ SETEND in user mode, kept over exceptions and by their returns; in Thumb as well.
program:
    ldr     r1, =DATA
    ldr     r2, =0x03020100
    str     r2, [r1]
    ldr     r6, =in_thumb + 1
    to_user
    setend  be
    ldr     r3, [r1]
    svc     #1
    ldr     r4, [r1]
    .word   0xE7F000F0
    ldr     r5, [r1]
    blx     r6
    setend  le
    stm     r12!, {r3-r5, r7}
    svc     #0x3F
literals:
    .ltorg
    .thumb
in_thumb:
    setend  be
    ldr     r7, [r1]
    svc     #2
    setend  le
    bx      lr
    .align  2
    .arm
