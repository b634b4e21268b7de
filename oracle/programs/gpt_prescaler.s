/* SPDX-License-Identifier: BSD-2-Clause */
@ The GPT's prescaler: compare events of the GPT, four times slower, between ticks of an EPIT.
program:
    poke    IRQ_BODY, take
    poke    GPT, 0
    poke    GPT + 4, 3
    poke    GPT + 16, 64
    poke    GPT + 12, 1
    poke    EPIT1, 0x0302000E
    poke    EPIT1 + 8, 140
    poke    EPIT1 + 12, 0
    poke    AVIC + 8, 28
    poke    AVIC + 8, 29
    poke    EPIT1, 0x0302000F
    poke    GPT, 0x103
    mov     r4, #0
    mov     r5, #0
    cpsie   i
wait:
    cmp     r4, #3
    bne     wait
    cpsid   i
    put     r5
    poke    GPT, 0
    poke    EPIT1, 0
    end
take:
    push    {lr}
    ldr     r1, =AVIC
    ldr     r0, [r1, #0x40]
    mov     r0, r0, lsr #16
    cmp     r0, #29
    ldreq   r1, =GPT + 4
    addeq   r4, r4, #1
    ldrne   r1, =EPIT1
    addne   r5, r5, #1
    mov     r0, #1
    str     r0, [r1, #4]
    pop     {pc}
