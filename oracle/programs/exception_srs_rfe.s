/* SPDX-License-Identifier: BSD-2-Clause */
@ SRS to the stack of every mode in each direction, and RFE back, also into Thumb and user mode.
program:
    ldr     r0, =DATA + 0x100
    cps     #0x1f
    mov     sp, r0
    cps     #0x12
    add     sp, r0, #0x40
    cps     #0x17
    add     sp, r0, #0x80
    cps     #0x13
    ldr     lr, =0x11223344
    ldr     r1, =0x600001D3
    msr     spsr_fsxc, r1
    srsia   sp, #0x1f
    srsia   sp!, #0x1f
    srsib   sp!, #0x12
    srsda   sp!, #0x12
    srsdb   sp!, #0x17
    srsdb   sp, #0x17
    srsia   sp!, #0x13
    mov     r4, sp
    put     r4
    cps     #0x1f
    put     sp
    cps     #0x12
    put     sp
    cps     #0x17
    put     sp
    cps     #0x13
    ldr     r0, =DATA + 0x200
    ldr     r1, =next1
    ldr     r2, =0x8000019F
    and     r2, r2, #0xFFFFFF9F
    orr     r2, r2, #0xC0
    stm     r0, {r1, r2}
    rfeia   r0!
next1:
    put     r0
    put_flags
    cps     #0x13
    ldr     r0, =DATA + 0x200
    ldr     r1, =next2
    ldr     r2, =0x400001D2
    stm     r0, {r1, r2}
    add     r0, r0, #4
    rfeda   r0!
next2:
    put     r0
    put_flags
    cps     #0x13
    ldr     r0, =DATA + 0x1F8
    ldr     r1, =next3
    ldr     r2, =0x200001D7
    str     r1, [r0, #8]
    str     r2, [r0, #12]
    add     r0, r0, #4
    rfeib   r0
next3:
    put     r0
    put_flags
    cps     #0x13
    ldr     r0, =DATA + 0x208
    ldr     r1, =in_thumb
    ldr     r2, =0x100001F0
    str     r1, [r0, #-8]
    str     r2, [r0, #-4]
    rfedb   r0!
literals:
    .ltorg
    .thumb
in_thumb:
    movs    r7, #7
    svc     #3
    svc     #0x3F
    .align  2
    .arm
