/* SPDX-License-Identifier: BSD-2-Clause */
@ Enabling by number and by word, the types, the priorities; what reads back.
program:
    ldr     r1, =AVIC
    mov     r0, #28
    str     r0, [r1, #8]
    mov     r0, #45
    str     r0, [r1, #8]
    mov     r0, #63
    str     r0, [r1, #8]
    mov     r0, #0
    str     r0, [r1, #8]
    ldr     r0, [r1, #0x10]
    put     r0
    ldr     r0, [r1, #0x14]
    put     r0
    mov     r0, #45
    str     r0, [r1, #12]
    mov     r0, #0
    str     r0, [r1, #12]
    ldr     r0, [r1, #0x10]
    put     r0
    ldr     r0, [r1, #0x14]
    put     r0
    ldr     r0, =0xA5A5A5A5
    str     r0, [r1, #0x18]
    str     r0, [r1, #0x1C]
    ldr     r0, [r1, #0x18]
    put     r0
    ldr     r0, [r1, #0x1C]
    put     r0
    mov     r0, #0
    str     r0, [r1, #0x18]
    str     r0, [r1, #0x1C]
    str     r0, [r1, #0x10]
    str     r0, [r1, #0x14]
    mov     r4, #0x20
    ldr     r0, =0x12345678
next:
    str     r0, [r1, r4]
    ldr     r2, [r1, r4]
    put     r2
    add     r0, r0, r0
    add     r4, r4, #4
    cmp     r4, #0x40
    bne     next
    ldr     r0, [r1, #0x40]
    put     r0
    ldr     r0, [r1, #0x44]
    put     r0
    ldr     r0, [r1, #0x48]
    put     r0
    ldr     r0, [r1, #4]
    put     r0
    end
