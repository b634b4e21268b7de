/* SPDX-License-Identifier: BSD-2-Clause */
@ The thread registers of c13 belong to v6K: present on QEMU's core, absent on the board's.
program:
    ldr     r0, =0x11111111
    mcr     p15, 0, r0, c13, c0, 2
    ldr     r0, =0x22222222
    mcr     p15, 0, r0, c13, c0, 3
    ldr     r0, =0x33333333
    mcr     p15, 0, r0, c13, c0, 4
    mov     r0, #0
    mrc     p15, 0, r0, c13, c0, 2
    put     r0
    mrc     p15, 0, r0, c13, c0, 3
    put     r0
    mrc     p15, 0, r0, c13, c0, 4
    put     r0
    end
