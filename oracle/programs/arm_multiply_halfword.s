/* SPDX-License-Identifier: BSD-2-Clause */
@ SMULxy, SMULWy, SMLAxy, SMLAWy and SMLALxy, with Q where the sum overflows.
program:
    pairs   body, values, 4
    end
body:
    one     "smulbb r0, r1, r2"
    one     "smulbt r0, r1, r2"
    one     "smultb r0, r1, r2"
    one     "smultt r0, r1, r2"
    one     "smulwb r0, r1, r2"
    one     "smulwt r0, r1, r2"
    ldr     r3, =0x7FFFFFF0
    one     "smlabb r0, r1, r2, r3"
    msr     cpsr_f, #0
    one     "smlabt r0, r1, r2, r3"
    msr     cpsr_f, #0
    one     "smlatb r0, r2, r1, r3"
    msr     cpsr_f, #0
    one     "smlatt r0, r1, r2, r3"
    msr     cpsr_f, #0
    one     "smlawb r0, r1, r2, r3"
    msr     cpsr_f, #0
    one     "smlawt r0, r1, r2, r3"
    mvn     r0, #0
    mov     r3, #0
    smlalbb r0, r3, r1, r2
    put_both
    smlaltb r0, r3, r1, r2
    smlalbt r0, r3, r1, r2
    smlaltt r0, r3, r1, r2
    put_both
    put     r3
    bx      lr
literals:
values:
    .word   0x00010002, 0x80008000, 0x7FFF8001, 0xFFFFFFFE
