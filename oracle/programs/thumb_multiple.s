/* SPDX-License-Identifier: BSD-2-Clause */
@ Thumb: PUSH, POP, LDMIA and STMIA, the base in the list, and POP of PC into ARM.
program:
    mov     r0, #1
    mov     r1, #2
    mov     r2, #3
    ldr     r7, =DATA
    blx     in_thumb
    ldr     r7, =DATA
    mov     r3, #12
copy:
    ldr     r2, [r7], #4
    put     r2
    subs    r3, r3, #1
    bne     copy
    ldr     r1, =STACKS
    sub     r1, sp, r1
    put     r1
    end
literals:
    .ltorg
    .thumb
in_thumb:
    push    {r4, r5, lr}
    stmia   r7!, {r0, r1, r2}
    stmia   r7!, {r7}
    push    {r0, r1, r2, r7}
    pop     {r3, r4, r5, r6}
    stmia   r7!, {r3, r4, r5, r6}
    subs    r7, #16
    subs    r7, #12
    ldmia   r7!, {r0, r1, r2}
    mov     r4, r7
    ldmia   r4, {r0, r4}
    subs    r4, r4, r7
    str     r4, [r7, #20]
    pop     {r4, r5, pc}
    .align  2
    .arm
