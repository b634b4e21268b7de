/* SPDX-License-Identifier: BSD-2-Clause */
@ An interrupt forced at the AVIC: taken when I is clear, LR and SPSR, masked in the handler.
program:
    on      IRQ, handler
    poke    AVIC + 8, 5                  @ INTENNUM: source 5
    mrs     r0, cpsr
    put     r0
    poke    AVIC + 0x54, 0x20            @ INTFRCL
    mov     r6, #1
    cpsie   i
    mov     r6, #2
    mov     r6, #3
    cpsid   i
    put     r7
    poke    AVIC + 0x54, 0x20
    to_user
    put     r7
    svc     #1
    cps     #0x13
    on      SVC, release
    svc     #2
    nop
    put     r7
    on      SVC, on_svc
    svc     #0x3F
release:
    cpsie   i
    nop
    cpsid   i
    movs    pc, lr
handler:
    push    {r0, r1}
    add     r7, r7, #1
    mrs     r0, cpsr
    put     r0
    mrs     r0, spsr
    put     r0
    put     r6
    ldr     r1, =AVIC
    ldr     r0, [r1, #0x40]
    put     r0
    ldr     r0, [r1, #0x5C]
    put     r0
    mov     r0, #0
    str     r0, [r1, #0x54]
    ldr     r0, [r1, #0x40]
    put     r0
    pop     {r0, r1}
    subs    pc, lr, #4
