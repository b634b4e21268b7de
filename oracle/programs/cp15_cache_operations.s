/* SPDX-License-Identifier: BSD-2-Clause */
@ Every cache, branch predictor and barrier operation leaves registers and memory as they are.
program:
    bl      mmu_on
    set_control 0x1804, 0
    poke    DATA, 0x12345678
    ldr     r0, =DATA
.macro operation m, opcode
    mcr     p15, 0, r0, c7, \m, \opcode
.endm
    operation c10, 1
    operation c14, 1
    operation c5, 1
    operation c5, 7
    operation c13, 1
    mov     r0, #0
    operation c10, 0
    operation c14, 0
    operation c10, 4
    operation c10, 5
    operation c5, 0
    operation c5, 4
    operation c5, 6
    operation c15, 0
    mov     r0, #0x40000020
    operation c10, 2
    operation c14, 2
    operation c5, 2
    ldr     r1, =DATA
    ldr     r0, [r1]
    put     r0
    mrc     p15, 0, r0, c7, c10, 6       @ cache dirty status
    and     r0, r0, #0xFFFFFFFE
    put     r0
    end
