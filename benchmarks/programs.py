# SPDX-License-Identifier: BSD-2-Clause
"""Endless bare loops, each dominated by one kind of instruction; r10 counts the turns."""

from typing import Final

LOAD_ADDRESS: Final = 0x8000_0000
#: What the loops work on, away from their code.
DATA_ADDRESS: Final = 0x8010_0000

#: By workload: source with `DATA` for the data's address.
LOOPS: Final = {
    "registers": """
        again:
            add     r0, r0, #1
            eor     r1, r1, r0
            add     r2, r2, r1, lsl #3
            sub     r3, r3, r2
            orr     r4, r4, r3
            adds    r5, r5, #1
            addne   r6, r6, #3
            add     r10, r10, #1
            b       again
        """,
    "load-store": """
            ldr     r1, =DATA
        again:
            ldr     r0, [r1]
            add     r0, r0, #1
            str     r0, [r1]
            ldr     r2, [r1, #4]
            str     r2, [r1, #8]
            add     r3, r3, r2
            add     r10, r10, #1
            b       again
            .ltorg
        """,
    "call-return": """
            ldr     sp, =DATA
        again:
            bl      outer
            add     r10, r10, #1
            b       again
        outer:
            push    {r4, lr}
            bl      inner
            pop     {r4, pc}
        inner:
            bx      lr
            .ltorg
        """,
    "block-copy": """
            ldr     r12, =DATA
        again:
            mov     r0, r12
            add     r1, r12, #256
            ldmia   r0!, {r2-r9}
            stmia   r1!, {r2-r9}
            ldmia   r0!, {r2-r5}
            stmia   r1!, {r2-r5}
            add     r10, r10, #1
            b       again
            .ltorg
        """,
}
