/* SPDX-License-Identifier: BSD-2-Clause */
@ The entry and the exit of a kernel: SRS, CPS, STM of the user registers, and RFE.
program:
    on      SVC, entry
    on      UNDEFINED, entry_undefined
    cps     #0x1f
    ldr     sp, =0x12345670
    ldr     lr, =0x0BADBAD0
    mov     r0, #1
    mov     r1, #2
    mov     r7, #7
    to_user
    svc     #1
    put     r0
    .word   0xE7F000F0
    put     r0
    mov     r7, #0
    svc     #2
entry_undefined:
    srsia   sp, #0x13
    cps     #0x13
    b       common
entry:
    srsia   sp, #0x13
common:
    stmdb   sp, {r0-lr}^
    sub     sp, sp, #60
    cmp     r7, #0
    beq     leave
    ldr     r0, [sp]
    add     r0, r0, #0x10
    str     r0, [sp]
    ldr     r0, [sp, #52]
    put     r0
    ldr     r0, [sp, #60]
    put     r0
    ldr     r0, [sp, #64]
    put     r0
    ldr     r0, [sp, #48]
    add     r0, r0, #12
    str     r0, [sp, #48]
    add     sp, sp, #60
    ldmdb   sp, {r0-lr}^
    nop
    rfeia   sp
leave:
    add     sp, sp, #60
    ldmdb   sp, {r0-lr}^
    nop
    end
