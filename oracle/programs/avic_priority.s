/* SPDX-License-Identifier: BSD-2-Clause */
@ Of several forced sources the one of the highest priority comes first, then the highest number.
program:
    poke    IRQ_BODY, take
    poke    AVIC + 0x14, 0xFFFFFFFF
    poke    AVIC + 0x10, 0xFFFFFFFF
    poke    AVIC + 0x3C, 0x00030210      @ priorities 0: 0, 1: 1, 2: 2, 4: 3
    poke    AVIC + 0x20, 0xF0000000      @ 63: 15
    poke    AVIC + 0x54, 0x0000003F
    poke    AVIC + 0x50, 0x80000101
    ldr     r6, =0x0000003F
    ldr     r7, =0x80000101
    cpsie   i
    nop
    nop
    cpsid   i
    peek    AVIC + 0x40
    end
take:
    ldr     r1, =AVIC
    ldr     r0, [r1, #0x40]
    put     r0
    mov     r2, r0, lsr #16
    mov     r3, #1
    cmp     r2, #32
    subhs   r2, r2, #32
    bhs     high
    bic     r6, r6, r3, lsl r2
    str     r6, [r1, #0x54]
    bx      lr
high:
    bic     r7, r7, r3, lsl r2
    str     r7, [r1, #0x50]
    bx      lr
