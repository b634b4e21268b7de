/* SPDX-License-Identifier: BSD-2-Clause */
@ STM in its four directions, with write-back, and with the base in the list.
program:
    ldr     r10, =DATA + 64
    ldr     r0, =0x10101010
    ldr     r1, =0x11111111
    ldr     r2, =0x12121212
    ldr     r3, =0x13131313
    stmia   r10, {r0-r3}
    put     r10
    stmib   r10!, {r0, r2}
    put     r10
    stmda   r10!, {r1, r3}
    put     r10
    stmdb   r10!, {r0-r3}
    put     r10
    ldr     r10, =DATA + 128
    stmia   r10, {r0, r10, lr}
    stmia   r10!, {r10, lr}
    put     r10
    stmdb   r10!, {r3, r10}
    put     r10
    mov     r0, r10
    stmib   r0!, {r0, r1}
    put     r0
    ldr     r0, =DATA
    mov     r3, #48
copy:
    ldr     r2, [r0], #4
    put     r2
    subs    r3, r3, #1
    bne     copy
    end
