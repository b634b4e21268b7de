/* SPDX-License-Identifier: BSD-2-Clause */
@ TTBR0, TTBR1, TTBCR, DACR, FSRs, FAR, FCSE and CONTEXTIDR keep what is written.
program:
.macro keep n, m, opcode, value
    ldr     r0, =\value
    mcr     p15, 0, r0, \n, \m, \opcode
    mrc     p15, 0, r0, \n, \m, \opcode
    put     r0
.endm
    mrc     p15, 0, r0, c2, c0, 0
    put     r0
    mrc     p15, 0, r0, c2, c0, 1
    put     r0
    mrc     p15, 0, r0, c2, c0, 2
    put     r0
    mrc     p15, 0, r0, c3, c0, 0
    put     r0
    keep    c2, c0, 0, 0x80104018
    keep    c2, c0, 1, 0x8010801B
    keep    c2, c0, 2, 3
    keep    c2, c0, 2, 0
    keep    c3, c0, 0, 0xFEDCBA98
    keep    c5, c0, 0, 0x8C5
    keep    c5, c0, 1, 0x40D
    keep    c6, c0, 0, 0x87654321
    keep    c13, c0, 0, 0x56000000
    keep    c13, c0, 0, 0
    keep    c13, c0, 1, 0x1234565A
    end
