/* SPDX-License-Identifier: BSD-2-Clause */
@ Prefetch aborts by branches of every kind, with LR, IFSR, and FAR left alone.
program:
    bl      mmu_on
    poke    TABLE + 0x860 * 4, 0
    flush_tlb
    resume_at next1
    ldr     r0, =0x86000100
    bx      r0
next1:
    resume_at next2
    ldr     r0, =0x86000104
    mov     pc, r0
next2:
    resume_at next3
    ldr     r0, =0x86000108
    blx     r0
next3:
    put     lr
    resume_at next4
    ldr     r0, =DATA
    ldr     r1, =0x8600010C
    str     r1, [r0]
    ldr     pc, [r0]
next4:
    resume_at next5
    ldr     r0, =DATA
    ldm     r0, {pc}
next5:
    resume_at next6
    ldr     r0, =0x86000110
    movs    pc, r0
next6:
    resume_at next7
    to_user
    ldr     r0, =0x86000114
    bx      r0
next7:
    resume_at next8
    ldr     r0, =0x86000119
    bx      r0
    .align  2
next8:
    .word   0x46C046C0                   @ nop, nop in Thumb, in which the program still is
    .word   0xDF3FDF3F
