/* SPDX-License-Identifier: BSD-2-Clause */
@ An interrupt in Thumb state: LR is two ahead and more, and the way back is into Thumb.
program:
    on      IRQ, handler
    poke    AVIC + 8, 9
    ldr     r6, =AVIC
    mov     r5, #0x200
    mov     r7, #0
    ldr     r0, =in_thumb + 1
    blx     r0
    put     r7
    end
handler:
    push    {r0, r1}
    add     r7, r7, #1
    mrs     r0, spsr
    put     r0
    put     lr
    ldr     r1, =AVIC
    mov     r0, #0
    str     r0, [r1, #0x54]
    pop     {r0, r1}
    subs    pc, lr, #4
literals:
    .ltorg
    .thumb
in_thumb:
    cpsie   i
    str     r5, [r6, #0x54]
    movs    r4, #1
    movs    r4, #2
    cpsid   i
    str     r5, [r6, #0x54]
    movs    r4, #3
    cpsie   i
    movs    r4, #4
    cpsid   i
    bx      lr
    .align  2
    .arm
