/* SPDX-License-Identifier: BSD-2-Clause */
@ Thousands of SVCs, undefined instructions and data aborts of users, counted in banked registers.
program:
    bl      mmu_on
    poke    TABLE + 0x860 * 4, 0
    flush_tlb
    on      SVC, my_svc
    on      UNDEFINED, my_und
    on      DATA_ABORT, my_dab
    cps     #0x11
    mov     r8, #0
    mov     r9, #0
    mov     r10, #0
    cps     #0x13
    ldr     r6, =0x86000000
    mov     r5, #0
    ldr     r4, =4000
    msr     cpsr_c, #0x10
loop:
    svc     #5
    .word   0xE7F000F0
    ldr     r0, [r6, r4, lsl #2]
    str     r0, [r6, #4]!
    ldm     r6!, {r1, r2}
    sub     r6, r6, #0
    tst     r4, #1
    svcne   #6
    subs    r4, r4, #1
    bne     loop
    svc     #0x3E
    cps     #0x11
    mov     r0, r8
    mov     r1, r9
    mov     r2, r10
    cps     #0x13
    put     r0
    put     r1
    put     r2
    put     r5
    put     r6
    end
my_svc:
    push    {r0}
    ldr     r0, [lr, #-4]
    and     r0, r0, #0xFF
    cmp     r0, #0x3E
    pop     {r0}
    moveq   pc, lr
    cps     #0x11
    add     r8, r8, #1
    cps     #0x13
    movs    pc, lr
my_und:
    cps     #0x11
    add     r9, r9, #1
    cps     #0x1B
    movs    pc, lr
my_dab:
    cps     #0x11
    add     r10, r10, #1
    cps     #0x17
    push    {r0}
    mrc     p15, 0, r0, c6, c0, 0
    eor     r5, r5, r0
    mrc     p15, 0, r0, c5, c0, 0
    add     r5, r0, r5, ror #1
    pop     {r0}
    subs    pc, lr, #4
