/* SPDX-License-Identifier: BSD-2-Clause */
@ What is undefined while VFP is off: by CPACR, by FPEXC.EN, and in user mode.
program:
    vmrs    r0, fpsid
    vmrs    r0, fpexc
    vadd.f32 s0, s1, s2
    mov     r0, #0xF00000
    mcr     p15, 0, r0, c1, c0, 2
    mcr     p15, 0, r0, c7, c5, 4
    mrc     p15, 0, r0, c1, c0, 2
    bic     r0, r0, #0xC0000000
    put     r0
    vmrs    r0, fpsid
    put     r0
    vmrs    r0, fpexc
    put     r0
    vmrs    r0, fpscr
    put     r0
    vadd.f32 s0, s1, s2
    vldr    s0, [r12]
    vmov    r0, s0
    mov     r0, #0x40000000
    vmsr    fpexc, r0
    vmrs    r0, fpexc
    put     r0
    vmrs    r0, fpscr
    put     r0
    vadd.f32 s0, s1, s2
    mov     r0, #0x500000                @ privileged only
    mcr     p15, 0, r0, c1, c0, 2
    mcr     p15, 0, r0, c7, c5, 4
    vadd.f32 s0, s1, s2
    to_user
    vadd.f32 s0, s1, s2
    vmrs    r0, fpscr
    vmrs    r0, fpsid
    svc     #9
    cps     #0x13
    on      SVC, continue
    svc     #1
continue:
    mov     r0, #0xF00000
    mcr     p15, 0, r0, c1, c0, 2
    mcr     p15, 0, r0, c7, c5, 4
    on      SVC, on_svc
    to_user
    vadd.f32 s0, s1, s2
    vmrs    r0, fpscr
    put     r0
    vmrs    r0, fpsid
    vmrs    r0, fpexc
    vmsr    fpexc, r0
    svc     #0x3F
