/* SPDX-License-Identifier: BSD-2-Clause */
@ ADD, ADC, SUB, SBC, RSB, RSC, CMP and CMN with every flag at the edges of the number range.
program:
    ldr     r4, =edges
    mov     r5, #0
outer:
    ldr     r1, [r4, r5, lsl #2]
    mov     r6, #0
inner:
    ldr     r2, [r4, r6, lsl #2]
    adds    r0, r1, r2
    bl      record
    subs    r0, r1, r2
    bl      record
    rsbs    r0, r1, r2
    bl      record
    msr     cpsr_f, #0x20000000
    adcs    r0, r1, r2
    bl      record
    msr     cpsr_f, #0
    sbcs    r0, r1, r2
    bl      record
    msr     cpsr_f, #0x20000000
    sbcs    r0, r1, r2
    bl      record
    msr     cpsr_f, #0
    rscs    r0, r1, r2
    bl      record
    cmp     r1, r2
    bl      record
    cmn     r1, r2
    bl      record
    add     r6, r6, #1
    cmp     r6, #5
    bne     inner
    add     r5, r5, #1
    cmp     r5, #5
    bne     outer
    end
record:
    mrs     r3, cpsr
    eor     r0, r0, r3, ror #8
    put     r0
    bx      lr
literals:
edges:
    .word   0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF
