/* SPDX-License-Identifier: BSD-2-Clause */
@ One hot block privileged and as user, under other domain rights.
program:
    bl      mmu_on
    poke    TABLE + 0x860 * 4, 0x83000432
    poke    TABLE + 0x861 * 4, 0x83100C32
    poke    0x83000000, 5
    poke    0x83100000, 7
    mov     r0, #0x1
    orr     r0, r0, #0x4
    mcr     p15, 0, r0, c3, c0, 0
    flush_tlb
    ldr     r6, =0x86000000
    ldr     r7, =0x86100000
    mov     r5, #0
    ldr     r9, =12000
    mov     r0, #0x45
    orr     r0, r0, #0x40
    mcr     p15, 0, r0, c3, c0, 0
    mov     r4, r9
    bl      many
    put     r5
    to_user
    mov     r4, #2
    bl      many
    to_supervisor
    put     r5
    mov     r0, #0x4D
    mcr     p15, 0, r0, c3, c0, 0
    mcr     p15, 0, r0, c7, c5, 4
    to_user
    mov     r4, r9
    bl      many
    to_supervisor
    put     r5
    mov     r0, #0x05
    mcr     p15, 0, r0, c3, c0, 0
    mcr     p15, 0, r0, c7, c5, 4
    mov     r4, #3
    bl      many
    put     r5
    mov     r0, #0x41
    mcr     p15, 0, r0, c3, c0, 0
    mcr     p15, 0, r0, c7, c5, 4
    mov     r4, #3
    bl      many
    put     r5
    mov     r0, #0x45
    mcr     p15, 0, r0, c3, c0, 0
    mcr     p15, 0, r0, c7, c5, 4
    mov     r4, r9
    bl      many
    put     r5
    end
many:
    ldr     r0, [r6]
    add     r5, r5, r0
    ldrt    r0, [r7]
    add     r5, r5, r0, lsl #4
    str     r5, [r6, #4]
    strt    r5, [r7], #0
    ldrbt   r0, [r7], #0
    eor     r5, r5, r0
    subs    r4, r4, #1
    bne     many
    bx      lr
