/* SPDX-License-Identifier: BSD-2-Clause */
@ NIMASK holds back priorities up to its value; 0x1F holds back nothing.
program:
    poke    IRQ_BODY, take
    poke    AVIC + 8, 3
    poke    AVIC + 8, 7
    poke    AVIC + 0x3C, 0x80002000      @ 3: 2, 7: 8
    mov     r4, #0
next:
    ldr     r1, =AVIC
    str     r4, [r1, #4]
    mov     r0, #0x88
    str     r0, [r1, #0x54]
    mov     r5, #0
    mov     r6, #0x88
    cpsie   i
    nop
    nop
    cpsid   i
    put     r5
    ldr     r1, =AVIC
    ldr     r0, [r1, #4]
    put     r0
    mov     r0, #0
    str     r0, [r1, #0x54]
    add     r4, r4, #1
    cmp     r4, #12
    moveq   r4, #0x1F
    cmp     r4, #0x20
    bne     next
    end
take:
    add     r5, r5, #1
    ldr     r1, =AVIC
    cmp     r5, #1
    moveq   r0, #8
    movne   r0, #0
    str     r0, [r1, #0x54]
    bx      lr
