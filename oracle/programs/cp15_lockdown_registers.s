/* SPDX-License-Identifier: BSD-2-Clause */
@ The cache lockdown registers, and the peripheral port remap.
program:
    mov     r0, #0
    mcr     p15, 0, r0, c9, c0, 0
    mcr     p15, 0, r0, c9, c0, 1
    mrc     p15, 0, r0, c9, c0, 0
    put     r0
    mrc     p15, 0, r0, c9, c0, 1
    put     r0
    mov     r0, #0
    mcr     p15, 0, r0, c15, c2, 4
    mrc     p15, 0, r0, c15, c2, 4
    put     r0
    mov     r0, #1
    put     r0
    end
