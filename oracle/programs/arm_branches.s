/* SPDX-License-Identifier: BSD-2-Clause */
@ B, BL, BX, BLX and writes to PC between ARM and Thumb, and the link register of each.
program:
    bl      sub1
back1:
    put     r0
    ldr     r1, =sub2
    blx     r1
    put     r0
    ldr     r1, =thumb1 + 1
    blx     r1
    put     r0
    blx     thumb2
    put     r0
    ldr     r1, =thumb3 + 1
    mov     lr, pc
    bx      r1
    put     r0
    ldr     r2, =place
    ldr     r1, =thumb1 + 1
    str     r1, [r2]
    mov     lr, pc
    ldr     pc, [r2]
    put     r0
    msr     cpsr_f, #0x40000000
    bne     wrong
    put     r0
    bxne    lr
    bxne    r1
    blxne   r1
    beq     over
wrong:
    mov     r0, #0xBA0
    put     r0
over:
    ldr     r3, =table
    mov     r4, #1
    ldr     pc, [r3, r4, lsl #2]
case0:
    mov     r0, #100
    put     r0
case1:
    mov     r0, #101
    put     r0
    end
sub1:
    mov     r0, lr
    bx      lr
sub2:
    mov     r0, lr
    add     r0, r0, #1
    mov     pc, lr
literals:
    .ltorg
table:
    .word   case0, case1
place:
    .word   0
    .thumb
thumb1:
    mov     r0, lr
    bx      lr
    .align  2
thumb2:
    mov     r0, lr
    adds    r0, r0, #4
    bx      lr
    .align  2
thumb3:
    push    {lr}
    mov     r0, pc
    pop     {pc}
    .align  2
    .arm
