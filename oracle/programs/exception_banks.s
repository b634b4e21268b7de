/* SPDX-License-Identifier: BSD-2-Clause */
@ Each mode's own SP, LR and SPSR, and the registers that FIQ banks.
program:
.macro mark mode, value
    cps     #\mode
    mov     sp, #\value
    mov     lr, #\value + 1
.endm
    mov     r8, #8
    mov     r9, #9
    mark    0x12, 0x20
    mov     r0, #0xF0000000
    msr     spsr_fsxc, r0
    mark    0x17, 0x30
    mov     r0, #0x20000000
    orr     r0, r0, #0x10
    msr     spsr_fsxc, r0
    mark    0x1b, 0x40
    mark    0x1f, 0x50
    mark    0x11, 0x60
    mov     r8, #0x68
    mov     r9, #0x69
    mov     r11, #0x6B
    mov     r0, #0x1f
    msr     spsr_c, r0
    cps     #0x13
    stm     r12!, {r8, r9, r11}
    cps     #0x11
    put     r8
    cps     #0x13
    to_user
    put     sp
    put     lr
    svc     #0x3F
