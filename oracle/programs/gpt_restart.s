/* SPDX-License-Identifier: BSD-2-Clause */
@ In restart mode the counter begins again at OCR1: four interrupts, one period apart.
program:
    poke    IRQ_BODY, take
    poke    GPT, 0
    poke    GPT + 16, 64
    poke    GPT + 12, 1
    poke    AVIC + 8, 29
    poke    GPT, 0x103                   @ EN, ENMOD, 32 kHz
    mov     r4, #0
    cpsie   i
wait:
    cmp     r4, #4
    bne     wait
    cpsid   i
    ldr     r1, =GPT
    ldr     r0, [r1, #0x24]
    cmp     r0, #64
    movls   r0, #1
    put     r0
    msr     cpsr_f, #0
    poke    GPT, 0
    end
take:
    ldr     r1, =GPT
    ldr     r0, [r1, #8]
    put     r0
    str     r0, [r1, #8]
    add     r4, r4, #1
    bx      lr
