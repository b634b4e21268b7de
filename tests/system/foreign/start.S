/* SPDX-License-Identifier: BSD-2-Clause */
/* The entry keeps every initial register (image pages are writable) and then makes a stack. */
    .arm
    .section .text.start, "ax"
    .global _start
_start:
    str r0, initial
    str r1, initial + 4
    str r2, initial + 8
    str r3, initial + 12
    str r4, initial + 16
    str r5, initial + 20
    str r6, initial + 24
    str r7, initial + 28
    str r8, initial + 32
    str r9, initial + 36
    str r10, initial + 40
    str r11, initial + 44
    str r12, initial + 48
    str sp, initial + 52
    str lr, initial + 56
    mrs r1, cpsr
    str r1, initial + 60
    ldr sp, =main_stack_top
    adr r0, initial
    bl foreign_main
    b .
initial:
    .space 64, 0xee

    .text
    .global svc_then_stop, stop_here, spin_here, load_then_stop, store_then_stop
svc_then_stop:
    swi #0x765432
stop_here:
    .word 0xe7f000f0
spin_here:
    add r4, r4, #1
    b spin_here
load_then_stop:
    ldr r3, [r2]
    .word 0xe7f000f0
store_then_stop:
    str r3, [r2]
    .word 0xe7f000f0
    .ltorg

    .bss
    .balign 8
main_stack:
    .space 16384
main_stack_top:
