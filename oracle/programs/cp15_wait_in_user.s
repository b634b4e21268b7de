/* SPDX-License-Identifier: BSD-2-Clause */
@ CP15 operations that user mode may do change nothing but order: barriers between accesses.
program:
    ldr     r1, =DATA
    to_user
    mov     r0, #0
    mov     r2, #5
    str     r2, [r1]
    mcr     p15, 0, r0, c7, c10, 5
    ldr     r3, [r1]
    put     r3
    mcr     p15, 0, r0, c7, c10, 4
    mcr     p15, 0, r0, c7, c5, 4
    str     r0, [r1]
    ldr     r3, [r1]
    put     r3
    svc     #0x3F
