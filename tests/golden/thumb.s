/* SPDX-License-Identifier: BSD-2-Clause */

@ Thumb instructions take the figures of the ARM instructions that they stand for.

thumb_add:
.thumb_case
    adds r0, r1, r2
    adds r3, r0, r2

thumb_immediates:
.thumb_case
    movs r0, #1
    adds r0, #2
    subs r0, #3
    cmp r0, #4
    adds r1, r0, #5

thumb_logic:
.thumb_case
    ands r0, r1
    eors r0, r1
    orrs r0, r1
    bics r0, r1
    mvns r0, r1
    tst r0, r1
    cmn r0, r1
    adcs r0, r1

thumb_high_registers:
.thumb_case
    mov r10, r1
    add r10, r2
    cmp r10, r3

thumb_shift_immediate_is_early:
.thumb_case
    movs r0, #1
    lsls r1, r0, #3

thumb_shift_right_is_early:
.thumb_case
    movs r0, #1
    asrs r1, r0, #3

thumb_shift_by_register:
.thumb_case
    lsls r0, r1

thumb_shift_distance_is_early:
.thumb_case
    movs r1, #1
    lsrs r0, r1

thumb_rotate_by_register_then_add:
.thumb_case
    rors r0, r1
    adds r2, r0, #1

thumb_multiply:
.thumb_case
    muls r0, r1, r0

thumb_multiply_operand_is_early:
.thumb_case
    movs r1, #1
    muls r0, r1, r0

thumb_extend:
.thumb_case
    uxtb r0, r1
    sxth r2, r0

thumb_reverse:
.thumb_case
    rev r0, r1
    rev16 r2, r0

thumb_address_of_pc:
.thumb_case
    add r0, sp, #8
    add sp, #8

thumb_ldr:
.thumb_case
    ldr r0, [r1, #4]
    adds r2, r0, #1

thumb_ldr_chain:
.thumb_case
    ldr r0, [r1]
    ldr r2, [r0]

thumb_ldr_register_offset:
.thumb_case
.before
    mov r2, #8
.measure
    ldr r0, [r1, r2]

thumb_offset_is_early:
.thumb_case
    movs r2, #4
    ldr r0, [r1, r2]

thumb_ldrb:
.thumb_case
    ldrb r0, [r1, #1]
    adds r2, r0, #1

thumb_ldrh:
.thumb_case
    ldrh r0, [r1, #2]
    adds r2, r0, #1

thumb_ldrsh:
.thumb_case
.before
    mov r2, #2
.measure
    ldrsh r0, [r1, r2]
    adds r3, r0, #1

thumb_ldr_sp:
.thumb_case
    ldr r0, [sp, #4]
    adds r2, r0, #1

thumb_ldr_pc_relative:
.thumb_case
    ldr r0, [pc, #8]

thumb_str_data:
.thumb_case
    ldr r0, [r1]
    str r0, [r1, #4]

thumb_strh:
.thumb_case
    strh r0, [r1, #4]

thumb_unaligned_occupies_two:
.thumb_case
.before
    add r1, r8, #2
.measure
    ldr r0, [r1]
    ldr r2, [r3]

thumb_ldmia_occupies:
.thumb_case
    ldmia r0!, {r1-r4}
    ldr r5, [r6]

thumb_ldmia_latency:
.thumb_case
    ldmia r0!, {r1-r4}
    adds r5, r3, #1

thumb_stmia_lock:
.thumb_case
    stmia r0!, {r1-r4}
    movs r4, #0

thumb_push_occupies:
.thumb_case
    push {r0-r3}
    ldr r5, [r6]

thumb_push_unaligned_occupies:
.thumb_case
    push {r0-r3, lr}
    ldr r5, [r6]

thumb_pop_latency:
.thumb_case
    pop {r0-r3}
    adds r5, r2, #1

thumb_b_folded:
.thumb_case
    b target
    mov r8, r8
    mov r8, r8
    target:

thumb_b_static:
.thumb_case
.before
    mcr p15, 0, r0, c7, c5, 6
.measure
    b target
    mov r8, r8
    mov r8, r8
    target:

thumb_conditional_folded:
.thumb_case
    cmp r0, r1
    beq target
    mov r8, r8
    target:

thumb_conditional_flags_0:
.thumb_case
.before
    mcr p15, 0, r0, c7, c5, 6
.measure
    cmp r0, r1
    beq target
    mov r8, r8
    target:

thumb_conditional_flags_1:
.thumb_case
.before
    mcr p15, 0, r0, c7, c5, 6
.measure
    cmp r0, r1
    mov r8, r8
    beq target
    mov r8, r8
    target:

thumb_conditional_not_taken_static:
.thumb_case
.before
    mcr p15, 0, r0, c7, c5, 6
.measure
    cmp r0, r1
    bne finish

thumb_loop_of_four_warm:
.thumb_case
.before
    mov r0, #4
.measure
    again: subs r0, #1
    bne again

thumb_call_and_return:
.thumb_case
.routines
    routine: bx lr
.measure
    bl routine

thumb_cold_call_and_return:
.thumb_case
.routines
    routine: bx lr
.before
    mcr p15, 0, r0, c7, c5, 6
.measure
    bl routine

thumb_call_push_pop:
.thumb_case
.routines
    routine: push {r4, lr}
    mov r8, r8
    pop {r4, pc}
.measure
    bl routine

thumb_mov_pc_lr:
.thumb_case
.routines
    routine: mov pc, lr
.measure
    bl routine

thumb_bx_register:
.thumb_case
.before
    adr r1, target
    add r1, r1, #1
.measure
    bx r1
    mov r8, r8
    mov r8, r8
    mov r8, r8
    target:

thumb_bx_to_arm_and_back:
.thumb_case
    bx pc
    mov r8, r8
    .arm
    add r1, pc, #5
    bx r1
    mov r11, r11
    .thumb

thumb_blx_register:
.thumb_case
.routines
    routine: bx lr
.before
    adr r1, routine
    add r1, r1, #1
.measure
    blx r1

thumb_svc:
.thumb_case
    svc #0
.until SVC_VECTOR

thumb_cpsid:
.thumb_case
    cpsid if

thumb_setend:
.thumb_case
    setend le
