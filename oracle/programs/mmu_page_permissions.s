/* SPDX-License-Identifier: BSD-2-Clause */
@ Small pages of ARMv6 with every APX and AP: who may read and who may write.
program:
    bl      mmu_on
    poke    0x83000000, 0x22222222
    poke    TABLE + 0x860 * 4, TABLE2 + 1
    ldr     r4, =TABLE2
    ldr     r5, =0x83000002
    mov     r6, #0
fill:
    and     r0, r6, #3
    orr     r0, r5, r0, lsl #4
    tst     r6, #4
    orrne   r0, r0, #0x200
    str     r0, [r4, r6, lsl #2]
    add     r6, r6, #1
    cmp     r6, #7
    bne     fill
    flush_tlb
    ldr     r1, =0x86000000
    mov     r6, #0
next:
    bl      probe
    add     r1, r1, #0x1000
    add     r6, r6, #1
    cmp     r6, #7
    bne     next
    end
