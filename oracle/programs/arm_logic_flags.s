/* SPDX-License-Identifier: BSD-2-Clause */
@ AND, EOR, ORR, BIC, MOV, MVN, TST and TEQ: flags, with the carry out of rotated immediates.
program:
    pairs   body, values, 4
    msr     cpsr_f, #0xF0000000
    one     "movs r0, #0"
    one     "movs r0, #0x80000000"
    msr     cpsr_f, #0x30000000
    one     "movs r0, #0xFF"
    one     "mvns r0, #0"
    one     "mvns r0, #0xFF000000"
    end
body:
    one     "ands r0, r1, r2"
    one     "eors r0, r1, r2"
    one     "orrs r0, r1, r2"
    one     "bics r0, r1, r2"
    one     "tst r1, r2"
    one     "teq r1, r2"
    one     "ands r0, r1, #0xC0000003"
    one     "tst r1, #0x3FC00"
    one     "teq r2, #0xF0000000"
    one     "bics r0, r2, #0x80000000"
    one     "orr r0, r2, #0x80000000"
    bx      lr
literals:
values:
    .word   0, 0xFFFFFFFF, 0x80000001, 0x12345678
