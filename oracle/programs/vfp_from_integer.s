/* SPDX-License-Identifier: BSD-2-Clause */
@ Conversions from integers in both precisions, in each rounding mode.
program:
    vfp_on
    mov     r4, #0
modes:
    ldr     r5, =values
    mov     r6, #7
next:
    vldr    s1, [r5]
    add     r5, r5, #4
    mov     r0, r4, lsl #22
    vmsr    fpscr, r0
    vcvt.f32.s32 s0, s1
    vmov    r0, s0
    put     r0
    vcvt.f32.u32 s0, s1
    vmov    r0, s0
    put     r0
    vcvt.f64.s32 d1, s1
    vmov    r0, r1, d1
    put     r0
    put     r1
    vldr    s1, [r5, #-4]
    vcvt.f64.u32 d1, s1
    vmov    r0, r1, d1
    put     r0
    put     r1
    vmrs    r0, fpscr
    put     r0
    subs    r6, r6, #1
    bne     next
    add     r4, r4, #1
    cmp     r4, #4
    bne     modes
    end
literals:
values:
    .word   0, 1, 0xFFFFFFFF, 0x80000000, 0x7FFFFFFF, 0x01000001, 0xFEFFFFFF
