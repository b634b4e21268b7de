/* SPDX-License-Identifier: BSD-2-Clause */
@ Input by interrupts: RRDYEN with a trigger level of 1, read until there is nothing.
@ typed: interrupt me
program:
    poke    IRQ_BODY, receive
    ldr     r1, =UART1
    ldr     r0, [r1, #0x84]
    orr     r0, r0, #0x4000
    orr     r0, r0, #7
    str     r0, [r1, #0x84]
    poke    UART1 + 0x90, 0x801
    poke    UART1 + 0x80, 0x201
    poke    AVIC + 8, 45
    mov     r4, #0
    cpsie   i
wait:
    cmp     r4, #12
    bne     wait
    cpsid   i
    put     r4
    end
receive:
    push    {r5, lr}
    ldr     r1, =UART1
again:
    ldr     r0, [r1]
    tst     r0, #0x8000
    beq     empty
    put     r0
    add     r4, r4, #1
    b       again
empty:
    pop     {r5, pc}
