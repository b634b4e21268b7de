/* SPDX-License-Identifier: BSD-2-Clause */
@ Code in both states, multiples and doublewords that fault on their second page only.
program:
    bl      mmu_on
    set_control 0x400000, 0
    poke    TABLE + 0x860 * 4, TABLE2 + 1
    poke    TABLE2, 0x8300003A
    poke    TABLE2 + 4, 0
    poke    0x83000FFC, 0xF0003501       @ add r5, #1; first half of BL
    flush_tlb
    mov     r5, #0
    ldr     r7, =t1
    resume_at t1t
    ldr     r0, =0x86000FFD
    bx      r0
t1:
    put     r5
    put     lr
    poke    0x83000FFC, 0xE2855001
    resume_at t2
    mov     r0, #0
    mcr     p15, 0, r0, c7, c5, 0
    mcr     p15, 0, r0, c7, c5, 4
    ldr     r0, =0x86000FFC
    bx      r0
t2:
    put     r5
    poke    TABLE2 + 4, 0x8300103A
    poke    0x83001000, 0x4770F800       @ second half of BL to itself+..; bx lr
    flush_tlb
    ldr     r9, =12000
    ldr     r6, =0x86000FF8
lw:
    ldm     r6!, {r0-r3}
    sub     r6, r6, #16
    stm     r6!, {r0-r3}
    sub     r6, r6, #16
    ldr     r1, [r6, #6]
    strd    r0, r1, [r6]
    subs    r9, r9, #1
    bne     lw
    poke    TABLE2 + 4, 0
    flush_tlb
    mov     r0, #0
    mov     r1, #1
    mov     r2, #2
    mov     r3, #3
    ldm     r6!, {r0-r3}
    put     r6
    stm     r12!, {r0-r3}
    mov     r0, #0x55
    stm     r6!, {r0-r3}
    put     r6
    ldmib   r6!, {r0-r3, r7}
    put     r6
    ldr     r1, [r6, #6]
    put     r1
    str     r0, [r6, #6]
    ldr     r1, [r6, #6]!
    put     r6
    add     r8, r6, #24
    stmdb   r8!, {r0-r3}
    put     r8
    ldmda   r8!, {r0-r3}
    put     r8
    ldrd    r0, r1, [r6, #8]!
    put     r6
    vfp_on
    ldr     r6, =0x86000FF8
    vldmia  r6!, {d0-d3}
    put     r6
    vstmia  r6!, {d0-d3}
    put     r6
    poke    TABLE2 + 4, 0x8300123A       @ read-only
    flush_tlb
    ldr     r6, =0x86000FF8
    stm     r6!, {r0-r3}
    put     r6
    vstmia  r6!, {d0-d3}
    put     r6
    str     r0, [r6, #6]
    ldr     r0, [r6]
    put     r0
    end
literals:
    .ltorg
    .thumb
t1t:
    bx r7
    .align 2
    .arm
