/* SPDX-License-Identifier: BSD-2-Clause */
@ The comparisons, quiet and signalling, with numbers, zero and NaNs: flags and exceptions.
program:
    vfp_on
    pairs   body, values, 7
    end
.macro f instruction, left, right
    mov     r0, #0
    vmsr    fpscr, r0
    \instruction \left, \right
    vmrs    r0, fpscr
    put     r0
.endm
body:
    vmov    s1, r1
    vmov    s2, r2
    f       vcmp.f32, s1, s2
    f       vcmpe.f32, s1, s2
    f       vcmp.f32, s1, #0
    f       vcmpe.f32, s1, #0
    vcvt.f64.f32 d2, s1
    vcvt.f64.f32 d3, s2
    f       vcmp.f64, d2, d3
    f       vcmpe.f64, d2, d3
    f       vcmpe.f64, d2, #0
    vcmp.f32 s1, s2
    vmrs    apsr_nzcv, fpscr
    movgt   r0, #1
    movlt   r0, #2
    moveq   r0, #3
    movvs   r0, #4
    put     r0
    bx      lr
literals:
values:
    .word   0, 0x80000000, 0x3F800000, 0xBF800000, 0x7F800000, 0x7FC00000, 0x7F800001
