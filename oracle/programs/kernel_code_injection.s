/* SPDX-License-Identifier: BSD-2-Clause */
@ A kernel that runs a user's routine in privileged mode from its undefined-instruction handler.
program:
    on      UNDEFINED, inject
    ldr     r8, =routine
    to_user
    .word   0xE7F000F0
    put     r0
    put     r1
    svc     #0x3F
inject:
    srsia   sp, #0x13
    cps     #0x13
    blx     r8
    rfeia   sp
routine:
    mrc     p15, 0, r0, c15, c12, 2
    mrs     r1, cpsr
    bx      lr
