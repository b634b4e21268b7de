/* SPDX-License-Identifier: BSD-2-Clause */
@ An abort in the handler of an abort, and SVC inside SVC, with saved banks.
program:
    bl      mmu_on
    poke    TABLE + 0x860 * 4, 0
    flush_tlb
    on      DATA_ABORT, outer
    on      SVC, outer_svc
    ldr     r1, =0x86000020
    ldr     r2, [r1]
    put     r2
    put_flags
    svc     #1
    put_flags
    on      SVC, on_svc
    to_user
    svc     #0x3F
outer:
    srsdb   sp!, #0x17
    push    {r0-r1}
    put     lr
    on      DATA_ABORT, inner
    ldr     r3, [r1, #0x44]
    mrc     p15, 0, r3, c6, c0, 0
    put     r3
    .word   0xE7F000F0
    on      DATA_ABORT, outer
    pop     {r0-r1}
    ldr     lr, [sp]
    sub     lr, lr, #4
    str     lr, [sp]
    rfeia   sp!
inner:
    put     lr
    mrs     r3, spsr
    put     r3
    subs    pc, lr, #4
outer_svc:
    srsdb   sp!, #0x13
    cps     #0x1f
    cps     #0x13
    put     lr
    push    {r0, r1}
    on      SVC, inner_svc
    svc     #2
    put     lr
    pop     {r0, r1}
    rfeia   sp!
inner_svc:
    put     lr
    mrs     r3, spsr
    put     r3
    movs    pc, lr
