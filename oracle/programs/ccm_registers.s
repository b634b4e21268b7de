/* SPDX-License-Identifier: BSD-2-Clause */
@ What the clock controller says after reset, and what reads back.
program:
    ldr     r1, =CCM
    ldr     r0, [r1]
    put     r0
    ldr     r0, [r1, #4]
    put     r0
    ldr     r0, [r1, #8]
    put     r0
    ldr     r0, [r1, #0x10]
    put     r0
    ldr     r0, [r1, #0x14]
    put     r0
    ldr     r0, [r1, #0x18]
    put     r0
    ldr     r0, [r1, #0x20]
    put     r0
    ldr     r0, [r1, #0x24]
    put     r0
    ldr     r0, [r1, #0x28]
    put     r0
    ldr     r0, =0xFFFFFFF0
    str     r0, [r1, #0x20]
    ldr     r0, [r1, #0x20]
    put     r0
    end
