/* SPDX-License-Identifier: BSD-2-Clause */
@ The older format: AP 00 with the S and R bits of SCTLR.
program:
    bl      mmu_on_subpages
    poke    0x83000000, 0x13131313
    poke    TABLE + 0x860 * 4, 0x83000002
    flush_tlb
    ldr     r1, =0x86000000
    bl      probe
    set_control 0x100, 0                 @ S
    flush_tlb
    ldr     r1, =0x86000000
    bl      probe
    set_control 0x200, 0x100             @ R
    flush_tlb
    ldr     r1, =0x86000000
    bl      probe
    set_control 0, 0x300
    flush_tlb
    end
