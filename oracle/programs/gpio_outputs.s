/* SPDX-License-Identifier: BSD-2-Clause */
@ GPIO: direction and data registers, read back, on the three banks.
program:
    ldr     r1, =GPIO1
    bl      bank
    ldr     r1, =GPIO2
    bl      bank
    ldr     r1, =GPIO3
    bl      bank
    end
bank:
    mvn     r0, #0
    str     r0, [r1, #4]
    ldr     r0, =0xA5A50FF0
    str     r0, [r1]
    ldr     r0, [r1, #4]
    put     r0
    ldr     r0, [r1]
    put     r0
    mov     r0, #0
    str     r0, [r1, #0x14]
    ldr     r0, [r1, #0x14]
    put     r0
    ldr     r0, =0x12345678
    str     r0, [r1, #0x0C]
    ldr     r0, [r1, #0x0C]
    put     r0
    bx      lr
