/* SPDX-License-Identifier: BSD-2-Clause */
@ WFI sleeps until the timer asks, with I set as well: then the interrupt is not taken.
program:
    poke    IRQ_BODY, tick
    poke    EPIT2, 0x0302000E
    poke    EPIT2 + 8, 100
    poke    EPIT2 + 12, 0
    poke    EPIT2, 0x0302000F
    poke    AVIC + 8, 27
    mov     r4, #0
    mov     r0, #0
    mcr     p15, 0, r0, c7, c0, 4
    put     r4
    peek    EPIT2 + 4
    cpsie   i
    nop
    put     r4
    mov     r0, #0
    mcr     p15, 0, r0, c7, c0, 4
    put     r4
    mcr     p15, 0, r0, c7, c0, 4
    put     r4
    cpsid   i
    poke    EPIT2, 0
    end
tick:
    ldr     r1, =EPIT2
    mov     r0, #1
    str     r0, [r1, #4]
    add     r4, r4, #1
    bx      lr
