/* SPDX-License-Identifier: BSD-2-Clause */
@ VFP loads and stores that abort: the base keeps its value, FAR has the first address.
program:
    vfp_on
    bl      mmu_on
    poke    TABLE + 0x860 * 4, 0
    flush_tlb
    ldr     r1, =0x86000010
    vldr    s0, [r1]
    vstr    d0, [r1, #8]
    vldmia  r1!, {d0-d3}
    put     r1
    vstmdb  r1!, {s0-s3}
    put     r1
    ldr     r1, =0x85FFFFF8
    vldmia  r1!, {s4-s9}
    ldr     r2, =0x85FFFFF8
    sub     r1, r1, r2
    put     r1
    to_user
    ldr     r1, =0x86000010
    vldr    s0, [r1]
    svc     #0x3F
