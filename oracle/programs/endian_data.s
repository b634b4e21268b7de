/* SPDX-License-Identifier: BSD-2-Clause */
@ SETEND BE: words, halfwords, doublewords and multiples are swapped, bytes are not.
program:
    ldr     r1, =DATA
    ldr     r2, =0x03020100
    ldr     r3, =0x07060504
    stm     r1, {r2-r3}
    setend  be
    ldr     r4, [r1]
    ldrh    r5, [r1, #2]
    ldrsh   r6, [r1, #4]
    ldrb    r7, [r1, #1]
    setend  le
    stm     r12!, {r4-r7}
    setend  be
    ldrd    r4, r5, [r1]
    ldm     r1, {r6, r7}
    setend  le
    stm     r12!, {r4-r7}
    setend  be
    ldr     r2, =0x11223344
    setend  le
    put     r2
    ldr     r2, =0x11223344
    ldr     r3, =0x55667788
    setend  be
    str     r2, [r1, #8]
    strh    r2, [r1, #12]
    strb    r2, [r1, #14]
    strd    r2, r3, [r1, #16]
    stm     r1, {r2, r3}
    swp     r4, r2, [r1]
    ldrex   r5, [r1]
    strex   r6, r3, [r1]
    setend  le
    stm     r12!, {r4-r6}
    mov     r3, #8
copy:
    ldr     r2, [r1], #4
    put     r2
    subs    r3, r3, #1
    bne     copy
    end
