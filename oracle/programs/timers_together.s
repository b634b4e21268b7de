/* SPDX-License-Identifier: BSD-2-Clause */
@ Both EPITs and the GPT with different periods: how many interrupts of each in one period of the slowest.
program:
    poke    IRQ_BODY, take
    poke    EPIT1, 0x0302000E
    poke    EPIT1 + 8, 1000
    poke    EPIT1 + 12, 0
    poke    EPIT2, 0x0302000E
    poke    EPIT2 + 8, 310
    poke    EPIT2 + 12, 0
    poke    GPT, 0
    poke    GPT + 16, 190
    poke    GPT + 12, 1
    poke    AVIC + 8, 27
    poke    AVIC + 8, 28
    poke    AVIC + 8, 29
    poke    EPIT1, 0x0302000F
    poke    EPIT2, 0x0302000F
    poke    GPT, 0x103
    mov     r4, #0
    mov     r5, #0
    mov     r6, #0
    cpsie   i
wait:
    cmp     r4, #1
    bne     wait
    cpsid   i
    stm     r12!, {r4-r6}
    poke    EPIT1, 0
    poke    EPIT2, 0
    poke    GPT, 0
    end
take:
    push    {lr}
    ldr     r1, =AVIC
    ldr     r0, [r1, #0x40]
    mov     r0, r0, lsr #16
    cmp     r0, #28
    ldreq   r1, =EPIT1
    addeq   r4, r4, #1
    ldrlo   r1, =EPIT2
    addlo   r5, r5, #1
    ldrhi   r1, =GPT + 4
    addhi   r6, r6, #1
    mov     r0, #1
    str     r0, [r1, #4]
    pop     {pc}
