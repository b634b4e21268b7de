/* SPDX-License-Identifier: BSD-2-Clause */
@ A source of type FIQ: its own vector and registers, F masks it, and it comes before an IRQ.
program:
    on      FIQ, fast
    on      IRQ, slow
    poke    AVIC + 8, 5
    poke    AVIC + 8, 6
    poke    AVIC + 0x1C, 0x40            @ INTTYPEL: 6 is fast
    poke    AVIC + 0x54, 0x60
    mov     r7, #0
    mov     r8, #8
    mov     r9, #9
    cpsie   i
    nop
    cpsid   i
    put     r7
    poke    AVIC + 0x54, 0x60
    cpsie   if
    nop
    cpsid   if
    put     r7
    put     r8
    put     r9
    cps     #0x11
    mov     r0, r8
    cps     #0x13
    put     r0
    end
fast:
    mov     r8, #0x88
    add     r7, r7, #0x100
    mrs     r10, cpsr
    put     r10
    mrs     r10, spsr
    put     r10
    ldr     r9, =AVIC
    ldr     r10, [r9, #0x44]
    put     r10
    ldr     r10, [r9, #0x64]
    put     r10
    mov     r10, #0x20
    str     r10, [r9, #0x54]
    subs    pc, lr, #4
slow:
    push    {r0, r1}
    add     r7, r7, #1
    mrs     r0, cpsr
    put     r0
    ldr     r1, =AVIC
    mov     r0, #0
    str     r0, [r1, #0x54]
    pop     {r0, r1}
    subs    pc, lr, #4
