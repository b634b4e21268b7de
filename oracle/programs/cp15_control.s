/* SPDX-License-Identifier: BSD-2-Clause */
@ The control registers: reset values, and bits that a kernel sets and clears.
program:
    mrc     p15, 0, r0, c1, c0, 0
    put     r0
    mrc     p15, 0, r0, c1, c0, 1
    put     r0
    mrc     p15, 0, r0, c1, c0, 2
    bic     r0, r0, #0xC0000000
    put     r0
    set_control 0x00C01804, 0            @ U, XP, I, Z, C
    mrc     p15, 0, r0, c1, c0, 0
    put     r0
    set_control 0x00200300, 0            @ FI, R, S
    mrc     p15, 0, r0, c1, c0, 0
    put     r0
    set_control 0x4000, 0                @ RR
    mrc     p15, 0, r0, c1, c0, 0
    put     r0
    set_control 0, 0x00E05B04
    mrc     p15, 0, r0, c1, c0, 0
    put     r0
    mov     r0, #0x300000
    mcr     p15, 0, r0, c1, c0, 2
    mrc     p15, 0, r0, c1, c0, 2
    bic     r0, r0, #0xC0000000
    put     r0
    mov     r0, #0
    mcr     p15, 0, r0, c1, c0, 2
    end
