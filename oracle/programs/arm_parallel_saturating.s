/* SPDX-License-Identifier: BSD-2-Clause */
@ The saturating and the halving parallel additions and subtractions; none touches a flag.
program:
    pairs   body, values, 4
    end
.macro two instruction
    \instruction r0, r1, r2
    put     r0
.endm
body:
    two     qadd16
    two     qsub16
    two     qasx
    two     qsax
    two     qadd8
    two     qsub8
    two     uqadd16
    two     uqsub16
    two     uqasx
    two     uqsax
    two     uqadd8
    two     uqsub8
    two     shadd16
    two     shsub16
    two     shasx
    two     shsax
    two     shadd8
    two     shsub8
    two     uhadd16
    two     uhsub16
    two     uhasx
    two     uhsax
    two     uhadd8
    two     uhsub8
    put_flags
    bx      lr
literals:
values:
    .word   0x00010002, 0x80008000, 0x7F80FF01, 0xFFFF7FFF
