/* SPDX-License-Identifier: BSD-2-Clause */
@ FLD, FST and the multiples, single, double and of unknown precision, up and down.
program:
    vfp_on
    ldr     r1, =DATA
    mov     r2, #64
fill:
    str     r2, [r1], #4
    subs    r2, r2, #1
    bne     fill
    ldr     r1, =DATA
    vldr    s0, [r1]
    vldr    s1, [r1, #4]
    vldr    d1, [r1, #16]
    add     r1, r1, #128
    vldr    d2, [r1, #-8]
    vldmia  r1, {s6-s9}
    vldmia  r1!, {d5-d7}
    vldmdb  r1!, {s16-s18}
    put     r1
    vldmdb  r1!, {d9-d10}
    put     r1
    .word   0xECB1CB05                   @ fldmiax r1!, {d12-d13}
    put     r1
    vstmia  r12!, {d0-d15}
    ldr     r1, =DATA
    vstr    s6, [r1, #12]
    vstr    d5, [r1, #24]
    vstmia  r1!, {s0-s2}
    add     r1, r1, #64
    vstmdb  r1!, {d5-d6}
    .word   0xED21EB03                   @ fstmdbx r1!, {d14}
    put     r1
    ldr     r0, =DATA
    mov     r3, #24
copy:
    ldr     r2, [r0], #4
    put     r2
    subs    r3, r3, #1
    bne     copy
    end
