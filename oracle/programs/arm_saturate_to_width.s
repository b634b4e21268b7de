/* SPDX-License-Identifier: BSD-2-Clause */
@ SSAT, USAT, SSAT16 and USAT16 to narrow and wide fields, with shifts.
program:
    ldr     r4, =values
    mov     r5, #7
next:
    ldr     r1, [r4], #4
    msr     cpsr_f, #0
    one     "ssat r0, #1, r1"
    msr     cpsr_f, #0
    one     "ssat r0, #8, r1"
    msr     cpsr_f, #0
    one     "ssat r0, #32, r1, lsl #1"
    msr     cpsr_f, #0
    one     "ssat r0, #16, r1, asr #32"
    msr     cpsr_f, #0
    one     "ssat r0, #16, r1, asr #9"
    msr     cpsr_f, #0
    one     "usat r0, #0, r1"
    msr     cpsr_f, #0
    one     "usat r0, #8, r1"
    msr     cpsr_f, #0
    one     "usat r0, #31, r1, lsl #3"
    msr     cpsr_f, #0
    one     "usat r0, #12, r1, asr #15"
    msr     cpsr_f, #0
    one     "ssat16 r0, #1, r1"
    msr     cpsr_f, #0
    one     "ssat16 r0, #9, r1"
    msr     cpsr_f, #0
    one     "usat16 r0, #0, r1"
    msr     cpsr_f, #0
    one     "usat16 r0, #7, r1"
    subs    r5, r5, #1
    bne     next
    end
literals:
values:
    .word   0, 1, 0xFFFFFFFF, 0x7FFFFFFF, 0x80000000, 0x00FF0080, 0xFF00007F
