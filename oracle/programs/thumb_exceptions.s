/* SPDX-License-Identifier: BSD-2-Clause */
@ SVC, undefined instructions, aborts and breakpoints from Thumb, privileged and user.
program:
    bl      mmu_on
    poke    TABLE + 0x860 * 4, 0
    flush_tlb
    ldr     r5, =RESULT + 0x100
    ldr     r4, =0x86000004
    blx     in_thumb
    to_user
    blx     in_thumb
    resume_at after
    ldr     r0, =0x86000101
    bx      r0
literals:
    .ltorg
    .thumb
in_thumb:
    mov     r7, lr
    svc     #1
    stmia   r5!, {r0}
    .short  0xDE00
    .short  0xDEFF
    .short  0xB650
    ldr     r0, [r4]
    str     r0, [r4, #4]
    ldmia   r4!, {r0, r1}
    strb    r0, [r4, #3]
    push    {r4}
    pop     {r4}
    svc     #255
    ldrh    r0, [r4, #2]
    bx      r7
    .align  2
after:
    movs    r1, #11
    svc     #0x3F
    .align  2
    .arm
