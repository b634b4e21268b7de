/* SPDX-License-Identifier: BSD-2-Clause */
@ BKPT is a prefetch abort with the status of a debug event, in ARM and Thumb state.
program:
    bkpt    #1
    put     r0
    bkpt    #0xFFFF
    to_user
    bkpt    #2
    ldr     r0, =in_thumb + 1
    bx      r0
literals:
    .ltorg
    .thumb
in_thumb:
    bkpt    #3
    movs    r0, #9
    bkpt    #4
    svc     #0x3F
    .align  2
    .arm
