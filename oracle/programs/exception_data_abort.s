/* SPDX-License-Identifier: BSD-2-Clause */
@ Data aborts of every load and store: LR, FAR, DFSR, and registers that keep their values.
program:
    bl      mmu_on
    poke    TABLE + 0x860 * 4, 0
    flush_tlb
    ldr     r1, =0x86000010
    ldr     r2, =0x22222222
    mov     r3, #8
    ldr     r2, [r1]
    str     r2, [r1, #4]
    ldr     r2, [r1, #4]!
    ldr     r2, [r1], #4
    str     r2, [r1, r3]!
    str     r2, [r1], r3
    ldrb    r2, [r1, #3]
    strb    r2, [r1, -r3]!
    ldrh    r2, [r1, #2]
    strh    r2, [r1], #2
    ldrsb   r2, [r1, r3]
    ldrsh   r2, [r1, #6]!
    ldrd    r2, r3, [r1]
    strd    r2, r3, [r1, #8]!
    put     r1
    put     r2
    put     r3
    ldmia   r1!, {r2, r3}
    stmia   r1!, {r2, r3}
    ldmdb   r1!, {r2, r3, r4}
    stmdb   r1!, {r2, r3, r4}
    ldmib   r1, {r1, r2}
    stmda   r1, {r1, r2}
    put     r1
    put     r2
    swp     r2, r3, [r1]
    swpb    r2, r3, [r1]
    ldrex   r2, [r1]
    strex   r4, r3, [r1]
    ldrt    r2, [r1]
    strt    r2, [r1]
    ldrbt   r2, [r1]
    strbt   r2, [r1]
    ldr     pc, [r1]
    ldm     r1, {r2, pc}
    put     r1
    put     r2
    to_user
    ldr     r2, [r1]
    str     r2, [r1]
    put     r2
    svc     #0x3F
