/* SPDX-License-Identifier: BSD-2-Clause */

@ Conditional execution: T76 16.1.5 and 16.3.2. Flags are clear, so EQ fails and NE holds.

failed_move:
    moveq r0, #1

failed_shift_by_register:
    moveq r0, r1, lsl r2

failed_multiply:
    muleq r0, r1, r2

failed_multiply_flags:
    mulseq r0, r1, r2

failed_long_multiply:
    umulleq r0, r1, r2, r3

failed_load:
    ldreq r0, [r8]

failed_slow_load:
    ldreq r0, [r9, -r10]

failed_store:
    streq r0, [r8]

failed_load_double:
    ldrdeq r0, r1, [r8]

failed_load_multiple:
    ldmiaeq r8, {r0-r7}

failed_store_multiple:
    stmiaeq r8, {r0-r7}

failed_swap:
    swpeq r0, r1, [r8]

failed_exclusive:
    ldrexeq r0, [r8]

failed_msr:
    msreq cpsr_c, #0x13

failed_svc:
    svceq #0

failed_mcr:
    mcreq p15, 0, r0, c7, c10, 4

failed_result_is_not_awaited:
    ldreq r0, [r8]
    add r1, r0, #1

failed_instruction_awaits_its_source:
    ldr r0, [r8]
    addeq r1, r0, #1

failed_instruction_awaits_its_base:
    ldr r0, [r8]
    ldreq r1, [r0]

failed_load_does_not_await_the_unit:
    ldmia r8, {r0-r7}
    ldreq r12, [r8]

failed_write_does_not_await_a_lock:
    stmia r8, {r0-r7}
    moveq r7, #0

opposite_reader:
    ldrne r0, [r8]
    addeq r1, r0, #1

opposite_base:
    ldrne r0, [r8]
    ldreq r1, [r0]

opposite_writers:
    addne r0, r1, r2
    ldreq r0, [r8]

same_condition_reader:
    ldrne r0, [r8]
    addne r1, r0, #1

other_condition_reader:
    ldrne r0, [r8]
    addcs r1, r0, #1

unconditional_reader:
    ldrne r0, [r8]
    add r1, r0, #1

conditional_reader_of_unconditional:
    ldr r0, [r8]
    addne r1, r0, #1

opposite_of_carry:
    ldrcc r0, [r8]
    addcs r1, r0, #1

opposite_of_greater:
    ldrgt r0, [r8]
    addle r1, r0, #1
