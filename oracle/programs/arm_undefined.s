/* SPDX-License-Identifier: BSD-2-Clause */
@ Encodings that no ARMv6 core has: an undefined instruction exception for each, LR behind it.
program:
    .word   0xE7F000F0                   @ what a kernel uses for itself
    put     r0
    .word   0xE7FFDEFE
    .word   0xE7FFFFFF
    .word   0xE6000010
    .word   0xE6800090
    .word   0xE7100FF0
    .word   0xE1000060
    .word   0xF7FFFFFF
    .word   0xF0200000
    .word   0xF6000010
    .word   0xFF000000
    .word   0x06000010                   @ condition EQ, which holds in no round
    put     r0
    msr     cpsr_f, #0x40000000
    .word   0x06000010                   @ and now it does
    to_user
    .word   0xE7F000F0
    put_flags
    svc     #0x3F
