/* SPDX-License-Identifier: BSD-2-Clause */
@ SMUAD, SMUSD, SMLAD, SMLSD, SMLALD, SMLSLD and the most significant word multiplies.
program:
    pairs   body, values, 4
    end
body:
    one     "smuad r0, r1, r2"
    msr     cpsr_f, #0
    one     "smuadx r0, r1, r2"
    one     "smusd r0, r1, r2"
    one     "smusdx r0, r1, r2"
    ldr     r3, =0x7FFFFFF0
    msr     cpsr_f, #0
    one     "smlad r0, r1, r2, r3"
    msr     cpsr_f, #0
    one     "smladx r0, r1, r2, r3"
    msr     cpsr_f, #0
    one     "smlsd r0, r1, r2, r3"
    msr     cpsr_f, #0
    one     "smlsdx r0, r2, r1, r3"
    one     "smmul r0, r1, r2"
    one     "smmulr r0, r1, r2"
    one     "smmla r0, r1, r2, r3"
    one     "smmlar r0, r1, r2, r3"
    one     "smmls r0, r1, r2, r3"
    one     "smmlsr r0, r1, r2, r3"
    mvn     r0, #0
    mov     r3, #0
    smlald  r0, r3, r1, r2
    put     r0
    smlaldx r0, r3, r1, r2
    put     r0
    smlsld  r0, r3, r1, r2
    put     r0
    smlsldx r0, r3, r1, r2
    put     r0
    put     r3
    bx      lr
literals:
values:
    .word   0x00010002, 0x80008000, 0x7FFF8001, 0x80000000
