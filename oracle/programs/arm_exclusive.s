/* SPDX-License-Identifier: BSD-2-Clause */
@ LDREX and STREX: success, failure without a reservation, and after another STREX.
program:
    ldr     r1, =DATA
    poke    DATA, 5
    poke    DATA + 8, 6
    ldr     r1, =DATA
    mov     r4, #0
    strex   r2, r4, [r1]
    put     r2
    ldrex   r0, [r1]
    put     r0
    add     r0, r0, #1
    strex   r2, r0, [r1]
    put     r2
    strex   r2, r0, [r1]
    put     r2
    ldrex   r0, [r1]
    ldr     r5, [r1, #8]
    strex   r2, r5, [r1]
    put     r2
    ldr     r0, [r1]
    put     r0
    ldrex   r0, [r1]
    strexeq r2, r0, [r1]
    strexne r2, r0, [r1]
    put     r2
    mov     r3, #10
count:
    ldrex   r0, [r1]
    add     r0, r0, #1
    strex   r2, r0, [r1]
    cmp     r2, #0
    bne     count
    subs    r3, r3, #1
    bne     count
    peek    DATA
    end
