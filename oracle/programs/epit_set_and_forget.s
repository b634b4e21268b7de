/* SPDX-License-Identifier: BSD-2-Clause */
@ Without RLD the counter goes round from 0xFFFFFFFF; IOVW has LR written through at once.
program:
    poke    EPIT1, 0x03020002
    poke    EPIT1 + 8, 50
    poke    EPIT1 + 12, 10
    poke    EPIT1 + 4, 1
    poke    EPIT1, 0x03020003
    poke    EPIT1 + 8, 50
    ldr     r1, =EPIT1
wait:
    ldr     r0, [r1, #16]
    cmp     r0, #0x10000
    blo     wait
    mov     r0, r0, lsr #16
    put     r0
    poke    EPIT1, 0
    end
