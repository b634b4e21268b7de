/* SPDX-License-Identifier: BSD-2-Clause */
@ Output by interrupts: TRDYEN asks at once, the handler sends and stops when it has sent all.
program:
    poke    IRQ_BODY, send
    ldr     r4, =text
    poke    AVIC + 8, 45
    poke    UART1 + 0x80, 0x2001
    cpsie   i
wait:
    ldrb    r0, [r4]
    cmp     r0, #0
    bne     wait
    cpsid   i
drain:
    ldr     r1, =UART1
    ldr     r2, [r1, #0x98]
    tst     r2, #8
    beq     drain
    ldr     r0, [r1, #0x80]
    put     r0
    end
send:
    ldr     r1, =UART1
    ldrb    r0, [r4]
    cmp     r0, #0
    moveq   r2, #1
    streq   r2, [r1, #0x80]
    addne   r4, r4, #1
    strne   r0, [r1, #0x40]
    bx      lr
literals:
text:
    .asciz  "sent by interrupts\n"
    .align  2
