/* SPDX-License-Identifier: BSD-2-Clause */
@ The TLB lockdown register is read, modified and written; a locked entry translates.
program:
    bl      mmu_on
    mov     r0, #0                       @ QEMU leaves the register as it is
    mrc     p15, 0, r0, c10, c0, 0
    put     r0
    orr     r0, r0, #1
    mcr     p15, 0, r0, c10, c0, 0
    ldr     r1, =DATA
    mcr     p15, 0, r1, c8, c7, 1
    ldr     r2, [r1]
    mrc     p15, 0, r0, c10, c0, 0
    bic     r0, r0, #1
    mcr     p15, 0, r0, c10, c0, 0
    flush_tlb
    poke    DATA, 77
    peek    DATA
    end
