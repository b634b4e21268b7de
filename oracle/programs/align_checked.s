/* SPDX-License-Identifier: BSD-2-Clause */
@ SCTLR.A: every access that is not aligned to its size faults, with FAR and DFSR.
program:
    bl      mmu_on
    set_control 2, 0
    ldr     r1, =DATA + 1
    mov     r2, #0
    ldr     r2, [r1]
    ldr     r2, [r1, #1]
    str     r2, [r1, #2]
    ldrh    r2, [r1]
    strh    r2, [r1, #2]
    ldrsh   r2, [r1]
    ldrh    r2, [r1, #1]
    ldrb    r2, [r1]
    strb    r2, [r1, #2]
    ldmia   r1, {r2, r3}
    stmia   r1, {r2, r3}
    swp     r2, r3, [r1]
    swpb    r2, r3, [r1]
    ldrex   r2, [r1]
    ldr     r2, [r1, #3]
    to_user
    ldr     r2, [r1]
    svc     #0x3F
