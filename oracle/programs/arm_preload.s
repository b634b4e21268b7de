/* SPDX-License-Identifier: BSD-2-Clause */
@ PLD has no effect, wherever it points; it does not fault.
program:
    ldr     r0, =DATA
    pld     [r0]
    pld     [r0, #-64]
    pld     [r0, r0, lsl #2]
    mov     r0, #0x70000000
    pld     [r0]
    pld     [r0, r0]
    bl      mmu_on
    poke    TABLE + 0x860 * 4, 0
    flush_tlb
    mov     r0, #0x86000000
    pld     [r0]
    pld     [r0, #0xFFF]
    mov     r0, #1
    put     r0
    end
