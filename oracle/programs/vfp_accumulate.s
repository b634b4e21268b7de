/* SPDX-License-Identifier: BSD-2-Clause */
@ The multiplies that accumulate, which round twice, in both precisions.
program:
    vfp_on
    pairs   body, values, 5
    end
.macro f instruction
    vmov    s0, r3
    \instruction s0, s1, s2
    vmov    r0, s0
    put     r0
.endm
.macro g instruction
    vcvt.f64.f32 d4, s0
    vcvt.f64.f32 d5, s1
    vcvt.f64.f32 d6, s2
    \instruction d4, d5, d6
    vmov    r0, r11, d4
    put     r0
    put     r11
.endm
body:
    mov     r0, #0
    vmsr    fpscr, r0
    ldr     r3, =0x3DCCCCCD
    vmov    s1, r1
    vmov    s2, r2
    f       vmla.f32
    f       vmls.f32
    f       vnmla.f32
    f       vnmls.f32
    g       vmla.f64
    g       vmls.f64
    g       vnmla.f64
    g       vnmls.f64
    vmrs    r0, fpscr
    put     r0
    bx      lr
literals:
values:
    .word   0x3F800001, 0xC0490FDB, 0x7F7FFFFF, 0x00800001, 0x7FC01234
