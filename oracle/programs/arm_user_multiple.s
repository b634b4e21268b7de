/* SPDX-License-Identifier: BSD-2-Clause */
@ LDM and STM of the user registers from every mode that has its own, and of banked SPs.
program:
    cps     #0x1f
    ldr     sp, =0x0D0D0D0D
    ldr     lr, =0x0E0E0E0E
.macro from mode
    cps     #\mode
    ldr     r0, =DATA
    stm     r0, {sp, lr}^
    nop
    ldr     r1, [r0]
    ldr     r2, [r0, #4]
    add     r1, r1, #1
    add     r2, r2, #2
    str     r1, [r0]
    str     r2, [r0, #4]
    ldm     r0, {sp, lr}^
    nop
    ldr     r3, =STACKS
    sub     r4, sp, r3
    cps     #0x1f
    mov     r5, sp
    mov     r6, lr
    cps     #0x13
    stm     r12!, {r1, r2, r4, r5, r6}
.endm
    from    0x13
    from    0x17
    from    0x1b
    from    0x12
    cps     #0x11
    mov     r8, #0x88
    mov     r9, #0x99
    mov     r10, #0xAA
    ldr     r0, =DATA + 64
    stmdb   r0, {r8-r14}^
    nop
    ldmdb   r0, {r1, r2, r3}
    put     r8
    put     r1
    put     r2
    put     r3
    ldr     r0, =DATA
    mov     r1, #0x81
    mov     r2, #0x91
    stm     r0, {r1, r2}
    ldm     r0, {r8, r9}^
    nop
    put     r8
    put     r9
    cps     #0x13
    put     r8
    put     r9
    mov     r0, #1
    mov     r1, #2
    ldr     r2, =DATA + 32
    stmib   r2, {r0, r1, r12, lr}^
    nop
    ldr     r3, [r2, #12]
    ldr     r4, =RESULT
    sub     r3, r3, r4
    put     r3
    ldr     r3, [r2, #16]
    put     r3
    end
