/* SPDX-License-Identifier: BSD-2-Clause */
@ Undefined instructions from every mode, under each mask bit.
program:
    .word   0xE7F000F0
    cps     #0x1f
    .word   0xE7F000F0
    cps     #0x12
    .word   0xE7F000F0
    cps     #0x17
    .word   0xE7F000F0
    cps     #0x11
    .word   0xE7F000F0
    cps     #0x13
    cpsie   a
    .word   0xE7F000F0
    cpsid   a
    cpsie   i
    .word   0xE7F000F0
    cpsid   i
    cpsie   f
    .word   0xE7F000F0
    msr     cpsr_f, #0x90000000
    to_user
    .word   0xE7F000F0
    put_flags
    svc     #0x3F
