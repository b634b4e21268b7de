/* SPDX-License-Identifier: BSD-2-Clause */
@ Large pages: sixteen entries, the low 16 bits of the address pass through, permissions.
program:
    bl      mmu_on
    poke    0x83051234, 0x33333333
    poke    0x8305FFFC, 0x44444444
    poke    TABLE + 0x860 * 4, TABLE2 + 1
    ldr     r4, =TABLE2 + 0x40
    ldr     r0, =0x83050031
    mov     r6, #16
fill:
    str     r0, [r4], #4
    subs    r6, r6, #1
    bne     fill
    ldr     r0, =0x83060011
    mov     r6, #16
fill2:
    str     r0, [r4], #4
    subs    r6, r6, #1
    bne     fill2
    flush_tlb
    peek    0x86011234
    peek    0x8601FFFC
    poke    0x86015678, 0x55555555
    peek    0x83055678
    ldr     r1, =0x86020100
    bl      probe
    end
