/* SPDX-License-Identifier: BSD-2-Clause */
@ The CP15 writes of kernels in their order: caches, TLB, tables, domains, control, in one go.
program:
    bl      flat_map
    mov     r0, #0
    mcr     p15, 0, r0, c7, c14, 0
    mcr     p15, 0, r0, c7, c5, 0
    mcr     p15, 0, r0, c7, c15, 0
    mcr     p15, 0, r0, c7, c10, 4
    mcr     p15, 0, r0, c8, c7, 0
    mcr     p15, 0, r0, c2, c0, 2
    ldr     r0, =TABLE + 0x18
    mcr     p15, 0, r0, c2, c0, 1
    mcr     p15, 0, r0, c2, c0, 0
    mov     r0, #1
    mcr     p15, 0, r0, c3, c0, 0
    mrc     p15, 0, r0, c1, c0, 0
    ldr     r1, =0x01E0FB7F
    bic     r0, r0, r1
    ldr     r1, =0x00C0387D
    orr     r0, r0, r1
    mcr     p15, 0, r0, c1, c0, 0
    mrc     p15, 0, r3, c0, c0, 0
    mov     r3, r3
    mov     r3, r3
    mrc     p15, 0, r0, c1, c0, 0
    put     r0
    poke    DATA, 0x600D
    peek    DATA
    mov     r0, #7
    mcr     p15, 0, r0, c13, c0, 1
    mcr     p15, 0, r0, c7, c5, 6
    mov     r0, #0
    mcr     p15, 0, r0, c7, c10, 4
    svc     #1
    mov     r3, #0
    set_control 0, 0x3805
    end
