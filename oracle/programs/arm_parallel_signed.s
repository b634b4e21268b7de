/* SPDX-License-Identifier: BSD-2-Clause */
@ SADD, SSUB, SADDSUBX and SSUBADDX on halfwords and bytes, their GE flags, and SEL by them.
program:
    pairs   body, values, 4
    end
.macro ge instruction
    \instruction r0, r1, r2
    put_both
    sel     r0, r1, r2
    put     r0
.endm
body:
    ge      sadd16
    ge      ssub16
    ge      sasx
    ge      ssax
    ge      sadd8
    ge      ssub8
    bx      lr
literals:
values:
    .word   0x00010002, 0x80008000, 0x7F80FF01, 0xFFFF7FFF
