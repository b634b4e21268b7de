/* SPDX-License-Identifier: BSD-2-Clause */
@ LDM in its four directions, with write-back, with the base in the list, and of one register.
program:
    ldr     r1, =DATA
    mov     r0, #0
fill:
    str     r0, [r1, r0, lsl #2]
    add     r0, r0, #1
    cmp     r0, #32
    bne     fill
    ldr     r10, =DATA + 64
    ldmia   r10, {r0-r3}
    bl      show
    ldmib   r10, {r0-r3}
    bl      show
    ldmda   r10, {r0-r3}
    bl      show
    ldmdb   r10, {r0-r3}
    bl      show
    ldmia   r10!, {r0, r2}
    bl      show
    ldmib   r10!, {r1, r3}
    bl      show
    ldmda   r10!, {r0, r1, r2, r3}
    bl      show
    ldmdb   r10!, {r3}
    bl      show
    mov     r2, r10
    ldmia   r2, {r0, r1, r2, r3}
    bl      show
    mov     r0, r10
    ldmdb   r0, {r0, r1}
    bl      show
    ldmia   r10, {r0-r9, r11, lr}
    stm     r12!, {r0-r11, lr}
    end
show:
    stm     r12!, {r0-r3, r10}
    bx      lr
