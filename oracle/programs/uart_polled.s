/* SPDX-License-Identifier: BSD-2-Clause */
@ Output as kernels do it, by polling, with nothing set up; both flags that they look at.
program:
    ldr     r1, =UART1
    ldr     r4, =text
next:
    ldrb    r0, [r4], #1
    cmp     r0, #0
    beq     done
wait:
    ldr     r2, [r1, #0x98]
    tst     r2, #0x4000
    beq     wait
    ldr     r2, [r1, #0x94]
    tst     r2, #0x2000
    beq     wait
    str     r0, [r1, #0x40]
    b       next
done:
    ldr     r2, [r1, #0x98]
    tst     r2, #8
    beq     done
    end
literals:
text:
    .asciz  "Hello, board!\r\n0123456789 abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ\n"
    .align  2
