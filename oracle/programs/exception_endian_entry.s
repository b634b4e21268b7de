/* SPDX-License-Identifier: BSD-2-Clause */
@ SCTLR.EE gives E on entry to an exception; SPSR keeps what was before.
program:
    bl      flat_map
    ldr     r0, =TABLE                   @ walks are big-endian, too
    mov     r2, #0x1000
swap_table:
    ldr     r1, [r0]
    rev     r1, r1
    str     r1, [r0], #4
    subs    r2, r2, #1
    bne     swap_table
    poke    HIGH_PAGE + 8, 0xE10F4000    @ mrs r4, cpsr
    poke    HIGH_PAGE + 12, 0xE14F5000   @ mrs r5, spsr
    poke    HIGH_PAGE + 16, 0xF1010000   @ setend le
    poke    HIGH_PAGE + 20, 0xE1B0F00E   @ movs pc, lr
    set_control 0x2802001, 0
    mrc     p15, 0, r0, c1, c0, 0
    put     r0
    svc     #1
    put     r4
    put     r5
    put_flags
    setend  be
    svc     #2
    setend  le
    put     r4
    put     r5
    set_control 0, 0x2002001
    put_flags
    end
