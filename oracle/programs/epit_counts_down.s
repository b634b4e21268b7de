/* SPDX-License-Identifier: BSD-2-Clause */
@ The counter falls, stands still when disabled, and starts from LR when enabled with ENMOD.
program:
    poke    EPIT1, 0
    poke    EPIT1, 0x0100000A            @ ipg, RLD, ENMOD
    poke    EPIT1 + 8, 0x10000000
    poke    EPIT1, 0x0100000B
    ldr     r1, =EPIT1
    ldr     r2, [r1, #16]
    mov     r0, #1000
spin:
    subs    r0, r0, #1
    bne     spin
    ldr     r3, [r1, #16]
    cmp     r2, r3
    movhi   r0, #1
    put     r0
    rsb     r0, r2, #0x10000000
    mov     r0, r0, lsr #20
    put     r0
    poke    EPIT1, 0x0100000A
    ldr     r1, =EPIT1
    ldr     r2, [r1, #16]
    mov     r0, #1000
spin2:
    subs    r0, r0, #1
    bne     spin2
    ldr     r3, [r1, #16]
    sub     r0, r3, r2
    put     r0
    peek    EPIT1
    peek    EPIT1 + 8
    peek    EPIT1 + 12
    mov     r2, #0
    mov     r3, #0
    end
