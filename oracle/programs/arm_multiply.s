/* SPDX-License-Identifier: BSD-2-Clause */
@ MUL, MLA and the long multiplies, with and without flags.
program:
    pairs   body, values, 5
    end
body:
    one     "muls r0, r1, r2"
    mov     r3, #7
    one     "mlas r0, r1, r2, r3"
    mov     r0, #0x11
    mov     r3, #0x22
    umulls  r0, r3, r1, r2
    put_both
    put     r3
    smulls  r0, r3, r1, r2
    put_both
    put     r3
    umlals  r0, r3, r2, r2
    put_both
    put     r3
    smlals  r0, r3, r1, r1
    put_both
    put     r3
    umaal   r0, r3, r1, r2
    put_both
    put     r3
    bx      lr
literals:
values:
    .word   0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF
