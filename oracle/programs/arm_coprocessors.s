/* SPDX-License-Identifier: BSD-2-Clause */
@ Coprocessors that the board lacks: CDP, MCR, MRC, LDC, STC and MCRR are undefined.
program:
    ldr     r1, =DATA
    cdp     p0, 1, c2, c3, c4, 5
    mcr     p1, 0, r0, c1, c2, 3
    mrc     p2, 0, r0, c1, c2, 3
    ldc     p3, c1, [r1]
    stc     p4, c1, [r1]
    mcrr    p5, 1, r0, r1, c2
    mrrc    p6, 1, r0, r1, c2
    ldc2    p7, c1, [r1]
    stc2    p8, c1, [r1]
    cdp2    p9, 1, c2, c3, c4, 5
    mcr2    p12, 0, r0, c1, c2, 3
    ldc     p15, c1, [r1]
    cdp     p15, 1, c2, c3, c4, 5
    put     r0
    end
