/* SPDX-License-Identifier: BSD-2-Clause */
@ The watchdog's registers while it is not enabled.
program:
    ldr     r1, =WDOG
    ldrh    r0, [r1]
    put     r0
    ldrh    r0, [r1, #4]
    put     r0
    ldr     r0, =0x5555
    strh    r0, [r1, #2]
    ldr     r0, =0xAAAA
    strh    r0, [r1, #2]
    ldrh    r0, [r1, #2]
    put     r0
    end
