/* SPDX-License-Identifier: BSD-2-Clause */
@ Thumb: conditional branches, BL over its two halves, BLX and BX to ARM.
program:
    mov     r6, #0
    mov     r4, #0
next:
    mov     r0, r4, lsl #28
    ldr     r5, =in_thumb + 1
    msr     cpsr_f, r0
    blx     r5
    put     r6
    add     r4, r4, #1
    cmp     r4, #16
    bne     next
    put     r7
    end
literals:
    .ltorg
arm_leaf:
    add     r7, r7, #0x100
    bx      lr
    .thumb
in_thumb:
    push    {lr}
    mov     r8, r0
    mov     r9, r1
    bl      leaf
    blx     arm_leaf
.macro test condition, bit
    ldr     r1, =(1 << \bit)
    mov     r0, r8
    blx     set_flags
    b\condition taken_\bit
    b       done_\bit
taken_\bit:
    orrs    r6, r1
done_\bit:
.endm
    movs    r6, #0
    beq     t0
    b       u0
t0: adds    r6, #1
u0: mov     r0, r8
    blx     set_flags
    bne     t1
    b       u1
t1: adds    r6, #2
u1: mov     r0, r8
    blx     set_flags
    bcs     t2
    b       u2
t2: adds    r6, #4
u2: mov     r0, r8
    blx     set_flags
    bmi     t3
    b       u3
t3: adds    r6, #8
u3: mov     r0, r8
    blx     set_flags
    bvs     t4
    b       u4
t4: adds    r6, #16
u4: mov     r0, r8
    blx     set_flags
    bhi     t5
    b       u5
t5: adds    r6, #32
u5: mov     r0, r8
    blx     set_flags
    bge     t6
    b       u6
t6: adds    r6, #64
u6: mov     r0, r8
    blx     set_flags
    bgt     t7
    b       u7
t7: adds    r6, #128
u7: pop     {pc}
leaf:
    adds    r7, #1
    bx      lr
    .align  2
    .arm
set_flags:
    msr     cpsr_f, r0
    bx      lr
