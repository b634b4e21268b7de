/* SPDX-License-Identifier: BSD-2-Clause */
@ QADD, QSUB, QDADD and QDSUB: results, and Q which stays until it is cleared.
program:
    pairs   body, values, 6
    end
body:
    one     "qadd r0, r1, r2"
    msr     cpsr_f, #0
    one     "qsub r0, r1, r2"
    msr     cpsr_f, #0
    one     "qdadd r0, r1, r2"
    msr     cpsr_f, #0
    one     "qdsub r0, r1, r2"
    one     "adds r0, r1, r2"
    bx      lr
literals:
values:
    .word   0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x40000000
