/* SPDX-License-Identifier: BSD-2-Clause */
@ Single precision: add, subtract, multiply, divide, negated multiply, absolute value, negation.
program:
    vfp_on
    pairs   body, values, 6
    end
.macro f instruction
    \instruction s0, s1, s2
    vmov    r0, s0
    put     r0
.endm
body:
    mov     r0, #0
    vmsr    fpscr, r0
    vmov    s1, r1
    vmov    s2, r2
    f       vadd.f32
    f       vsub.f32
    f       vmul.f32
    f       vnmul.f32
    f       vdiv.f32
    vabs.f32 s3, s1
    vneg.f32 s4, s2
    vmov    r0, s3
    put     r0
    vmov    r0, s4
    put     r0
    vmrs    r0, fpscr
    put     r0
    bx      lr
literals:
values:
    .word   0x3F800000, 0xC0490FDB, 0x00000000, 0x7F7FFFFF, 0x00800001, 0xBEAAAAAB
