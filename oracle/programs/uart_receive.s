/* SPDX-License-Identifier: BSD-2-Clause */
@ Input by polling: every byte once, in order, then none.
@ typed: The quick brown fox\n
program:
    ldr     r1, =UART1
    ldr     r0, [r1, #0x84]
    orr     r0, r0, #0x4000
    orr     r0, r0, #7
    str     r0, [r1, #0x84]
    mov     r4, #20
next:
    ldr     r0, [r1, #0x98]
    tst     r0, #1
    beq     next
    ldr     r0, [r1]
    put     r0
    str     r0, [r1, #0x40]
    subs    r4, r4, #1
    bne     next
    ldr     r0, [r1, #0x98]
    and     r0, r0, #1
    put     r0
    ldr     r0, [r1]
    and     r0, r0, #0x8000
    put     r0
    end
