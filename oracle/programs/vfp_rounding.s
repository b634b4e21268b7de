/* SPDX-License-Identifier: BSD-2-Clause */
@ Add, multiply, divide and square root in the four rounding modes.
program:
    vfp_on
    mov     r7, #0
modes:
    mov     r0, r7, lsl #22
    vmsr    fpscr, r0
    ldr     r1, =values
    vldmia  r1, {s1-s4}
    vadd.f32 s8, s1, s2
    vsub.f32 s9, s1, s2
    vmul.f32 s10, s3, s4
    vdiv.f32 s11, s1, s4
    vsqrt.f32 s12, s3
    vneg.f32 s4, s4
    vmul.f32 s13, s3, s4
    vdiv.f32 s14, s1, s4
    vstmia  r12!, {s8-s14}
    vmrs    r0, fpscr
    put     r0
    add     r7, r7, #1
    cmp     r7, #4
    bne     modes
    end
literals:
values:
    .word   0x3F800000, 0x33000001, 0x40490FDB, 0x3DCCCCCD
