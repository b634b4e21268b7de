/* SPDX-License-Identifier: BSD-2-Clause */
@ XN on sections, large and small pages, for privileged and user fetches; reads are not affected.
program:
    bl      mmu_on
    poke    0x83000000, 0xE12FFF1E       @ bx lr
    poke    TABLE + 0x860 * 4, 0x83000C12
    poke    TABLE + 0x861 * 4, TABLE2 + 1
    poke    TABLE2, 0x83000033
    poke    TABLE2 + 4, 0x83000032
    poke    TABLE2 + 8, 0x83000012
    ldr     r4, =TABLE2 + 0x40
    ldr     r0, =0x83008031
    mov     r6, #16
fill:
    str     r0, [r4], #4
    subs    r6, r6, #1
    bne     fill
    flush_tlb
    ldr     r1, =0x86000000
    bl      try
    ldr     r1, =0x86100000
    bl      try
    ldr     r1, =0x86101000
    bl      try
    ldr     r1, =0x86102000
    bl      try
    ldr     r1, =0x86110000
    bl      try
    mov     r0, #3
    mcr     p15, 0, r0, c3, c0, 0        @ manager: XN is not looked at
    ldr     r1, =0x86000000
    bl      try
    end
try:
    mov     r9, lr
    ldr     r2, [r1]
    put     r2
    resume_at back1
    ldr     lr, =back1
    bx      r1
back1:
    resume_at back2
    to_user
    ldr     lr, =back2
    bx      r1
back2:
    to_supervisor
    poke    RESUME, 0
    bx      r9
