/* SPDX-License-Identifier: BSD-2-Clause */
@ The MMU goes on with XP clear, then XP is set while it runs on the same sections.
program:
    bl      mmu_on_subpages
    poke    0x83000000, 0x15151515
    poke    TABLE + 0x860 * 4, TABLE2 + 1
    poke    TABLE2, 0x83000FFE
    poke    TABLE2 + 4, 0x83000AAE
    flush_tlb
    peek    0x86000000
    ldr     r1, =0x86001000
    bl      probe
    poke    TABLE2, 0x8300003E
    poke    TABLE2 + 4, 0x8300022E
    set_control 0x800000, 0
    flush_tlb
    peek    0x86000000
    ldr     r1, =0x86001000
    bl      probe
    set_control 0, 0x800001
    flush_tlb
    peek    0x83000000
    end
