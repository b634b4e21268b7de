/* SPDX-License-Identifier: BSD-2-Clause */
@ PKHBT, PKHTB, REV, REV16, REVSH, CLZ, USAD8 and USADA8.
program:
    pairs   body, values, 4
    end
body:
    one     "pkhbt r0, r1, r2"
    one     "pkhbt r0, r1, r2, lsl #16"
    one     "pkhbt r0, r1, r2, lsl #5"
    one     "pkhtb r0, r1, r2, asr #1"
    one     "pkhtb r0, r1, r2, asr #16"
    one     "pkhtb r0, r1, r2, asr #32"
    one     "rev r0, r1"
    one     "rev16 r0, r1"
    one     "revsh r0, r1"
    one     "clz r0, r1"
    one     "usad8 r0, r1, r2"
    one     "usada8 r0, r1, r2, r2"
    bx      lr
literals:
values:
    .word   0, 0x00008001, 0x89ABCDEF, 0xFFFFFFFF
