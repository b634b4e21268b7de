/* SPDX-License-Identifier: BSD-2-Clause */
@ Sections of ARMv6 with every APX and AP: who may read and who may write.
program:
    bl      mmu_on
    poke    0x83000000, 0x11111111
    ldr     r4, =TABLE + 0x860 * 4
    ldr     r5, =0x83000002
    mov     r6, #0
fill:
    and     r0, r6, #3
    orr     r0, r5, r0, lsl #10
    tst     r6, #4
    orrne   r0, r0, #0x8000
    str     r0, [r4, r6, lsl #2]
    add     r6, r6, #1
    cmp     r6, #7                       @ the eighth is reserved before v6K
    bne     fill
    flush_tlb
    ldr     r1, =0x86000000
    mov     r6, #0
next:
    bl      probe
    add     r1, r1, #0x100000
    add     r6, r6, #1
    cmp     r6, #7
    bne     next
    end
