/* SPDX-License-Identifier: BSD-2-Clause */
@ The tick of a kernel: EPIT1 from the 32 kHz clock, reloading, five interrupts, waited for.
program:
    poke    IRQ_BODY, tick
    poke    EPIT1, 0
    poke    EPIT1, 0x0302000E
    poke    EPIT1 + 8, 327
    poke    EPIT1 + 12, 0
    poke    EPIT1 + 4, 1
    poke    EPIT1, 0x0302000F
    poke    AVIC + 8, 28
    mov     r4, #0
    cpsie   i
wait:
    cmp     r4, #5
    bne     wait
    cpsid   i
    poke    EPIT1, 0
    peek    EPIT1
    peek    EPIT1 + 4
    peek    EPIT1 + 8
    end
tick:
    ldr     r1, =AVIC
    ldr     r0, [r1, #0x40]
    put     r0
    ldr     r1, =EPIT1
    ldr     r0, [r1, #4]
    put     r0
    mov     r0, #1
    str     r0, [r1, #4]
    ldr     r0, [r1, #4]
    put     r0
    add     r4, r4, #1
    bx      lr
