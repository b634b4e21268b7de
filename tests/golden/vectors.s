/* SPDX-License-Identifier: BSD-2-Clause */
@ The exception vectors of the golden tests, each a way back: behind the instruction, for a
@ prefetch abort to the address in r12. An interrupt takes its request back.

    b reset
    movs pc, lr                         @ undefined instruction
    movs pc, lr                         @ SVC
    movs pc, r12                        @ prefetch abort
    subs pc, lr, #4                     @ data abort
reset:
    b reset
    b interrupt                         @ IRQ
    b interrupt                         @ FIQ
interrupt:
    mov r0, #0
    ldr r1, =AVIC
    str r0, [r1, #0x54]                 @ INTFRCL
    str r0, [r1, #0x1C]                 @ INTTYPEL
    str r0, [r1, #0x14]                 @ INTENABLEL
    subs pc, lr, #4
