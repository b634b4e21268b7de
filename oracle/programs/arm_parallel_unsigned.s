/* SPDX-License-Identifier: BSD-2-Clause */
@ UADD, USUB, UADDSUBX and USUBADDX on halfwords and bytes, their GE flags, and SEL by them.
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
    ge      uadd16
    ge      usub16
    ge      uasx
    ge      usax
    ge      uadd8
    ge      usub8
    bx      lr
literals:
values:
    .word   0x00010002, 0x80008000, 0x7F80FF01, 0xFFFF7FFF
