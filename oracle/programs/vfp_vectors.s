/* SPDX-License-Identifier: BSD-2-Clause */
@ Short vectors: length and stride in FPSCR, scalar banks, wrapping inside a bank.
program:
    vfp_on
    bl      fill
    ldr     r0, =0x00030000              @ length 4
    vmsr    fpscr, r0
    vadd.f32 s8, s16, s24
    vmul.f32 s12, s17, s0
    vadd.f32 s0, s8, s16                 @ a destination in bank 0: scalar
    vmov.f32 s29, s8                     @ wraps inside its bank
    bl      show
    bl      fill
    ldr     r0, =0x00310000              @ length 2, stride 2
    vmsr    fpscr, r0
    vsub.f32 s8, s16, s24
    vmla.f32 s9, s17, s25
    vneg.f32 s30, s16
    vabs.f32 s31, s9
    vsqrt.f32 s20, s16
    bl      show
    bl      fill
    ldr     r0, =0x00030000
    vmsr    fpscr, r0
    vadd.f64 d4, d8, d12
    vmul.f64 d8, d12, d1
    vdiv.f64 d12, d4, d0
    vcvt.f32.f64 s9, d4
    vcmp.f32 s8, s16
    bl      show
    end
fill:
    mov     r0, #0
    vmsr    fpscr, r0
    ldr     r1, =DATA
    mov     r2, #0
fill_next:
    add     r3, r2, #1
    vmov    s0, r3
    vcvt.f32.s32 s0, s0
    vstr    s0, [r1]
    add     r1, r1, #4
    add     r2, r2, #1
    cmp     r2, #32
    bne     fill_next
    ldr     r1, =DATA
    vldmia  r1, {s0-s31}
    bx      lr
show:
    mov     r0, #0
    vmsr    fpscr, r0
    vstmia  r12!, {s0-s31}
    bx      lr
