/* SPDX-License-Identifier: BSD-2-Clause */
@ The same words are hot code as ARM, then as Thumb; the vectors move meanwhile.
program:
    bl      mmu_on
    ldr     r6, =both
    mov     r5, #0
    mov     r2, #1
    mov     r3, #1
    ldr     r9, =11000
    mov     r4, r9
a:  ldr     lr, =back1
    cmp     r0, r0
    cmn     r12, #0
    msr     cpsr_f, #0x40000000
    bx      r6
back1:
    subs    r4, r4, #1
    bne     a
    put     r5
    put     r2
    put     r3
    mov     r4, r9
b:  ldr     lr, =back2
    add     r0, r6, #1
    msr     cpsr_f, #0x40000000
    bx      r0
back2:
    subs    r4, r4, #1
    bne     b
    put     r5
    put     r2
    put     r3
    ldr     r4, =50
c:  ldr     lr, =back3
    tst     r4, #1
    addne   r0, r6, #1
    moveq   r0, r6
    msr     cpsr_f, #0x40000000
    bx      r0
back3:
    svc     #0x3E
    tst     r4, #3
    bne     d
    mrc     p15, 0, r0, c1, c0, 0
    eor     r0, r0, #0x2000
    mcr     p15, 0, r0, c1, c0, 0
d:
    subs    r4, r4, #1
    bne     c
    put     r5
    set_control 0, 0x2000
    end
literals:
    .ltorg
    .align 2
both:
    .word   0x32853501
    .word   0x11804770
    .word   0xE12FFF1E
