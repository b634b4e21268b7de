/* SPDX-License-Identifier: BSD-2-Clause */
@ Code that is written and run again after the maintenance that the architecture asks for.
program:
    bl      mmu_on
    set_control 0x1804, 0
    mov     r4, #0
next:
    ldr     r0, =0xE3A00000              @ mov r0, #imm
    orr     r0, r0, r4
    ldr     r1, =DATA
    str     r0, [r1]
    ldr     r0, =0xE12FFF1E
    str     r0, [r1, #4]
    mcr     p15, 0, r1, c7, c10, 1
    mov     r0, #0
    mcr     p15, 0, r0, c7, c10, 4
    mcr     p15, 0, r1, c7, c5, 1
    mcr     p15, 0, r0, c7, c5, 6
    mcr     p15, 0, r0, c7, c5, 4
    blx     r1
    put     r0
    add     r4, r4, #1
    cmp     r4, #40
    bne     next
    set_control 0, 0x1804
    end
