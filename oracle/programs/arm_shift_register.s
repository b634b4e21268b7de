/* SPDX-License-Identifier: BSD-2-Clause */
@ Every shift by a register, by 0, 1, 31, 32, 33, 64, 255 and 256: result and carry.
program:
    ldr     r4, =counts
    mov     r5, #8
next:
    ldr     r2, [r4], #4
    ldr     r1, =0x80000001
    bl      body
    ldr     r1, =0x5AC3A53C
    bl      body
    subs    r5, r5, #1
    bne     next
    end
body:
    msr     cpsr_f, #0x20000000
    one     "movs r0, r1, lsl r2"
    msr     cpsr_f, #0
    one     "movs r0, r1, lsr r2"
    msr     cpsr_f, #0x20000000
    one     "movs r0, r1, asr r2"
    msr     cpsr_f, #0
    one     "movs r0, r1, ror r2"
    msr     cpsr_f, #0x20000000
    one     "adcs r0, r2, r1, lsl r2"
    one     "eors r0, r1, r1, ror r2"
    one     "teq r1, r1, asr r2"
    bx      lr
literals:
counts:
    .word   0, 1, 31, 32, 33, 64, 255, 256
