/* SPDX-License-Identifier: BSD-2-Clause */
@ Start-up code of the golden tests. RAM is mapped flat in cacheable (write-back) sections, and
@ once more at other addresses with other attributes; vectors are high; L2 is off.
@ Names in capitals are constants of tests/golden/frame.py.

reset:
    ldr r0, =TABLE
    mov r1, #0
    mov r2, #4096
no_section:
    str r1, [r0], #4
    subs r2, r2, #1
    bne no_section

    ldr r0, =TABLE + 0x2000
    ldr r1, =RAM + WRITE_BACK
    mov r2, #128
one_section:
    str r1, [r0], #4
    add r1, r1, #0x100000
    subs r2, r2, #1
    bne one_section

    ldr r0, =PAGES
    ldr r1, =DATA + SMALL_PAGE
    mov r2, #256
one_page:
    str r1, [r0], #4
    add r1, r1, #0x1000
    subs r2, r2, #1
    bne one_page

    adr r0, others
    ldr r1, =TABLE
one_other:
    ldmia r0!, {r2, r3}
    cmp r3, #0
    strne r3, [r1, r2, lsl #2]
    bne one_other

    ldr r0, =TABLE
    mcr p15, 0, r0, c2, c0, 0
    ldr r0, =0x55555555
    mcr p15, 0, r0, c3, c0, 0

@ A state that no earlier case has left a trace in; then on to the address behind the mailbox.
fresh:
    cpsid if, #31
    ldr r0, =SCTLR
    mcr p15, 0, r0, c1, c0, 0
    mov r0, #7
    mcr p15, 0, r0, c1, c0, 1           @ ACTLR: return stack, dynamic and static prediction
    ldr r0, =TABLE
    mcr p15, 0, r0, c2, c0, 0
    mov r0, #0
    mcr p15, 0, r0, c13, c0, 1          @ CONTEXTIDR
    ldr r1, =L2CC
    str r0, [r1, #0x100]
    mov r2, #0xFF
    str r2, [r1, #0x700 + 0x7C]         @ nothing in any way of L2
    mcr p15, 0, r0, c7, c14, 0
    mcr p15, 0, r0, c7, c5, 0
    mcr p15, 0, r0, c8, c7, 0
    mcr p15, 0, r0, c7, c10, 4
    ldr r0, =MAILBOX
    ldr pc, [r0, #4]

literals:
    .ltorg

@ Section number and descriptor.
others:
    .word 0x300, L2CC + DEVICE
    .word 0x53F, 0x53F00000 + DEVICE
    .word 0x680, AVIC + DEVICE
    .word 0x900, DATA + WRITE_THROUGH
    .word 0x901, DATA + NOT_CACHED
    .word 0x902, DATA + DEVICE
    .word 0x903, DATA + STRONGLY_ORDERED
    .word 0x904, PAGES + 1
    .word 0x905, DATA + NO_ACCESS
    .word 0x910, 0x53F00000 + STRONGLY_ORDERED
    .word 0xFFF, VECTORS - 0xF0000 + WRITE_BACK
    .word 0, 0
