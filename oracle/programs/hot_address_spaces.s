/* SPDX-License-Identifier: BSD-2-Clause */
@ Two address spaces take turns by ASID, then with one flushed each time; code is not global either.
program:
    bl      mmu_on
    set_control 0x1804, 0
    poke    0x83000000, 0xE2855001       @ add r5, r5, #1
    poke    0x83000004, 0xE59F0004       @ ldr r0, [pc, #4]
    poke    0x83000008, 0xE0255000       @ eor r5, r5, r0
    poke    0x8300000C, 0xE12FFF1E
    poke    0x83000010, 0x11
    poke    0x83001000, 0xE2855007
    poke    0x83001004, 0xE59F0004
    poke    0x83001008, 0xE0855000
    poke    0x8300100C, 0xE12FFF1E
    poke    0x83001010, 0x2200
    ldr     r0, =TABLE                   @ second table
    ldr     r1, =0x80120000
    mov     r2, #0x1000
copy:
    ldr     r3, [r0], #4
    str     r3, [r1], #4
    subs    r2, r2, #1
    bne     copy
    poke    TABLE + 0x860 * 4, TABLE2 + 1
    poke    0x80120000 + 0x860 * 4, TABLE2 + 0x401
    poke    TABLE2, 0x8300083A
    poke    TABLE2 + 0x400, 0x8300183A
    mov     r0, #0
    mcr     p15, 0, r0, c7, c14, 0
    mcr     p15, 0, r0, c7, c5, 0
    flush_tlb
    ldr     r6, =0x86000000
    ldr     r7, =TABLE
    ldr     r8, =0x80120000
    mov     r5, #0
    ldr     r4, =15000
loop:
    mov     r0, #1
    mcr     p15, 0, r0, c13, c0, 1
    mcr     p15, 0, r7, c2, c0, 0
    mcr     p15, 0, r0, c7, c5, 6
    mcr     p15, 0, r0, c7, c5, 4
    blx     r6
    blx     r6
    mov     r0, #2
    mcr     p15, 0, r0, c13, c0, 1
    mcr     p15, 0, r8, c2, c0, 0
    mcr     p15, 0, r0, c7, c5, 6
    mcr     p15, 0, r0, c7, c5, 4
    blx     r6
    subs    r4, r4, #1
    bne     loop
    put     r5
    ldr     r4, =12000                   @ one ASID, flushed each time
loop2:
    mov     r0, #1
    mcr     p15, 0, r7, c2, c0, 0
    mcr     p15, 0, r0, c8, c7, 2
    mov     r0, #2
    mcr     p15, 0, r0, c8, c7, 2
    mov     r0, #0
    mcr     p15, 0, r0, c7, c5, 0
    mcr     p15, 0, r0, c7, c10, 4
    mcr     p15, 0, r0, c7, c5, 4
    blx     r6
    mcr     p15, 0, r8, c2, c0, 0
    mov     r0, #2
    mcr     p15, 0, r0, c8, c7, 2
    mov     r0, #0
    mcr     p15, 0, r0, c7, c5, 0
    mcr     p15, 0, r0, c7, c10, 4
    mcr     p15, 0, r0, c7, c5, 4
    blx     r6
    subs    r4, r4, #1
    bne     loop2
    put     r5
    mcr     p15, 0, r7, c2, c0, 0
    set_control 0, 0x1804
    end
