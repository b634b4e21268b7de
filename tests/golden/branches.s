/* SPDX-License-Identifier: BSD-2-Clause */

@ Branches with an immediate: T76 table 16-11. Warm, a branch is in the dynamic predictor.

b_folded:
    b target
    mov r11, r11
    target:

b_folded_between:
    mov r0, #1
    b target
    mov r11, r11
    target:
    mov r1, #1

b_backward_folded:
.routines
    target: b end
.measure
    b target
.until target

b_behind_predicted_branch:
    b first
    mov r11, r11
    first: b second
    mov r11, r11
    second:

three_branches_in_a_row:
    b first
    mov r11, r11
    first: b second
    mov r11, r11
    second: b third
    mov r11, r11
    third:

two_branches_apart:
    b first
    mov r11, r11
    first: mov r11, r11
    b second
    mov r11, r11
    second:

bl_predicted:
.routines
    target: b end
.measure
    bl target
.until target

blx_predicted:
.routines
    .thumb
    target: bx pc
    mov r8, r8
    .arm
    b end
.measure
    blx target
.until target

conditional_taken_folded:
    cmp r0, r1
    beq target
    mov r11, r11
    target:

conditional_not_taken_folded:
    cmp r0, r1
    bne target
    target:

@ Static prediction: the dynamic predictor has been emptied

b_static_forward:
.before
    mcr p15, 0, r0, c7, c5, 6
.measure
    b target
    mov r11, r11
    target:

b_static_backward:
.routines
    target: b end
.before
    mcr p15, 0, r0, c7, c5, 6
.measure
    b target
.until target

bl_static:
.routines
    target: b end
.before
    mcr p15, 0, r0, c7, c5, 6
.measure
    bl target
.until target

blx_static:
.routines
    .thumb
    target: bx pc
    mov r8, r8
    .arm
    b end
.before
    mcr p15, 0, r0, c7, c5, 6
.measure
    blx target
.until target

conditional_static_backward_taken:
.routines
    target: b end
.before
    mcr p15, 0, r0, c7, c5, 6
.measure
    bne target
.until target

conditional_static_forward_not_taken:
.before
    mcr p15, 0, r0, c7, c5, 6
.measure
    beq finish

forward_taken_old_flags:
.before
    mcr p15, 0, r0, c7, c5, 6
.measure
    bne target
    mov r11, r11
    target:

forward_taken_flags_0:
.before
    mcr p15, 0, r0, c7, c5, 6
.measure
    cmp r0, r1
    beq target
    mov r11, r11
    target:

forward_taken_flags_1:
.before
    mcr p15, 0, r0, c7, c5, 6
.measure
    cmp r0, r1
    mov r11, r11
    beq target
    mov r11, r11
    target:

forward_taken_flags_2:
.before
    mcr p15, 0, r0, c7, c5, 6
.measure
    cmp r0, r1
    mov r11, r11
    mov r11, r11
    beq target
    mov r11, r11
    target:

forward_taken_flags_3:
.before
    mcr p15, 0, r0, c7, c5, 6
.measure
    cmp r0, r1
    mov r11, r11
    mov r11, r11
    mov r11, r11
    beq target
    mov r11, r11
    target:

backward_not_taken_flags_0:
.routines
    target: b end
.before
    mcr p15, 0, r0, c7, c5, 6
.measure
    cmp r0, r1
    bne target

backward_not_taken_old_flags:
.routines
    target: b end
.before
    mcr p15, 0, r0, c7, c5, 6
.measure
    beq target

forward_taken_behind_multiply:
.before
    mcr p15, 0, r0, c7, c5, 6
.measure
    muls r0, r1, r2
    bpl target
    mov r11, r11
    target:

@ Loops and two-bit counters

loop_of_four_warm:
.before
    mov r0, #4
.measure
    again: subs r0, r0, #1
    bne again

loop_of_four_cold:
.before
    mov r0, #4
    mcr p15, 0, r0, c7, c5, 6
.measure
    again: subs r0, r0, #1
    bne again

loop_of_one_hundred_warm:
.before
    mov r0, #100
.measure
    again: subs r0, r0, #1
    bne again

counter_forgives_one:
.routines
    shift: movs r4, r4, lsr #1
    bcs over
    mov r11, r11
    over: bx lr
.before
    mov r4, #0x17
    bl shift
    bl shift
    bl shift
    bl shift
.measure
    bl shift

counter_turns_at_two:
.routines
    shift: movs r4, r4, lsr #1
    bcs over
    mov r11, r11
    over: bx lr
.before
    mov r4, #0x27
    bl shift
    bl shift
    bl shift
    bl shift
    bl shift
.measure
    bl shift

counter_saturates_not_taken:
.routines
    shift: movs r4, r4, lsr #1
    bcs over
    mov r11, r11
    over: bx lr
.before
    mov r4, #0
    bl shift
    bl shift
    bl shift
.measure
    bl shift

counter_forgives_one_taken:
.routines
    shift: movs r4, r4, lsr #1
    bcs over
    mov r11, r11
    over: bx lr
.before
    mov r4, #0x08
    bl shift
    bl shift
    bl shift
    bl shift
.measure
    bl shift

counter_one_is_not_enough:
.routines
    shift: movs r4, r4, lsr #1
    bcs over
    mov r11, r11
    over: bx lr
.before
    mov r4, #0x18
    bl shift
    bl shift
    bl shift
    bl shift
.measure
    bl shift

counter_turns_back_at_two:
.routines
    shift: movs r4, r4, lsr #1
    bcs over
    mov r11, r11
    over: bx lr
.before
    mov r4, #0x38
    bl shift
    bl shift
    bl shift
    bl shift
    bl shift
.measure
    bl shift

new_entry_not_taken:
.routines
    shift: movs r4, r4, lsr #1
    bcs over
    mov r11, r11
    over: bx lr
.before
    mcr p15, 0, r0, c7, c5, 6
    mov r4, #0
    bl shift
.measure
    mov r11, r11
    bl shift

new_entry_taken:
.routines
    shift: movs r4, r4, lsr #1
    bcs over
    mov r11, r11
    over: bx lr
.before
    mcr p15, 0, r0, c7, c5, 6
    mov r4, #1
    bl shift
.measure
    mov r11, r11
    bl shift

@ Maintenance and switches of the predictors

predictor_emptied_by_context_id:
.before
    mov r0, #0
    mcr p15, 0, r0, c13, c0, 1
.measure
    b target
    mov r11, r11
    target:

predictor_entry_dropped:
.before
    adr r0, begin
    mcr p15, 0, r0, c7, c5, 7
.measure
    b target
    mov r11, r11
    target:

predictor_entry_of_another_dropped:
.before
    adr r0, finish
    mcr p15, 0, r0, c7, c5, 7
.measure
    b target
    mov r11, r11
    target:

predictor_kept_by_barrier:
.before
    mcr p15, 0, r0, c7, c5, 4
.measure
    b target
    mov r11, r11
    target:

dynamic_off_unconditional:
.before
    mov r0, #5
    mcr p15, 0, r0, c1, c0, 1
.measure
    b target
    mov r11, r11
    target:

dynamic_off_loop:
.before
    mov r0, #5
    mcr p15, 0, r0, c1, c0, 1
    mov r0, #3
.measure
    again: subs r0, r0, #1
    bne again
    mov r11, r11

static_off_taken:
.before
    mov r0, #3
    mcr p15, 0, r0, c1, c0, 1
    mcr p15, 0, r0, c7, c5, 6
.measure
    b target
    mov r11, r11
    target:

static_off_backward_taken_flags_0:
.routines
    target: b end
.before
    mov r0, #3
    mcr p15, 0, r0, c1, c0, 1
    mcr p15, 0, r0, c7, c5, 6
.measure
    cmp r1, r2
    beq target
.until target

static_off_not_taken:
.routines
    target: b end
.before
    mov r0, #3
    mcr p15, 0, r0, c1, c0, 1
    mcr p15, 0, r0, c7, c5, 6
.measure
    beq target

static_off_dynamic_on:
.before
    mov r0, #3
    mcr p15, 0, r0, c1, c0, 1
.measure
    b target
    mov r11, r11
    target:

prediction_off_taken:
.before
    ldr r0, =SCTLR - 0x800
    mcr p15, 0, r0, c1, c0, 0
    b over
    .ltorg
    over:
.measure
    b target
    mov r11, r11
    target:

prediction_off_flags_0:
.before
    ldr r0, =SCTLR - 0x800
    mcr p15, 0, r0, c1, c0, 0
    b over
    .ltorg
    over:
.measure
    cmp r1, r2
    beq target
    mov r11, r11
    target:

prediction_off_return:
.routines
    routine: bx lr
.before
    ldr r0, =SCTLR - 0x800
    mcr p15, 0, r0, c1, c0, 0
    b over
    .ltorg
    over:
.measure
    bl routine

predictor_conflict:
    b far
    .space 28
    near: b reached
    .space 988
    far: b near
    .space 28
    reached:

@ Run-ahead: the line behind a taken branch is not in the instruction cache

run_ahead_behind_static:
.before
    mcr p15, 0, r0, c7, c5, 6
.measure
    b target
    .space 92
    target:

run_ahead_not_behind_predicted:
    b target
    .space 92
    target:

run_ahead_behind_bx:
.before
    adr r1, target
.measure
    bx r1
    .space 92
    target:

run_ahead_behind_load_of_pc:
.before
    adr r1, target
    str r1, [r8]
.measure
    ldr pc, [r8]
    .space 92
    target:

run_ahead_within_the_line:
.before
    mcr p15, 0, r0, c7, c5, 6
.measure
    b target
    .space 16
    target:

run_ahead_behind_return:
    bl routine
    mov r11, r11
    b target
    .space 20
    routine: bx lr
    .space 60
    target:

run_ahead_not_behind_exception_return:
.before
    cps #0x13
    mrs r0, cpsr
    msr spsr_cxsf, r0
    adr lr, target
.measure
    movs pc, lr
    .space 92
    target:
