/* SPDX-License-Identifier: BSD-2-Clause */
@ A literal beside hot code is rewritten, E flips each round, words cross into a page that goes.
program:
    bl      mmu_on
    set_control 0x400000, 0
    poke    TABLE + 0x860 * 4, TABLE2 + 1
    poke    TABLE2, 0x8300003A
    poke    TABLE2 + 4, 0x8300103A
    flush_tlb
    ldr     r6, =0x86000FFE
    ldr     r7, =lit
    mov     r5, #1
    ldr     r4, =12000
loop:
    ldr     r0, lit
    add     r5, r5, r0
    str     r5, [r7]
    setend  be
    str     r5, [r6]
    ldr     r1, [r6, #-1]
    setend  le
    ldrh    r2, [r6, #1]
    add     r5, r5, r1, ror #9
    eor     r5, r5, r2
    ldrsh   r2, [r6, #-3]
    strd    r4, r5, [r6, #-14]
    ldrd    r2, r3, [r6, #2]
    add     r5, r5, r3
    subs    r4, r4, #1
    bne     loop
    put     r5
    poke    TABLE2 + 4, 0
    flush_tlb
    mov     r4, #2
    cmp     r4, #3
    beq     loop
again:
    setend  be
    str     r5, [r6]
    ldr     r1, [r6, #-1]
    strh    r1, [r6, #1]
    setend  le
    ldr     r1, [r6, #-1]
    put     r1
    subs    r4, r4, #1
    bne     again
    end
lit: .word 0x12345678
