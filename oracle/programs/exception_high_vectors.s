/* SPDX-License-Identifier: BSD-2-Clause */
@ With SCTLR.V every exception goes to 0xFFFF0000, and back to 0 when it is cleared.
program:
    bl      mmu_on
    poke    HIGH_PAGE + 4, 0xE59FF034    @ und: ldr pc, [pc, #0x34]
    poke    HIGH_PAGE + 8, 0xE59FF034
    poke    HIGH_PAGE + 12, 0xE59FF034
    poke    HIGH_PAGE + 16, 0xE59FF034
    poke    HIGH_PAGE + 0x40, marked
    poke    HIGH_PAGE + 0x44, marked
    poke    HIGH_PAGE + 0x48, marked_prefetch
    poke    HIGH_PAGE + 0x4C, marked_data
    mov     r7, #0
    svc     #1
    set_control 0x2000, 0
    mrc     p15, 0, r0, c1, c0, 0
    put     r0
    svc     #2
    .word   0xE7F000F0
    poke    TABLE + 0x860 * 4, 0
    flush_tlb
    ldr     r0, =0x86000000
    ldr     r1, [r0]
    ldr     r6, =next1
    bx      r0
next1:
    to_user
    svc     #3
    .word   0xE7F000F0
    mov     r0, #0
    on      0, 0
    svc     #4
    cps     #0x13
    put     r7
    put_flags
    cps     #0x13
    ldr     r0, =back
    ldr     r1, =HIGH_PAGE + 0x44
    str     r0, [r1]
    svc     #5
back:
    set_control 0, 0x2000
    svc     #0x3F
marked:
    add     r7, r7, #1
    mrs     r5, cpsr
    put     r5
    put     lr
    movs    pc, lr
marked_prefetch:
    add     r7, r7, #0x100
    put     lr
    movs    pc, r6
marked_data:
    add     r7, r7, #0x10000
    put     lr
    subs    pc, lr, #4
