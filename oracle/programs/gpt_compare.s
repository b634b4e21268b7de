/* SPDX-License-Identifier: BSD-2-Clause */
@ Three compare channels in free-running mode: their flags and interrupts, in the order of time.
program:
    poke    IRQ_BODY, take
    poke    GPT, 0
    poke    GPT + 4, 0
    poke    GPT + 16, 300
    poke    GPT + 20, 100
    poke    GPT + 24, 200
    poke    GPT + 12, 7
    poke    AVIC + 8, 29
    poke    GPT, 0x303                   @ EN, ENMOD, 32 kHz, FRR
    mov     r4, #0
    cpsie   i
wait:
    cmp     r4, #3
    bne     wait
    cpsid   i
    poke    GPT, 0
    end
take:
    ldr     r1, =GPT
    ldr     r0, [r1, #8]
    put     r0
    str     r0, [r1, #8]
    add     r4, r4, #1
    bx      lr
