/* SPDX-License-Identifier: BSD-2-Clause */
@ Moves between the core and VFP: FMSR, FMRS, halves of doubles, pairs.
program:
    vfp_on
    ldr     r1, =0x11223344
    ldr     r2, =0x55667788
    vmov    s0, r1
    vmov    s31, r2
    vmov    d3, r1, r2
    vmov    s10, s11, r1, r2
    vmov    r3, r4, d3
    vmov    r5, r6, s10, s11
    vmov.32 d4[0], r1
    vmov.32 d4[1], r2
    vmov.32 r7, d3[1]
    vmov    r8, s0
    stm     r12!, {r3-r8}
    vmov.f32 s1, s31
    vmov.f64 d7, d4
    vstmia  r12!, {d0-d7}
    end
