/* SPDX-License-Identifier: BSD-2-Clause */
@ CPACR opens and closes between runs of one block.
program:
    vfp_on
    ldr     r7, =DATA
    mov     r6, #5
    mov     r4, #40
    bl      many
    put     r5
    mov     r0, #0
    mcr     p15, 0, r0, c1, c0, 2
    mcr     p15, 0, r0, c7, c5, 4
    mov     r4, #2
    bl      many
    mov     r0, #0xF00000
    mcr     p15, 0, r0, c1, c0, 2
    mcr     p15, 0, r0, c7, c5, 4
    mov     r4, #2
    bl      many
    put     r5
    mov     r0, #0x500000
    mcr     p15, 0, r0, c1, c0, 2
    mcr     p15, 0, r0, c7, c5, 4
    mov     r4, #2
    bl      many
    put     r5
    mov     r0, #0
    mcr     p15, 0, r0, c1, c0, 2
    mcr     p15, 0, r0, c7, c5, 4
    mov     r4, #2
    bl      many
    put     r5
    mov     r0, #0x500000
    mcr     p15, 0, r0, c1, c0, 2
    mcr     p15, 0, r0, c7, c5, 4
    mov     r4, #2
    bl      many
    put     r5
    to_user
    mov     r4, #2
    bl      many
    to_supervisor
    mov     r0, #0
    mcr     p15, 0, r0, c1, c0, 2
    mcr     p15, 0, r0, c7, c5, 4
    mov     r4, #2
    bl      many
    put     r5
    mov     r0, #0xF00000
    mcr     p15, 0, r0, c1, c0, 2
    mcr     p15, 0, r0, c7, c5, 4
    put     r5
    end
many:
    vmov    s0, r6
    vadd.f32 s1, s0, s0
    vmov    r5, s1
    subs    r4, r4, #1
    bne     many
    bx      lr
