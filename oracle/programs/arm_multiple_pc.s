/* SPDX-License-Identifier: BSD-2-Clause */
@ LDM of PC: to ARM, to Thumb, and with ^ back into the mode and state of SPSR.
program:
    ldr     r0, =DATA
    ldr     r1, =first
    ldr     r2, =0x22
    stm     r0, {r1, r2}
    ldm     r0, {pc}
    put     r0
first:
    put     r2
    ldr     r1, =in_thumb + 1
    str     r1, [r0, #4]
    ldmib   r0, {pc}
back:
    put     r3
    ldr     r1, =in_system
    str     r2, [r0, #4]
    str     r1, [r0, #8]
    ldr     r1, =0x800001DF
    msr     spsr_fsxc, r1
    mov     r5, sp
    ldm     r0!, {r6, r7, pc}^
    put     r0
in_system:
    put     r0
    put     r6
    put_flags
    cps     #0x13
    put     sp
    ldr     r0, =DATA
    ldr     r1, =in_user_thumb
    str     r1, [r0]
    ldr     r1, =0x400001F0
    msr     spsr_fsxc, r1
    ldm     r0, {pc}^
literals:
    .ltorg
    .thumb
in_thumb:
    movs    r3, #77
    ldr     r1, =back
    bx      r1
    .align  2
in_user_thumb:
    movs    r3, #78
    svc     #5
    mov     r4, r12
    str     r3, [r4]
    svc     #0x3F
    .align  2
    .ltorg
    .arm
