/* SPDX-License-Identifier: BSD-2-Clause */
@ The registers of a UART that keep what is written, and their values after a soft reset.
program:
    ldr     r1, =UART2
    mov     r0, #0
    str     r0, [r1, #0x84]
    ldr     r0, [r1, #0x80]
    put     r0
    ldr     r0, [r1, #0x84]
    put     r0
    ldr     r0, [r1, #0x88]
    put     r0
    ldr     r0, [r1, #0x90]
    put     r0
    ldr     r0, [r1, #0x98]
    put     r0
    ldr     r0, [r1, #0xB4]
    put     r0
    mov     r0, #0xA80
    orr     r0, r0, #1
    str     r0, [r1, #0x90]
    ldr     r0, [r1, #0x90]
    put     r0
    mov     r0, #0x700
    orr     r0, r0, #4
    str     r0, [r1, #0x88]
    ldr     r0, [r1, #0x88]
    put     r0
    mov     r0, #0x8000
    str     r0, [r1, #0x8C]
    ldr     r0, [r1, #0x8C]
    put     r0
    mov     r0, #0x68
    str     r0, [r1, #0xA8]
    ldr     r0, [r1, #0xA8]
    put     r0
    mov     r0, #1
    str     r0, [r1, #0x80]
    ldr     r0, [r1, #0x80]
    put     r0
    end
