/* SPDX-License-Identifier: BSD-2-Clause */
@ SWP and SWPB: with different and the same registers.
program:
    ldr     r1, =DATA
    poke    DATA, 0x8899AABB
    ldr     r1, =DATA
    ldr     r2, =0x11223344
    swp     r0, r2, [r1]
    put     r0
    swp     r2, r2, [r1]
    put     r2
    swpb    r0, r2, [r1]
    put     r0
    add     r3, r1, #2
    swpb    r2, r2, [r3]
    put     r2
    ldr     r0, [r1]
    put     r0
    ldr     r3, =DATA + 2
    swpb    r4, r3, [r3]
    put     r4
    peek    DATA
    put_flags
    end
