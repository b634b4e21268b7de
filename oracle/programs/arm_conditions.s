/* SPDX-License-Identifier: BSD-2-Clause */
@ Each of the fifteen conditions under each of the sixteen states of the flags.
program:
    mov     r4, #0
next:
    mov     r0, r4, lsl #28
    msr     cpsr_f, r0
    mov     r1, #0
    orreq   r1, r1, #1 << 0
    orrne   r1, r1, #1 << 1
    orrcs   r1, r1, #1 << 2
    orrcc   r1, r1, #1 << 3
    orrmi   r1, r1, #1 << 4
    orrpl   r1, r1, #1 << 5
    orrvs   r1, r1, #1 << 6
    orrvc   r1, r1, #1 << 7
    orrhi   r1, r1, #1 << 8
    orrls   r1, r1, #1 << 9
    orrge   r1, r1, #1 << 10
    orrlt   r1, r1, #1 << 11
    orrgt   r1, r1, #1 << 12
    orrle   r1, r1, #1 << 13
    orral   r1, r1, #1 << 14
    put     r1
    mov     r2, #0
    ldrhi   r2, [sp, #-4]
    bge     skipped
    orr     r2, r2, #1
skipped:
    svclt   #1
    svcvs   #2
    mullt   r3, r4, r4
    movge   r3, #7
    put     r2
    put     r3
    add     r4, r4, #1
    cmp     r4, #16
    bne     next
    end
