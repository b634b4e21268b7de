/* SPDX-License-Identifier: BSD-2-Clause */
@ A driver in user mode writes 0x201 to UCR1 and waits for received bytes by their interrupt.
@ typed: ok!
program:
    on      IRQ, handler
    ldr     r1, =UART1
    ldr     r0, [r1, #0x84]
    orr     r0, r0, #0x4000
    orr     r0, r0, #7
    str     r0, [r1, #0x84]
    poke    UART1 + 0x80, 0x201
    poke    AVIC + 8, 45
    mov     r4, #0
    cpsie   i
    to_user
wait:
    cmp     r4, #3
    bne     wait
    svc     #0x3F
handler:
    sub     lr, lr, #4
    push    {r0, r1, lr}
    ldr     r1, =UART1
take:
    ldr     r0, [r1]
    tst     r0, #0x8000
    beq     taken
    and     r0, r0, #0xFF
    str     r0, [r1, #0x40]
    add     r4, r4, #1
    b       take
taken:
    ldm     sp!, {r0, r1, pc}^
