/* SPDX-License-Identifier: BSD-2-Clause */
@ Single precision on infinities, NaNs, zeros and denormals, with the exceptions that they raise.
program:
    vfp_on
    pairs   body, values, 8
    end
.macro f instruction
    mov     r0, #0
    vmsr    fpscr, r0
    \instruction s0, s1, s2
    vmov    r0, s0
    put     r0
    vmrs    r0, fpscr
    put     r0
.endm
body:
    vmov    s1, r1
    vmov    s2, r2
    f       vadd.f32
    f       vsub.f32
    f       vmul.f32
    f       vdiv.f32
    bx      lr
literals:
values:
    .word   0x7F800000, 0xFF800000, 0x7FC01234, 0x7F801234, 0x80000000, 0x00000001, 0x807FFFFF
    .word   0x7F7FFFFF
