/* SPDX-License-Identifier: BSD-2-Clause */
@ The exclusive accesses of v6K: bytes, halfwords, doublewords, and CLREX.
@ core: r1p3
literals:
program:
    poke    DATA, 0x11223344
    poke    DATA + 4, 0x55667788
    ldr     r1, =DATA
    ldrexb  r0, [r1]
    put     r0
    mov     r3, #0xAA
    strexb  r2, r3, [r1]
    put     r2
    add     r5, r1, #2
    ldrexh  r0, [r5]
    put     r0
    strexh  r2, r3, [r5]
    put     r2
    ldrexd  r6, r7, [r1]
    put     r6
    put     r7
    strexd  r2, r6, r7, [r1]
    put     r2
    ldrex   r0, [r1]
    clrex
    strex   r2, r3, [r1]
    put     r2
    strexd  r2, r6, r7, [r1]
    put     r2
    peek    DATA
    peek    DATA + 4
    end
