/* SPDX-License-Identifier: BSD-2-Clause */
@ What kernels do first: disable all by number, ask, and enable two.
program:
    ldr     r1, =AVIC
    mov     r0, #0
next:
    str     r0, [r1, #12]
    add     r0, r0, #1
    cmp     r0, #64
    bne     next
    ldr     r0, [r1, #0x40]
    put     r0
    mov     r0, #28
    str     r0, [r1, #8]
    ldr     r0, [r1, #0x40]
    put     r0
    ldr     r0, [r1, #0x14]
    put     r0
    ldr     r0, [r1, #0x10]
    put     r0
    end
