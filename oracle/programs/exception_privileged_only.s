/* SPDX-License-Identifier: BSD-2-Clause */
@ In user mode: what is undefined, what is ignored, what works.
program:
    to_user
    mrc     p15, 0, r0, c0, c0, 0
    mrc     p15, 0, r0, c1, c0, 0
    mcr     p15, 0, r0, c1, c0, 0
    mcr     p15, 0, r0, c2, c0, 0
    mcr     p15, 0, r0, c7, c5, 0
    mcr     p15, 0, r0, c7, c6, 0
    mcr     p15, 0, r0, c7, c10, 0
    mcr     p15, 0, r0, c8, c7, 0
    mrc     p15, 0, r0, c13, c0, 1
    mrc     p15, 0, r0, c5, c0, 0
    mov     r0, #0
    mcr     p15, 0, r0, c7, c10, 4       @ DSB
    mcr     p15, 0, r0, c7, c10, 5       @ DMB
    mcr     p15, 0, r0, c7, c5, 4        @ flush prefetch buffer
    mcr     p15, 0, r0, c7, c0, 4        @ wait for interrupt
    msr     cpsr_c, #0x13
    put_flags
    svc     #0x3F
