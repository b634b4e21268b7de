/* SPDX-License-Identifier: BSD-2-Clause */
@ The GPT of a kernel: soft reset, then free running from the 32 kHz clock; the counter rises.
program:
    poke    GPT, 0x8000
wait_reset:
    ldr     r1, =GPT
    ldr     r0, [r1]
    tst     r0, #0x8000
    bne     wait_reset
    poke    GPT + 4, 0
    poke    GPT, 0x243                   @ EN, ENMOD, ipg, FRR
    ldr     r1, =GPT
    ldr     r2, [r1, #0x24]
    mov     r0, #1000
spin:
    subs    r0, r0, #1
    bne     spin
    ldr     r3, [r1, #0x24]
    cmp     r3, r2
    movhi   r0, #1
    put     r0
    cmp     r3, #0x100000
    movlo   r0, #2
    put     r0
    peek    GPT
    peek    GPT + 4
    peek    GPT + 12
    peek    GPT + 16
    peek    GPT + 20
    peek    GPT + 24
    mov     r2, #0
    mov     r3, #0
    end
