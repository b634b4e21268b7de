/* SPDX-License-Identifier: BSD-2-Clause */
@ The Ethernet controller's byte order test and identification, as a driver reads them first.
program:
    ldr     r1, =0xB6000000
    ldr     r0, [r1, #0x64]
    put     r0
    ldr     r0, [r1, #0x50]
    put     r0
    ldr     r0, [r1, #0x5C]
    put     r0
    ldr     r0, [r1, #0x58]
    put     r0
    end
