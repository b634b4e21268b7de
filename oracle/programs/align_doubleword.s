/* SPDX-License-Identifier: BSD-2-Clause */
@ LDRD and STRD at addresses that are word aligned but not doubleword aligned, with U set.
program:
    bl      mmu_on
    set_control 0x400000, 2
    ldr     r1, =DATA + 4
    ldr     r2, =0x03020100
    ldr     r3, =0x07060504
    strd    r2, r3, [r1]
    ldrd    r4, r5, [r1]
    put     r4
    put     r5
    set_control 2, 0
    ldr     r1, =DATA + 8
    ldrd    r4, r5, [r1]
    put     r4
    put     r5
    end
