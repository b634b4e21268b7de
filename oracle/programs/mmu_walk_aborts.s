/* SPDX-License-Identifier: BSD-2-Clause */
@ Tables at addresses at which the board has nothing: external aborts on the walk.
program:
    bl      mmu_on
    poke    TABLE + 0x860 * 4, 0x20000001
    flush_tlb
    ldr     r1, =0x86000010
    ldr     r2, [r1]
    str     r2, [r1]
    resume_at next1
    bx      r1
next1:
    end
