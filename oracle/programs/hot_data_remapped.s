/* SPDX-License-Identifier: BSD-2-Clause */
@ A page of data is remapped, taken away and made read-only under a loop that is hot.
program:
    bl      mmu_on
    set_control 0x1804, 0
    poke    0x83000000, 1
    poke    0x83001000, 0x10000
    poke    TABLE + 0x860 * 4, TABLE2 + 1
    poke    TABLE2, 0x83000032
    flush_tlb
    mov     r4, #0
    mov     r5, #0
    ldr     r6, =0x86000000
    ldr     r7, =TABLE2
    ldr     r8, =30000
loop:
    bl      hot
    add     r4, r4, #1
    ldr     r0, =10000
    cmp     r4, r0
    ldr     r1, =remap
    mov     lr, pc
    moveq   pc, r1
    ldr     r0, =20000
    cmp     r4, r0
    ldr     r1, =unmap
    mov     lr, pc
    moveq   pc, r1
    ldr     r0, =20003
    cmp     r4, r0
    ldr     r1, =readonly
    mov     lr, pc
    moveq   pc, r1
    ldr     r0, =20005
    cmp     r4, r0
    ldr     r1, =remap
    mov     lr, pc
    moveq   pc, r1
    cmp     r4, r8
    bne     loop
    put     r5
    put     r4
    peek    0x83000004
    peek    0x83001004
    set_control 0, 0x1804
    end
hot:
    ldr     r0, [r6]
    add     r5, r5, r0
    str     r5, [r6, #4]
    ldm     r6, {r0, r1}
    eor     r5, r5, r1, ror #3
    strh    r5, [r6, #8]
    bx      lr
remap:
    ldr     r0, =0x83001032
    b       setit
unmap:
    mov     r0, #0
    b       setit
readonly:
    ldr     r0, =0x83000222
setit:
    str     r0, [r7]
    mcr     p15, 0, r7, c7, c10, 1
    mov     r0, #0
    mcr     p15, 0, r0, c7, c10, 4
    mcr     p15, 0, r6, c8, c6, 1
    mcr     p15, 0, r0, c7, c10, 4
    bx      lr
