/* SPDX-License-Identifier: BSD-2-Clause */
@ Double precision: the four operations and the square root, with the exceptions that they raise.
program:
    vfp_on
    pairs   body, index, 6
    end
.macro f instruction
    mov     r0, #0
    vmsr    fpscr, r0
    \instruction d0, d1, d2
    vmov    r0, r3, d0
    put     r0
    put     r3
    vmrs    r0, fpscr
    put     r0
.endm
body:
    ldr     r3, =doubles
    add     r1, r3, r1, lsl #3
    add     r2, r3, r2, lsl #3
    vldr    d1, [r1]
    vldr    d2, [r2]
    f       vadd.f64
    f       vsub.f64
    f       vmul.f64
    f       vdiv.f64
    f       vnmul.f64
    vsqrt.f64 d3, d1
    vmov    r0, r3, d3
    put     r0
    put     r3
    bx      lr
literals:
    .ltorg
    .align  3
doubles:
    .word   0, 0x3FF00000                @ 1
    .word   0x54442D18, 0xC00921FB       @ -pi
    .word   0, 0x80000000                @ -0
    .word   0xFFFFFFFF, 0x7FEFFFFF       @ the greatest
    .word   1, 0x00000000                @ the smallest
    .word   0x1234, 0x7FF00000           @ a signalling NaN
index:
    .word   0, 1, 2, 3, 4, 5
