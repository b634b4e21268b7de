/* SPDX-License-Identifier: BSD-2-Clause */
@ MSR in user mode writes the E bit, as SETEND does.
program:
    ldr     r1, =DATA
    ldr     r2, =0x01020304
    str     r2, [r1]
    to_user
    msr     cpsr_x, #0x200
    ldr     r0, [r1]
    msr     cpsr_x, #0
    put     r0
    setend  be
    ldr     r0, [r1]
    setend  le
    put     r0
    svc     #0x3F
