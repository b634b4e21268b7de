/* SPDX-License-Identifier: BSD-2-Clause */
@ Thumb of ARMv6: SXT, UXT, REV, SETEND, CPS, CPY and PUSH of LR.
program:
    pairs   body, values, 3
    end
body:
    push    {lr}
    blx     in_thumb
    stm     r12!, {r0, r2, r3, r4, r6, r7}
    pop     {pc}
literals:
    .ltorg
values:
    .word   0x89ABCDEF, 0x7F80FF01, 0
    .thumb
in_thumb:
    push    {r4, lr}
    sxtb    r0, r1
    sxth    r2, r1
    uxtb    r3, r1
    uxth    r4, r1
    rev     r6, r1
    rev16   r7, r1
    adds    r0, r0, r2
    revsh   r2, r1
    adds    r4, r4, r2
    ldr     r1, =DATA
    str     r6, [r1]
    setend  be
    ldr     r2, [r1]
    setend  le
    cpsie   a
    cpsid   aif
    pop     {r1, r3}
    push    {r1, r3}
    pop     {r4, pc}
    .align  2
    .ltorg
    .arm
