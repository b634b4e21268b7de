/* SPDX-License-Identifier: BSD-2-Clause */
@ A compare value between 0 and the load value is met once in every round.
program:
    poke    IRQ_BODY, take
    poke    EPIT1, 0x0302000E
    poke    EPIT1 + 8, 500
    poke    EPIT1 + 12, 300
    poke    AVIC + 8, 28
    poke    EPIT1, 0x0302000F
    mov     r4, #0
    cpsie   i
wait:
    cmp     r4, #3
    bne     wait
    cpsid   i
    poke    EPIT1, 0
    mov     r0, #0
    msr     cpsr_f, #0
    end
take:
    ldr     r1, =EPIT1
    ldr     r0, [r1, #16]
    cmp     r0, #288
    movhs   r2, #1
    movlo   r2, #2
    cmp     r0, #300
    movhi   r2, #3
    put     r2
    mov     r0, #1
    str     r0, [r1, #4]
    add     r4, r4, #1
    bx      lr
