/* SPDX-License-Identifier: BSD-2-Clause */
@ GPIO: a pin that the guest drives itself does not interrupt; ISR is cleared by writing ones.
program:
    ldr     r1, =GPIO2
    mov     r0, #1
    str     r0, [r1, #4]
    mov     r0, #0
    str     r0, [r1, #0x14]
    mov     r0, #2
    str     r0, [r1, #0x0C]
    mov     r0, #0
    str     r0, [r1]
    mov     r0, #1
    str     r0, [r1]
    ldr     r0, [r1]
    and     r0, r0, #1
    put     r0
    peek    AVIC + 0x48
    end
