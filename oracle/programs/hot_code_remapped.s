/* SPDX-License-Identifier: BSD-2-Clause */
@ A hot function's page gets other code, is patched through another mapping, and is made XN.
program:
    bl      mmu_on
    set_control 0x1804, 0
    poke    0x83000000, 0xE2855001       @ add r5, r5, #1
    poke    0x83000004, 0xE12FFF1E
    poke    0x83001000, 0xE2455003       @ sub r5, r5, #3
    poke    0x83001004, 0xE12FFF1E
    poke    TABLE + 0x860 * 4, TABLE2 + 1
    poke    TABLE2, 0x8300000A + 0x30
    bl      sync
    mov     r4, #0
    mov     r5, #0
    ldr     r6, =0x86000000
    ldr     r7, =TABLE2
    ldr     r8, =40000
loop:
    blx     r6
    add     r4, r4, #1
    ldr     r0, =12000
    cmp     r4, r0
    ldr     r1, =remap
    mov     lr, pc
    moveq   pc, r1
    ldr     r0, =24000
    cmp     r4, r0
    ldr     r1, =patch
    mov     lr, pc
    moveq   pc, r1
    ldr     r0, =30000
    cmp     r4, r0
    ldr     r1, =noexec
    mov     lr, pc
    moveq   pc, r1
    cmp     r4, r8
    bne     loop
    put     r5
    put     r4
    set_control 0, 0x1804
    end
remap:
    push    {lr}
    poke    TABLE2, 0x8300103A
    bl      sync
    pop     {pc}
patch:
    push    {lr}
    poke    0x83001000, 0xE0855004       @ add r5, r5, r4
    bl      sync
    pop     {pc}
noexec:
    push    {lr}
    poke    TABLE2, 0x8300103B
    bl      sync
    resume_at back
    mov     r0, #0
    pop     {lr}
    bx      lr
back:
    put     r4
    poke    TABLE2, 0x8300103A
    bl      sync
    b       loop
sync:
    mov     r0, #0
    mcr     p15, 0, r0, c7, c10, 0
    mcr     p15, 0, r0, c7, c10, 4
    mcr     p15, 0, r0, c7, c5, 0
    mcr     p15, 0, r0, c8, c7, 0
    mcr     p15, 0, r0, c7, c5, 6
    mcr     p15, 0, r0, c7, c10, 4
    mcr     p15, 0, r0, c7, c5, 4
    bx      lr
