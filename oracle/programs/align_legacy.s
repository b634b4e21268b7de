/* SPDX-License-Identifier: BSD-2-Clause */
@ SCTLR.U clear (as after reset): QEMU has only the other model of unaligned access.
program:
    ldr     r1, =DATA
    ldr     r2, =0x03020100
    ldr     r3, =0x07060504
    stm     r1, {r2-r3}
    ldr     r0, [r1, #1]
    put     r0
    ldr     r0, [r1, #2]
    put     r0
    ldr     r0, [r1, #3]
    put     r0
    ldr     r2, =0xA1B2C3D4
    str     r2, [r1, #5]
    ldr     r0, [r1, #4]
    put     r0
    end
