/* SPDX-License-Identifier: BSD-2-Clause */
@ The FCSE process number changes between runs of hot code below 32 MB.
program:
    bl      mmu_on
    set_control 0x1804, 0
    poke    0x83000000, 0xE2855001       @ add r5, r5, #1
    poke    0x83000004, 0xE59F0004       @ ldr r0, [pc, #4]
    poke    0x83000008, 0xE0255000       @ eor r5, r5, r0
    poke    0x8300000C, 0xE12FFF1E
    poke    0x83000010, 0x11
    poke    0x83100000, 0xE2855007
    poke    0x83100004, 0xE59F0004
    poke    0x83100008, 0xE0855000
    poke    0x8310000C, 0xE12FFF1E
    poke    0x83100010, 0x2200
    poke    TABLE + 0x020 * 4 + 12, 0x83000C02
    poke    TABLE + 0x040 * 4 + 12, 0x83100C02
    mov     r0, #0
    mcr     p15, 0, r0, c7, c14, 0
    mcr     p15, 0, r0, c7, c5, 0
    flush_tlb
    ldr     r6, =0x00300000
    ldr     r7, =0x02000000
    ldr     r8, =0x04000000
    mov     r5, #0
    ldr     r4, =12000
loop:
    mcr     p15, 0, r7, c13, c0, 0
    mov     r0, #0
    mcr     p15, 0, r0, c7, c5, 6
    mcr     p15, 0, r0, c7, c5, 4
    mov     lr, pc
    mov     pc, r6
    mov     lr, pc
    mov     pc, r6
    mcr     p15, 0, r8, c13, c0, 0
    mov     r0, #0
    mcr     p15, 0, r0, c7, c5, 6
    mcr     p15, 0, r0, c7, c5, 4
    mov     lr, pc
    mov     pc, r6
    subs    r4, r4, #1
    bne     loop
    put     r5
    mov     r0, #0
    mcr     p15, 0, r0, c13, c0, 0
    mcr     p15, 0, r0, c7, c5, 4
    set_control 0, 0x1804
    end
