/* SPDX-License-Identifier: BSD-2-Clause */
@ Supersections: sixteen entries for 16 MB, permissions, no domain of their own.
program:
    bl      mmu_on
    poke    0x83212340, 0x66666666
    ldr     r4, =TABLE + 0x900 * 4
    ldr     r0, =0x82040C02
    mov     r6, #16
fill:
    str     r0, [r4], #4
    subs    r6, r6, #1
    bne     fill
    ldr     r0, =0x82040402
    mov     r6, #16
fill2:
    str     r0, [r4], #4
    subs    r6, r6, #1
    bne     fill2
    flush_tlb
    peek    0x91212340
    poke    0x90345678, 0x77777777
    peek    0x82345678
    ldr     r1, =0x9F212340
    mov     r3, #0
    ldr     r1, =0x91212340
    bl      probe
    ldr     r1, =0x91212340 + 0x10000000
    ldr     r1, =0x91212340
    bl      probe
    end
