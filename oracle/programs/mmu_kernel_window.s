/* SPDX-License-Identifier: BSD-2-Clause */
@ What kernels of this board map: supersections with P and TEX bits, device pages, a vector page.
program:
    bl      mmu_on
    ldr     r4, =TABLE + 0xF00 * 4
    ldr     r0, =0x82045606              @ P, TEX 5, B; AP 1
    mov     r6, #16
fill:
    str     r0, [r4], #4
    subs    r6, r6, #1
    bne     fill
    poke    TABLE + 0xFFF * 4, TABLE2 + 1
    poke    TABLE2 + 0xF0 * 4, HIGH_PAGE + 0x17E
    poke    TABLE2 + 0xFC * 4, 0x83000000 + 0x92E
    poke    TABLE2 + 0xE0 * 4, 0x43F90000 + 0x17
    ldr     r0, =TABLE + 0x18
    mcr     p15, 0, r0, c2, c0, 0
    flush_tlb
    set_control 0x2000, 0
    poke    0xF0345678, 0x12344321
    peek    0x82345678
    to_user
    ldr     r0, =0xFFFFC000
    ldr     r1, [r0]
    put     r1
    str     r1, [r0]
    ldr     r0, =0xF0345678
    ldr     r1, [r0]
    ldr     r0, =0xFFFF0000
    ldr     r1, [r0]
    svc     #1
    to_supervisor
    poke    0x83000000, 0x77
    peek    0xFFFFC000
    mov     r1, #'k'
    ldr     r0, =0xFFFE0000
    str     r1, [r0, #0x40]
    set_control 0, 0x2000
    ldr     r0, =TABLE
    mcr     p15, 0, r0, c2, c0, 0
    end
