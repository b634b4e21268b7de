/* SPDX-License-Identifier: BSD-2-Clause */
@ SCTLR.A is set and cleared between runs of one block.
program:
    set_control 0x400000, 0
    ldr     r6, =DATA + 1
    ldr     r5, =40
    mov     r4, r5
    bl      many
    put     r4
    set_control 2, 0
    mov     r4, #3
    bl      many
    set_control 0, 2
    mov     r4, r5
    bl      many
    to_user
    mov     r4, r5
    bl      many
    to_supervisor
    set_control 2, 0
    mov     r4, #3
    bl      many
    to_user
    mov     r4, #3
    bl      many
    to_supervisor
    set_control 0, 2
    end
many:
    ldr     r0, [r6]
    strh    r0, [r6, #4]
    subs    r4, r4, #1
    bne     many
    bx      lr
