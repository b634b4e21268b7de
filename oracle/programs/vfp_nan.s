/* SPDX-License-Identifier: BSD-2-Clause */
@ Which NaN a result is, quiet or signalling operands, in both operand orders.
program:
    vfp_on
    pairs   body, values, 5
    end
body:
    mov     r0, #0
    vmsr    fpscr, r0
    vmov    s1, r1
    vmov    s2, r2
    ldr     r0, =0x7F800ABC
    vmov    s0, r0
    vadd.f32 s3, s1, s2
    vmov    r0, s3
    put     r0
    vmul.f32 s3, s2, s1
    vmov    r0, s3
    put     r0
    vmla.f32 s0, s1, s2
    vmov    r0, s0
    put     r0
    vsqrt.f32 s3, s1
    vmov    r0, s3
    put     r0
    vneg.f32 s3, s1
    vmov    r0, s3
    put     r0
    vcvt.f64.f32 d2, s1
    vmov    r0, r3, d2
    put     r0
    put     r3
    vmrs    r0, fpscr
    put     r0
    bx      lr
literals:
values:
    .word   0x7FC00001, 0xFFC00002, 0x7F800003, 0xFF800004, 0x40000000
