/* SPDX-License-Identifier: BSD-2-Clause */
@ Entries of the invalid types at both levels, for reads, writes and fetches; domain kept in DFSR.
program:
    bl      mmu_on
    poke    TABLE + 0x860 * 4, 0
    poke    TABLE + 0x861 * 4, 0x830000A0
    poke    TABLE + 0x862 * 4, TABLE2 + 0x61
    poke    TABLE2, 0
    poke    TABLE2 + 4, 0x830000A0
    mov     r0, #0x55
    mcr     p15, 0, r0, c3, c0, 0
    flush_tlb
    ldr     r1, =0x86000ABC
    bl      try
    ldr     r1, =0x86100ABC
    bl      try
    ldr     r1, =0x86200ABC
    bl      try
    ldr     r1, =0x86201ABC
    bl      try
    mov     r0, #1
    mcr     p15, 0, r0, c3, c0, 0
    ldr     r1, =0x86200ABC
    bl      try
    end
try:
    ldr     r2, [r1]
    str     r2, [r1, #4]
    resume_at back
    bx      r1
back:
    bx      lr
