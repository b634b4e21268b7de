/* SPDX-License-Identifier: BSD-2-Clause */
@ CPS with every mask and mode; in user mode it does nothing.
program:
    cpsie   aif
    put_flags
    cpsid   i
    put_flags
    cpsid   f
    put_flags
    cpsid   a
    put_flags
    cpsie   if
    put_flags
    cpsid   aif, #0x12
    put_flags
    cpsie   a, #0x17
    put_flags
    cps     #0x1b
    put_flags
    cps     #0x11
    mrs     r7, cpsr
    cps     #0x1f
    put     r7
    put_flags
    cpsid   aif, #0x13
    to_user
    cpsie   aif, #0x13
    put_flags
    cps     #0x1f
    put_flags
    cpsid   a
    put_flags
    svc     #0x3F
