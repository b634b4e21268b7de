/* SPDX-License-Identifier: BSD-2-Clause */
@ A load from an address at which the board has nothing is a precise external abort; QEMU reads 0.
program:
    ldr     r1, =0x20000000
    mov     r2, #1
    ldr     r2, [r1]
    put     r2
    mov     r2, #2
    put     r2
    end
