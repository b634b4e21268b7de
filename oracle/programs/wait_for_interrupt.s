/* SPDX-License-Identifier: BSD-2-Clause */
@ WFI with an interrupt already pending goes on at once, masked or not; in every privileged mode.
program:
    poke    IRQ_BODY, take
    poke    AVIC + 8, 4
    poke    AVIC + 0x54, 0x10
    mov     r4, #0
    mov     r0, #0
    mcr     p15, 0, r0, c7, c0, 4
    put     r4
    cps     #0x1f
    mcr     p15, 0, r0, c7, c0, 4
    put     r4
    cps     #0x13
    cpsie   i
    nop
    cpsid   i
    put     r4
    poke    AVIC + 0x54, 0x10
    mov     r0, #0
    mcr     p15, 0, r0, c7, c0, 4
    cpsie   i
    nop
    cpsid   i
    put     r4
    end
take:
    add     r4, r4, #1
    ldr     r1, =AVIC
    mov     r0, #0
    str     r0, [r1, #0x54]
    bx      lr
