/* SPDX-License-Identifier: BSD-2-Clause */
@ SVC from every mode: LR, SPSR and CPSR of the handler, and the way back.
program:
    svc     #1
    cps     #0x1f
    svc     #2
    cps     #0x12
    svc     #3
    cps     #0x17
    svc     #4
    cps     #0x1b
    svc     #5
    cps     #0x11
    svc     #6
    cps     #0x13
    msr     cpsr_f, #0xF8000000
    cpsie   aif
    svc     #7
    put_flags
    to_user
    svc     #8
    put_flags
    msr     cpsr_f, #0x10000000
    svcvc   #9
    svcvs   #10
    svc     #0x3F
