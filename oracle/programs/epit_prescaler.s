/* SPDX-License-Identifier: BSD-2-Clause */
@ The prescaler divides by one more than its field: two timers of which one is eight times slower.
program:
    poke    IRQ_BODY, take
    poke    EPIT1, 0x0302007E            @ 32 kHz / 8
    poke    EPIT1 + 8, 100
    poke    EPIT1 + 12, 0
    poke    EPIT2, 0x0302000E
    poke    EPIT2 + 8, 178
    poke    EPIT2 + 12, 0
    poke    AVIC + 8, 27
    poke    AVIC + 8, 28
    poke    EPIT1, 0x0302007F
    poke    EPIT2, 0x0302000F
    mov     r4, #0
    mov     r5, #0
    cpsie   i
wait:
    cmp     r4, #2
    bne     wait
    cpsid   i
    put     r5
    poke    EPIT1, 0
    poke    EPIT2, 0
    end
take:
    push    {lr}
    ldr     r1, =AVIC
    ldr     r0, [r1, #0x40]
    mov     r0, r0, lsr #16
    cmp     r0, #28
    ldreq   r1, =EPIT1
    addeq   r4, r4, #1
    ldrne   r1, =EPIT2
    addne   r5, r5, #1
    mov     r0, #1
    str     r0, [r1, #4]
    pop     {pc}
