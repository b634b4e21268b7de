/* SPDX-License-Identifier: BSD-2-Clause */
@ The older format (XP clear): small pages with four permissions, large pages with four of 16 KB.
program:
    bl      mmu_on_subpages
    poke    0x83000000, 0x11111111
    poke    TABLE + 0x860 * 4, TABLE2 + 1
    poke    TABLE2, 0x83000E42           @ AP3..AP0 = 3 2 1 0 -> bits 11..4 = 11 10 01 00
    poke    TABLE2, 0x83000E4E
    ldr     r4, =TABLE2 + 0x40
    ldr     r0, =0x83050E41
    mov     r6, #16
fill:
    str     r0, [r4], #4
    subs    r6, r6, #1
    bne     fill
    flush_tlb
    ldr     r1, =0x86000000
    mov     r6, #0
next:
    bl      probe
    add     r1, r1, #0x400
    add     r6, r6, #1
    cmp     r6, #4
    bne     next
    ldr     r1, =0x86010000
    mov     r6, #0
next2:
    bl      probe
    add     r1, r1, #0x4000
    add     r6, r6, #1
    cmp     r6, #4
    bne     next2
    end
