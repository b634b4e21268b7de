/* SPDX-License-Identifier: BSD-2-Clause */
@ What v6K brought (r1p3): exclusive accesses of each size, CLREX, hints, thread registers, CPUID.
@ core: r1p3
program:
    b code
literals:
code:
    ldr r1, =RESULT + 0x200
    ldr r2, =0x01234567
    ldr r3, =0x89ABCDEF
    str r2, [r1]
    str r3, [r1, #4]
    str r3, [r1, #8]
    ldrexb r0, [r1]
    put r0
    strexb r4, r3, [r1]
    put r4
    ldrexh r0, [r1]
    put r0
    strexh r4, r3, [r1]
    put r4
    ldrexd r8, r9, [r1]
    put r8
    put r9
    strexd r4, r2, r3, [r1]
    put r4
    ldrex r0, [r1]
    clrex
    strex r4, r2, [r1]
    put r4
    yield
    wfe
    sev
    mov r0, #7
    mcr p15, 0, r0, c13, c0, 2
    mcr p15, 0, r0, c13, c0, 3
    mrc p15, 0, r5, c13, c0, 3
    put r5
    mrc p15, 0, r5, c0, c1, 0
    put r5
    mrc p15, 0, r5, c0, c2, 4
    put r5
    mrc p15, 0, r5, c0, c2, 7
    put r5
    mrc p15, 0, r5, c0, c0, 0
    put r5
    svc #0x3F
    .ltorg
