/* SPDX-License-Identifier: BSD-2-Clause */
@ APX and AP of 111: read-only for all, on sections and pages (reserved before v6K).
@ core: r1p3
program:
    bl      mmu_on
    poke    0x83000000, 0x16161616
    poke    TABLE + 0x860 * 4, 0x83008C02
    poke    TABLE + 0x861 * 4, TABLE2 + 1
    poke    TABLE2, 0x83000232
    flush_tlb
    ldr     r1, =0x86000000
    bl      probe
    ldr     r1, =0x86100000
    bl      probe
    end
