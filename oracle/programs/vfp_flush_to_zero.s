/* SPDX-License-Identifier: BSD-2-Clause */
@ Flush-to-zero and default-NaN modes: denormal operands and results, NaN results.
program:
    vfp_on
    pairs   body, values, 5
    end
.macro f instruction
    ldr     r0, =0x03000000
    vmsr    fpscr, r0
    \instruction s0, s1, s2
    vmov    r0, s0
    put     r0
    vmrs    r0, fpscr
    put     r0
.endm
body:
    vmov    s1, r1
    vmov    s2, r2
    f       vadd.f32
    f       vsub.f32
    f       vmul.f32
    f       vdiv.f32
    bx      lr
literals:
values:
    .word   0x00000001, 0x80800001, 0x7F801234, 0x7FC01234, 0x3F000000
