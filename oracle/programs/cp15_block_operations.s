/* SPDX-License-Identifier: BSD-2-Clause */
@ The block cache operations (MCRR) and their status: a kernel uses them without looking.
program:
    poke    DATA, 0x12345678
    ldr     r0, =DATA + 0x3E0
    ldr     r1, =DATA
    mcrr    p15, 0, r0, r1, c12
    mcrr    p15, 0, r0, r1, c14
    mcrr    p15, 0, r0, r1, c5
    mcrr    p15, 1, r0, r1, c12
    mcrr    p15, 2, r0, r1, c12
    mrc     p15, 0, r2, c7, c12, 4
    put     r2
    mcr     p15, 0, r2, c7, c12, 5
    peek    DATA
    end
