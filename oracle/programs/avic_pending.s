/* SPDX-License-Identifier: BSD-2-Clause */
@ INTSRC and NIPND of a device that asks, with the source disabled and enabled.
program:
    poke    UART1 + 0x80, 0x2001         @ TRDY
    ldr     r1, =AVIC
    ldr     r0, [r1, #0x48]
    put     r0
    ldr     r0, [r1, #0x58]
    put     r0
    ldr     r0, [r1, #0x40]
    put     r0
    mov     r0, #45
    str     r0, [r1, #8]
    ldr     r0, [r1, #0x58]
    put     r0
    ldr     r0, [r1, #0x60]
    put     r0
    poke    UART1 + 0x80, 1
    ldr     r1, =AVIC
    ldr     r0, [r1, #0x48]
    put     r0
    ldr     r0, [r1, #0x58]
    put     r0
    end
