/* SPDX-License-Identifier: BSD-2-Clause */
@ LDRT, STRT and their byte forms, post-indexed, succeed and fail with the rights of user mode.
program:
    bl      mmu_on
    poke    0x83000000, 0x81828384
    poke    TABLE + 0x860 * 4, 0x83000802  @ user may read
    poke    TABLE + 0x861 * 4, 0x83000402  @ user may not
    poke    TABLE + 0x862 * 4, 0x83000C02
    flush_tlb
    ldr     r1, =0x86000000
    bl      try
    ldr     r1, =0x86100000
    bl      try
    ldr     r1, =0x86200000
    bl      try
    end
try:
    mov     r3, #4
    ldrt    r2, [r1], #4
    put     r2
    put     r1
    ldrbt   r2, [r1], -r3
    put     r2
    put     r1
    strt    r3, [r1], r3
    put     r1
    strbt   r3, [r1], #-3
    put     r1
    ldrbt   r2, [r1]
    put     r2
    bx      lr
