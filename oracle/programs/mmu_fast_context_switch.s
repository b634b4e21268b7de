/* SPDX-License-Identifier: BSD-2-Clause */
@ FCSE: addresses below 32 MB are moved by the process number, for loads, fetches and FAR.
program:
    bl      mmu_on
    poke    0x83000100, 0x1BADB002
    poke    0x83000200, 0xE12FFF1E       @ bx lr
    poke    0x83100100, 0x2BADB002
    poke    TABLE + 0x020 * 4, 0x83000C02
    poke    TABLE + 0x021 * 4, 0
    poke    TABLE + 0x040 * 4, 0x83100C02
    poke    TABLE + 0x041 * 4, 0x83100402
    poke    TABLE + 0x010 * 4, 0
    flush_tlb
    mov     r0, #0x02000000
    mcr     p15, 0, r0, c13, c0, 0
    flush_tlb
    mrc     p15, 0, r0, c13, c0, 0
    put     r0
    mov     r1, #0
    ldr     r2, [r1, #0x100]
    mov     r3, #0x400
    mov     lr, pc
    add     pc, r1, #0x200
    mov     r1, #0x100000
    ldr     r3, [r1, #0x10]
    mov     r0, #0x04000000
    mcr     p15, 0, r0, c13, c0, 0
    flush_tlb
    mov     r1, #0
    ldr     r4, [r1, #0x100]
    ldr     r5, =0x02000100
    ldr     r5, [r5]
    mov     r0, #0
    mcr     p15, 0, r0, c13, c0, 0
    flush_tlb
    stm     r12!, {r2, r4, r5}
    end
