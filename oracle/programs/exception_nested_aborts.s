/* SPDX-License-Identifier: BSD-2-Clause */
@ A data abort, an SVC, an undefined instruction and a SWP in the handler of a data abort.
program:
    bl      mmu_on
    poke    TABLE + 0x860 * 4, 0
    flush_tlb
    mov     r11, #0
    on      DATA_ABORT, handler
    ldr     r6, =0x86000010
    ldr     r5, [r6], #4
after:
    put     r11
    put     r6
    end
handler:
    add     r11, r11, #1
    put     lr
    mrs     r0, spsr
    put     r0
    mrs     r0, cpsr
    put     r0
    mrc     p15, 0, r0, c5, c0, 0
    put     r0
    mrc     p15, 0, r0, c6, c0, 0
    put     r0
    mrc     p15, 0, r0, c5, c0, 1
    put     r0
    cmp     r11, #4
    bge     out
    cmp     r11, #1
    streq   r0, [r6, #0x20]
    cmp     r11, #2
    strbeq  r0, [r6, #0x31]
    svc     #7
    .word   0xE7F000F0
    swp     r0, r0, [r6]
out:
    cps     #0x13
    b       after
