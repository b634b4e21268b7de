/* SPDX-License-Identifier: BSD-2-Clause */
@ A loop of loads, stores and multiples under a fast timer loses nothing: sums come out right.
program:
    poke    IRQ_BODY, tick
    poke    EPIT1, 0x0302000E
    poke    EPIT1 + 8, 1
    poke    EPIT1 + 12, 0
    poke    EPIT1, 0x0302000F
    poke    AVIC + 8, 28
    mov     r4, #0
    ldr     r5, =0x20000
    mov     r6, #0
    ldr     r7, =DATA
    cpsie   i
    to_user
loop:
    add     r6, r6, r5
    stm     r7, {r5, r6, r7}
    ldm     r7, {r0, r1, r2}
    subs    r0, r0, r5
    addne   r4, r4, #0x10000
    cmp     r1, r6
    addne   r4, r4, #0x10000
    subs    r5, r5, #1
    bne     loop
    to_supervisor
    cpsid   i
    poke    EPIT1, 0
    put     r6
    mov     r0, r4, lsr #16
    put     r0
    mov     r0, r4, lsl #16
    cmp     r0, #0x50000
    movhi   r4, #1
    put     r4
    mov     r0, #0
    msr     cpsr_f, #0
    end
tick:
    ldr     r1, =EPIT1
    mov     r0, #1
    str     r0, [r1, #4]
    add     r4, r4, #1
    bx      lr
