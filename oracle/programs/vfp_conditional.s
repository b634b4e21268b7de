/* SPDX-License-Identifier: BSD-2-Clause */
@ VFP instructions under conditions that fail do nothing, even with VFP off.
program:
    msr     cpsr_f, #0
    vaddeq.f32 s0, s1, s2
    vmoveq  r0, s0
    vfp_on
    ldr     r1, =0x3F800000
    vmov    s1, r1
    msr     cpsr_f, #0x40000000
    vaddeq.f32 s0, s1, s1
    vaddne.f32 s2, s1, s1
    vmovne  r1, s31
    put     r1
    vmov    r0, s0
    put     r0
    vmov    r0, s2
    put     r0
    end
