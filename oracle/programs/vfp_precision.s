/* SPDX-License-Identifier: BSD-2-Clause */
@ Between single and double: rounding, overflow, underflow and NaNs.
program:
    vfp_on
    mov     r4, #0
modes:
    ldr     r5, =doubles
    mov     r6, #8
next:
    mov     r0, r4, lsl #22
    vmsr    fpscr, r0
    vldr    d1, [r5]
    add     r5, r5, #8
    vcvt.f32.f64 s0, d1
    vmov    r0, s0
    put     r0
    vcvt.f64.f32 d2, s0
    vmov    r0, r1, d2
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
    .align  3
doubles:
    .word   0x9999999A, 0x3FB99999
    .word   0xFFFFFFFF, 0x7FEFFFFF
    .word   0, 0x36A00000
    .word   0, 0xB6800000
    .word   0x1, 0x38000000
    .word   0x20001234, 0x7FF80000
    .word   0x20001234, 0x7FF00000
    .word   0, 0xFFF00000
