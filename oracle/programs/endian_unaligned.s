/* SPDX-License-Identifier: BSD-2-Clause */
@ SETEND BE together with unaligned words and halfwords.
program:
    set_control 0x400000, 2
    ldr     r1, =DATA
    ldr     r2, =0x03020100
    ldr     r3, =0x07060504
    stm     r1, {r2-r3}
    setend  be
    ldr     r4, [r1, #1]
    ldr     r5, [r1, #2]
    ldrh    r6, [r1, #3]
    ldrsh   r7, [r1, #1]
    str     r4, [r1, #9]
    strh    r5, [r1, #15]
    setend  le
    stm     r12!, {r4-r7}
    ldm     r1, {r2-r6}
    stm     r12!, {r2-r6}
    end
