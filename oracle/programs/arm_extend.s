/* SPDX-License-Identifier: BSD-2-Clause */
@ Sign and zero extension of bytes, halfwords and pairs of bytes, rotated, and added.
program:
    pairs   body, values, 3
    end
body:
    one     "sxtb r0, r1"
    one     "sxtb r0, r1, ror #24"
    one     "sxth r0, r1"
    one     "sxth r0, r1, ror #8"
    one     "sxtb16 r0, r1"
    one     "sxtb16 r0, r1, ror #8"
    one     "uxtb r0, r1, ror #16"
    one     "uxth r0, r1, ror #24"
    one     "uxtb16 r0, r1, ror #16"
    one     "sxtab r0, r2, r1, ror #8"
    one     "sxtah r0, r2, r1, ror #16"
    one     "sxtab16 r0, r2, r1, ror #24"
    one     "uxtab r0, r2, r1"
    one     "uxtah r0, r2, r1, ror #8"
    one     "uxtab16 r0, r2, r1, ror #16"
    bx      lr
literals:
values:
    .word   0x89ABCDEF, 0x7F80FF01, 0xFFFFFFFF
