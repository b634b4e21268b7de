/* SPDX-License-Identifier: BSD-2-Clause */
@ The older format's extended small page (type 3): one permission, TEX in bits 8 to 6.
program:
    bl      mmu_on_subpages
    poke    0x83000000, 0x12121212
    poke    TABLE + 0x860 * 4, TABLE2 + 1
    poke    TABLE2, 0x83000003
    poke    TABLE2 + 4, 0x83000013
    poke    TABLE2 + 8, 0x83000023
    poke    TABLE2 + 12, 0x83000073
    flush_tlb
    ldr     r1, =0x86000000
    mov     r6, #0
next:
    bl      probe
    add     r1, r1, #0x1000
    add     r6, r6, #1
    cmp     r6, #4
    bne     next
    end
