/* SPDX-License-Identifier: BSD-2-Clause */

@ Worked examples of the manual: T76 is the ARM1176JZF-S TRM (DDI 0301H), of the same core family.
@ A total counts from the issue of the first instruction to the cycle in which a next one could.

example_ldr_then_independent_add:
    ldr r1, [r2]
    add r3, r4, r5

example_add_then_add:
    add r1, r2, r3
    add r4, r5, r1

example_ldr_then_add:
    ldr r1, [r2]
    add r3, r4, r1

example_add_then_ldr_through_base:
    add r1, r8, #4
    ldr r2, [r1]

example_ldr_then_ldr_through_base:
    ldr r1, [r8]
    ldr r2, [r1]

example_ldm_then_add:
    ldmia r8, {r1-r7}
    add r10, r10, r3

example_stm_then_overwrite:
    stmia r8, {r1-r7}
    mov r6, #0

example_shifted_operand:
    add r1, r2, r3
    add r4, r5, r1, lsl #1

example_other_operand_of_shift:
    add r1, r2, r3
    add r4, r1, r9, lsl #1

example_shift_distance:
    add r1, r2, r3
    add r4, r2, r4, lsl r1

example_usad8_then_add:
    usad8 r1, r2, r3
    add r5, r6, r1

example_usad8_hidden:
    usad8 r1, r2, r3
    mov r9, r9
    mov r9, r9
    add r5, r6, r1

example_usad8_then_usada8:
    usad8 r1, r2, r3
    usada8 r1, r4, r5, r1
