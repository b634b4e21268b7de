/* SPDX-License-Identifier: BSD-2-Clause */
@ TXMPTYEN asks when everything is sent, as drivers use it to send line by line.
program:
    poke    IRQ_BODY, send
    ldr     r4, =text
    poke    AVIC + 8, 45
    poke    UART1 + 0x80, 0x41
    cpsie   i
wait:
    ldrb    r0, [r4]
    cmp     r0, #0
    bne     wait
    cpsid   i
    poke    UART1 + 0x80, 1
drain:
    ldr     r1, =UART1
    ldr     r2, [r1, #0x98]
    tst     r2, #8
    beq     drain
    mov     r2, #0
    end
send:
    ldr     r1, =UART1
    mov     r2, #8
more:
    ldrb    r0, [r4]
    cmp     r0, #0
    addne   r4, r4, #1
    strne   r0, [r1, #0x40]
    subsne  r2, r2, #1
    bne     more
    ldrb    r0, [r4]
    cmp     r0, #0
    moveq   r0, #1
    streq   r0, [r1, #0x80]
    bx      lr
literals:
text:
    .asciz  "eight by eight the bytes go out\n"
    .align  2
