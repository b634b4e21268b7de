/* SPDX-License-Identifier: BSD-2-Clause */
@ User registers from FIQ, a return into another mode, SRS onto another mode's bad stack.
program:
    bl      mmu_on
    poke    TABLE + 0x860 * 4, 0
    poke    TABLE + 0x861 * 4, 0x83108402
    flush_tlb
    cps     #0x11
    ldr     r8, =DATA + 0x100
    ldr     r9, =0x9F
    ldr     r10, =0xAF
    ldr     r11, =0xBF
    mov     r13, r8
    ldr     r14, =0xEF
    stm     r8, {r8-r14}^
    nop
    ldr     r0, [r8]
    ldm     r8, {r9-r11, r14}^
    nop
    ldr     r1, =0x600001D1
    msr     spsr_fsxc, r1
    cps     #0x13
    peek    DATA + 0x104
    peek    DATA + 0x110
    ldr     r1, =0x200001D2
    msr     spsr_fsxc, r1
    ldr     r7, =DATA + 0x200
    ldr     r2, =back
    str     r2, [r7, #8]
    ldr     r2, =0x1111
    str     r2, [r7]
    str     r2, [r7, #4]
    push    {r12}
    mov     r3, sp
    mov     sp, r7
    ldm     sp!, {r4, r5, pc}^           @ from SVC to IRQ: SVC's sp moves
back:
    mov     r6, sp
    mrs     r0, cpsr
    cps     #0x13
    mov     r7, sp
    mov     sp, r3
    pop     {r12}
    put     r0
    put     r6
    put     r7
    put     r4
    @ SRS into an unmapped and a read-only stack of another mode
    cps     #0x1B
    mov     r10, sp
    ldr     sp, =0x86100100
    cps     #0x12
    mov     r8, sp
    ldr     sp, =0x86000100
    cps     #0x13
    srsdb   sp!, #0x12
    srsdb   sp!, #0x1B
    srsia   sp, #0x1B
    cps     #0x12
    mov     r2, sp
    mov     sp, r8
    cps     #0x1B
    mov     r3, sp
    mov     sp, r10
    cps     #0x13
    put     r2
    put     r3
    put     r4
    end
