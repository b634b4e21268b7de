/* SPDX-License-Identifier: BSD-2-Clause */
@ MSR of no field is a hint: nothing happens (NOP, YIELD, WFE and their kind).
literals:
program:
    msr     cpsr_f, #0x50000000
    .word   0xE320F000
    .word   0xE320F001
    .word   0xE320F080
    put_flags
    .word   0x1320F000
    nop
    put_flags
    to_user
    .word   0xE320F000
    .word   0xE320F001
    put_flags
    svc     #0x3F
