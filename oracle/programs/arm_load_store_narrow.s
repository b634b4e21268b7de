/* SPDX-License-Identifier: BSD-2-Clause */
@ LDRB, LDRH, LDRSB, LDRSH, LDRD and their stores with every addressing mode.
program:
    ldr     r1, =DATA
    poke    DATA, 0x8081F27F
    poke    DATA + 4, 0x7FFF8000
    poke    DATA + 8, 0x01020304
    poke    DATA + 12, 0xA5A55A5A
    ldr     r1, =DATA
    mov     r3, #3
    ldrb    r0, [r1]
    put     r0
    ldrb    r0, [r1, #1]
    put     r0
    ldrb    r0, [r1, r3]
    put     r0
    ldrsb   r0, [r1, #3]
    put     r0
    ldrsb   r0, [r1, r3]
    put     r0
    ldrsb   r0, [r1], #1
    put     r0
    ldrsb   r0, [r1, #-1]!
    put     r0
    ldrh    r0, [r1, #2]
    put     r0
    ldrsh   r0, [r1, #2]
    put     r0
    ldrsh   r0, [r1, #4]!
    put     r0
    ldrh    r0, [r1], #2
    put     r0
    mov     r3, #2
    ldrsh   r0, [r1], -r3
    put     r0
    put     r1
    ldrd    r4, r5, [r1]
    put     r4
    put     r5
    mov     r3, #4
    ldrd    r4, r5, [r1, r3]!
    put     r4
    put     r5
    put     r1
    ldrd    r6, r7, [r1], #-8
    put     r6
    put     r7
    put     r1
    mvn     r0, #0xF
    strb    r0, [r1, #1]!
    strh    r0, [r1, #3]!
    strb    r0, [r1], -r3
    put     r1
    ldr     r1, =DATA + 16
    ldr     r6, =0x66666666
    ldr     r7, =0x77777777
    strd    r6, r7, [r1], #8
    strd    r6, r7, [r1, #8]!
    put     r1
    ldr     r0, =DATA
    mov     r3, #12
copy:
    ldr     r2, [r0], #4
    put     r2
    subs    r3, r3, #1
    bne     copy
    end
