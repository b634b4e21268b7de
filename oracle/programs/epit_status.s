/* SPDX-License-Identifier: BSD-2-Clause */
@ The compare flag is set with the interrupt disabled too, and cleared by writing one.
program:
    poke    EPIT1, 0x0302000E
    poke    EPIT1 + 8, 10
    poke    EPIT1 + 12, 0
    poke    EPIT1, 0x0302000F
    ldr     r1, =EPIT1
wait:
    ldr     r0, [r1, #4]
    cmp     r0, #1
    bne     wait
    put     r0
    peek    AVIC + 0x48
    ldr     r1, =EPIT1
    mov     r0, #0
    str     r0, [r1, #4]
    ldr     r0, [r1, #4]
    put     r0
    mov     r0, #1
    str     r0, [r1, #4]
    ldr     r0, [r1, #4]
    put     r0
    peek    AVIC + 0x48
    poke    EPIT1, 0
    end
