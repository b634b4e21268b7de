/* SPDX-License-Identifier: BSD-2-Clause */
@ Every shift by an immediate, 32 and RRX included: result and carry.
program:
    ldr     r1, =0x80000001
    bl      body
    ldr     r1, =0x7FFFFFFE
    bl      body
    ldr     r1, =0xC3A55A3C
    bl      body
    end
body:
    msr     cpsr_f, #0x20000000
    one     "movs r0, r1"
    one     "movs r0, r1, lsl #1"
    one     "movs r0, r1, lsl #31"
    one     "movs r0, r1, lsr #1"
    one     "movs r0, r1, lsr #31"
    one     "movs r0, r1, lsr #32"
    one     "movs r0, r1, asr #1"
    one     "movs r0, r1, asr #31"
    one     "movs r0, r1, asr #32"
    one     "movs r0, r1, ror #1"
    one     "movs r0, r1, ror #16"
    one     "movs r0, r1, ror #31"
    one     "movs r0, r1, rrx"
    msr     cpsr_f, #0
    one     "movs r0, r1, rrx"
    one     "adcs r0, r1, r1, lsl #4"
    one     "subs r0, r1, r1, asr #7"
    one     "rsbs r0, r1, r1, ror #9"
    one     "mvns r0, r1, lsr #3"
    one     "add r0, r1, r1, lsl #2"
    one     "tst r1, r1, rrx"
    one     "cmp r1, r1, lsr #32"
    bx      lr
