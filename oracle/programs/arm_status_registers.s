/* SPDX-License-Identifier: BSD-2-Clause */
@ MRS and MSR by fields, of CPSR and SPSR, in privileged and user mode; J and T are not written.
program:
    mov     r0, #0
    mvn     r1, #0
    msr     cpsr_f, r1
    put_flags
    msr     cpsr_s, r1
    put_flags
    msr     cpsr_f, r0
    put_flags
    msr     cpsr_s, r0
    put_flags
    msr     cpsr_x, r0
    put_flags
    ldr     r1, =0x000001D3
    msr     cpsr_x, r1
    put_flags
    ldr     r1, =0x13
    msr     cpsr_c, r1
    put_flags
    ldr     r1, =0xD3
    msr     cpsr_c, r1
    mvn     r1, #0
    msr     spsr_fsxc, r0
    mrs     r2, spsr
    put     r2
    msr     spsr_f, r1
    mrs     r2, spsr
    put     r2
    msr     spsr_c, r1
    mrs     r2, spsr
    put     r2
    msr     spsr_x, r1
    mrs     r2, spsr
    put     r2
    msr     spsr_s, r1
    mrs     r2, spsr
    put     r2
    msr     cpsr_f, #0xA0000000
    put_flags
    to_user
    put_flags
    ldr     r1, =0xF80F01D3
    msr     cpsr_fsxc, r1
    put_flags
    cps     #0x13
    put_flags
    cpsid   aif
    put_flags
    svc     #0x3F
