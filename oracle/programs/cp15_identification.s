/* SPDX-License-Identifier: BSD-2-Clause */
@ The identification registers; QEMU has another revision of the core.
@ core: r1p3
program:
    mrc     p15, 0, r0, c0, c0, 0
    put     r0
    mrc     p15, 0, r0, c0, c0, 1
    put     r0
    mrc     p15, 0, r0, c0, c0, 2
    put     r0
    mrc     p15, 0, r0, c0, c0, 3
    put     r0
    mrc     p15, 0, r0, c0, c1, 0
    put     r0
    mrc     p15, 0, r0, c0, c1, 1
    put     r0
    mrc     p15, 0, r0, c0, c1, 2
    put     r0
    mrc     p15, 0, r0, c0, c1, 3
    put     r0
    mrc     p15, 0, r0, c0, c1, 4
    put     r0
    mrc     p15, 0, r0, c0, c1, 5
    put     r0
    mrc     p15, 0, r0, c0, c1, 6
    put     r0
    mrc     p15, 0, r0, c0, c1, 7
    put     r0
    mrc     p15, 0, r0, c0, c2, 0
    put     r0
    mrc     p15, 0, r0, c0, c2, 1
    put     r0
    mrc     p15, 0, r0, c0, c2, 2
    put     r0
    mrc     p15, 0, r0, c0, c2, 3
    put     r0
    mrc     p15, 0, r0, c0, c2, 4
    put     r0
    mrc     p15, 0, r0, c0, c2, 5
    put     r0
    end
