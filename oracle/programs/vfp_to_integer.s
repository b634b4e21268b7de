/* SPDX-License-Identifier: BSD-2-Clause */
@ Conversions to integers, truncating and rounding, at the edges of what fits.
program:
    vfp_on
    mov     r4, #0
modes:
    ldr     r5, =values
    mov     r6, #11
next:
    vldr    s1, [r5]
    add     r5, r5, #4
    bl      body
    subs    r6, r6, #1
    bne     next
    add     r4, r4, #1
    cmp     r4, #4
    bne     modes
    end
body:
    mov     r0, r4, lsl #22
    vmsr    fpscr, r0
    vcvt.s32.f32 s0, s1
    vmov    r0, s0
    put     r0
    vcvtr.s32.f32 s0, s1
    vmov    r0, s0
    put     r0
    vcvt.u32.f32 s0, s1
    vmov    r0, s0
    put     r0
    vcvtr.u32.f32 s0, s1
    vmov    r0, s0
    put     r0
    vcvt.f64.f32 d2, s1
    vcvt.s32.f64 s0, d2
    vmov    r0, s0
    put     r0
    vcvtr.u32.f64 s0, d2
    vmov    r0, s0
    put     r0
    vmrs    r0, fpscr
    put     r0
    bx      lr
literals:
values:
    .word   0x3FC00000, 0xBFC00000, 0x40200000, 0x4F000000, 0xCF000000, 0x4F7FFFFF, 0x4F800000
    .word   0x7FC00000, 0xFF800000, 0xBF000000, 0x00000001
