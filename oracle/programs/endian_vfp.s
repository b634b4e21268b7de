/* SPDX-License-Identifier: BSD-2-Clause */
@ VFP loads and stores with E set.
program:
    vfp_on
    ldr     r1, =DATA
    ldr     r2, =0x03020100
    ldr     r3, =0x07060504
    stm     r1, {r2-r3}
    setend  be
    vldr    s0, [r1]
    vldr    d1, [r1]
    vldmia  r1, {s4-s5}
    vstr    d1, [r1, #8]
    vstr    s0, [r1, #16]
    vstmia  r1, {d1}
    setend  le
    ldm     r1, {r2-r6}
    stm     r12!, {r2-r6}
    vmov    r0, s0
    put     r0
    vmov    r0, r2, d1
    put     r0
    put     r2
    vmov    r0, s4
    put     r0
    end
