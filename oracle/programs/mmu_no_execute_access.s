/* SPDX-License-Identifier: BSD-2-Clause */
@ Pages that user mode may not read cannot be executed by it either.
program:
    bl      mmu_on
    poke    0x83000000, 0xE12FFF1E       @ bx lr
    poke    TABLE + 0x860 * 4, 0x83000402
    poke    TABLE + 0x861 * 4, 0x83008802
    poke    TABLE + 0x862 * 4, 0x83000002
    flush_tlb
    ldr     r1, =0x86000000
    bl      try
    ldr     r1, =0x86100000
    bl      try
    ldr     r1, =0x86200000
    bl      try
    end
try:
    mov     r9, lr
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
