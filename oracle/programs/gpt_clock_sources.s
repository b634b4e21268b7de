/* SPDX-License-Identifier: BSD-2-Clause */
@ The GPT counts from the peripheral clock and from the crystal, and stands still without a clock.
program:
    mov     r7, #0
next:
    poke    GPT, 0
    poke    GPT + 4, 0
    mov     r0, r7, lsl #6
    orr     r0, r0, #0x200
    orr     r0, r0, #3
    ldr     r1, =GPT
    str     r0, [r1]
    ldr     r2, [r1, #0x24]
    ldr     r0, =0x40000
spin:
    subs    r0, r0, #1
    bne     spin
    ldr     r3, [r1, #0x24]
    cmp     r3, r2
    movhi   r0, #1
    movls   r0, #0
    put     r0
    add     r7, r7, #1
    cmp     r7, #3
    moveq   r7, #4
    cmp     r7, #5
    bne     next
    poke    GPT, 0
    mov     r2, #0
    mov     r3, #0
    msr     cpsr_f, #0
    end
