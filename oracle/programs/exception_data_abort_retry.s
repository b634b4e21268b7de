/* SPDX-License-Identifier: BSD-2-Clause */
@ A handler maps the page and repeats the instruction: every addressing mode does its work once.
program:
    bl      mmu_on
    on      DATA_ABORT, map_it
    ldr     r5, =0x86000010
    ldr     r2, =0x22222222
    mov     r3, #8
    bl      unmap
    str     r2, [r5, #4]!
    put     r5
    bl      unmap
    ldr     r4, [r5], #4
    put     r4
    put     r5
    bl      unmap
    stmia   r5!, {r2, r3, r5}
    put     r5
    bl      unmap
    ldmdb   r5!, {r0, r1, r4}
    put     r0
    put     r1
    put     r4
    put     r5
    bl      unmap
    push    {r5}
    pop     {r6}
    swp     r2, r3, [r5]
    put     r2
    bl      unmap
    strd    r2, r3, [r5], #16
    put     r5
    bl      unmap
    ldrd    r0, r1, [r5, #-16]!
    put     r0
    put     r1
    bl      unmap
    ldmia   r5, {r4, r5}
    put     r4
    put     r5
    put     r7
    end
unmap:
    poke    TABLE + 0x860 * 4, 0
    flush_tlb
    bx      lr
map_it:
    push    {r0, r1, lr}
    add     r7, r7, #1
    poke    TABLE + 0x860 * 4, 0x83000C02
    flush_tlb
    pop     {r0, r1, lr}
    subs    pc, lr, #8
