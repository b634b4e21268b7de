/* SPDX-License-Identifier: BSD-2-Clause */
@ What a loader leaves: CPSR and SCTLR at the entry, registers that are zero.
program:
    mrc     p15, 0, r0, c1, c0, 0
    put     r0
    mrs     r0, spsr
    put     r0
    put     r1
    put     r2
    mrc     p15, 0, r0, c2, c0, 0
    put     r0
    mrc     p15, 0, r0, c3, c0, 0
    put     r0
    mrc     p15, 0, r0, c13, c0, 1
    put     r0
    end
