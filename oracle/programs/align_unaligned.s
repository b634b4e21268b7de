/* SPDX-License-Identifier: BSD-2-Clause */
@ SCTLR.U: words and halfwords at any address; LDM, LDRD, SWP and LDREX still fault.
program:
    bl      mmu_on
    set_control 0x400000, 2
    ldr     r1, =DATA
    ldr     r2, =0x03020100
    ldr     r3, =0x07060504
    ldr     r4, =0x0B0A0908
    stm     r1, {r2-r4}
    ldr     r0, [r1, #1]
    put     r0
    ldr     r0, [r1, #2]
    put     r0
    ldr     r0, [r1, #3]
    put     r0
    ldrh    r0, [r1, #1]
    put     r0
    ldrh    r0, [r1, #3]
    put     r0
    ldrsh   r0, [r1, #5]
    put     r0
    add     r1, r1, #1
    ldr     r2, =0xA1B2C3D4
    str     r2, [r1]
    strh    r2, [r1, #6]
    ldmia   r1, {r2, r3}
    stmia   r1, {r2, r3}
    ldrex   r2, [r1]
    swp     r2, r3, [r1]
    bic     r1, r1, #3
    ldm     r1, {r2-r5}
    stm     r12!, {r2-r5}
    vfp_on
    ldr     r1, =DATA
    vldr    s0, [r1, #4]
    vldr    d1, [r1, #4]
    vmov    r0, s0
    put     r0
    end
