/* SPDX-License-Identifier: BSD-2-Clause */
@ LDR and STR of words with every addressing mode.
program:
    ldr     r1, =DATA
    ldr     r2, =0x11111111
    mov     r3, #0
fill:
    str     r3, [r1, r3, lsl #2]
    add     r3, r3, #1
    cmp     r3, #64
    bne     fill
    ldr     r0, [r1, #16]
    put     r0
    ldr     r0, [r1, #16]!
    put     r0
    put     r1
    ldr     r0, [r1], #16
    put     r0
    put     r1
    ldr     r0, [r1, #-8]
    put     r0
    ldr     r0, [r1], #-4
    put     r0
    mov     r3, #4
    ldr     r0, [r1, r3]
    put     r0
    ldr     r0, [r1, -r3]
    put     r0
    ldr     r0, [r1, r3, lsl #3]
    put     r0
    mov     r3, #8
    ldr     r0, [r1, -r3, lsr #1]!
    put     r0
    put     r1
    bic     r1, r1, #3
    ldr     r0, [r1], r3, lsl #2
    put     r0
    put     r1
    mvn     r3, #3
    ldr     r0, [r1, r3, asr #1]!
    put     r1
    bic     r1, r1, #3
    mov     r3, #8
    msr     cpsr_f, #0x20000000
    mvn     r5, #0x0F
    ldr     r0, [r1, r3, ror #1]
    put     r0
    mov     r3, #16
    msr     cpsr_f, #0
    ldr     r0, [r1, r3, rrx]
    put     r0
    ldr     r0, [r1, r3, lsr #32]
    put     r0
    ldr     r0, [r1, r3, asr #32]
    put     r0
    str     r2, [r1, #4]!
    str     r2, [r1], #8
    str     r2, [r1, -r3]
    str     r2, [r1, #-12]!
    put     r1
    ldr     r0, =DATA
    mov     r3, #16
copy:
    ldr     r2, [r0], #4
    put     r2
    subs    r3, r3, #1
    bne     copy
    end
