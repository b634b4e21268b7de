/* SPDX-License-Identifier: BSD-2-Clause */
@ I2C: the values after reset, and a controller that is switched on and off.
program:
    ldr     r1, =0x43F80000
    ldrh    r0, [r1]
    put     r0
    ldrh    r0, [r1, #4]
    put     r0
    ldrh    r0, [r1, #8]
    put     r0
    ldrh    r0, [r1, #12]
    put     r0
    mov     r0, #0x80
    strh    r0, [r1, #8]
    ldrh    r0, [r1, #8]
    put     r0
    mov     r0, #0x24
    strh    r0, [r1, #4]
    ldrh    r0, [r1, #4]
    put     r0
    mov     r0, #0
    strh    r0, [r1, #8]
    end
