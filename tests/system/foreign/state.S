/* SPDX-License-Identifier: BSD-2-Clause */
/* Instructions at which threads start whose state or whose fault is unusual. */
    .arm
    .text
    .global thumb_spin, big_endian_call, barriers, read_id, sleep_now, breakpoint
    .global exclusive, change_mode, float_add, thumb_undefined
thumb_spin:
    blx thumb_loop
    .thumb_func
thumb_loop:
    adds r4, r4, #1
    b thumb_loop
    .balign 4
    .arm
thumb_undefined:
    blx thumb_trap
    .thumb_func
thumb_trap:
    .inst.n 0xde00
    .balign 4
    .arm
big_endian_call:
    setend be
    ldr r3, [r2]
    swi #0
    ldr r6, [r2]
    .inst 0xe7f000f0
barriers:
    mov r3, #0
    mcr p15, 0, r3, c7, c5, 4
    mcr p15, 0, r3, c7, c10, 4
    mcr p15, 0, r3, c7, c10, 5
    .inst 0xe7f000f0
read_id:
    mrc p15, 0, r3, c0, c0, 0
    .inst 0xe7f000f0
sleep_now:
    mcr p15, 0, r3, c7, c0, 4
    .inst 0xe7f000f0
breakpoint:
    bkpt #7
    .inst 0xe7f000f0
exclusive:
    ldrex r3, [r2]
    swi #0
    strex r4, r3, [r2]
    .inst 0xe7f000f0
change_mode:
    msr cpsr_c, #0xd3
    mrs r3, cpsr
    .inst 0xe7f000f0
float_add:
    .inst 0xee300a01
    .inst 0xe7f000f0
