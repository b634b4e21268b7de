/* SPDX-License-Identifier: BSD-2-Clause */

@ Branches to a register, returns and loads of PC: T76 tables 16-5, 16-11 and 16-19.

bx_lr_correct:
.routines
    routine: bx lr
.measure
    bl routine

bx_lr_wrong:
.before
    bl over
    mov r11, r11
    over: adr lr, target
.measure
    bx lr
    mov r11, r11
    target:

bx_lr_empty:
.before
    adr lr, target
.measure
    bx lr
    mov r11, r11
    target:

mov_pc_lr_correct:
.routines
    routine: mov pc, lr
.measure
    bl routine

mov_pc_lr_wrong:
.before
    bl over
    mov r11, r11
    over: adr lr, target
.measure
    mov pc, lr
    mov r11, r11
    target:

mov_pc_lr_empty:
.before
    adr lr, target
.measure
    mov pc, lr
    mov r11, r11
    target:

cold_call_and_return:
.routines
    routine: bx lr
.before
    mcr p15, 0, r0, c7, c5, 6
.measure
    bl routine

return_behind_load_of_lr:
.before
    adr r0, target
    str r0, [r8]
.measure
    ldr lr, [r8]
    bx lr
    mov r11, r11
    target: mov r11, r11
    mov r11, r11
    mov r11, r11

conditional_return_old_flags:
.before
    bl over
    mov r11, r11
    over: adr lr, target
.measure
    bxne lr
    mov r11, r11
    target:

conditional_return_flags_0:
.before
    adr lr, target
.measure
    cmp r0, r1
    bxeq lr
    mov r11, r11
    target:

conditional_return_flags_1:
.before
    adr lr, target
.measure
    cmp r0, r1
    mov r11, r11
    bxeq lr
    mov r11, r11
    target:

conditional_mov_pc_lr_flags_0:
.before
    adr lr, target
.measure
    cmp r0, r1
    moveq pc, lr
    mov r11, r11
    target:

conditional_return_not_taken:
    bxeq lr

conditional_mov_pc_lr_not_taken:
    moveq pc, lr

conditional_return_pops:
.before
    bl over
    mov r11, r11
    over: adr lr, first
.measure
    bxne lr
    mov r11, r11
    first: add lr, pc, #4
    bx lr
    mov r11, r11

failed_return_does_not_pop:
.before
    bl over
    target: b end
    over: mov r11, r11
.measure
    bxeq lr
    bx lr
.until target

three_calls_deep:
.routines
    one: mov r1, lr
    bl two
    mov lr, r1
    bx lr
    two: mov r2, lr
    bl three
    mov lr, r2
    bx lr
    three: bx lr
.measure
    bl one

four_calls_deep:
.routines
    one: mov r1, lr
    bl two
    mov lr, r1
    bx lr
    two: mov r2, lr
    bl three
    mov lr, r2
    bx lr
    three: mov r3, lr
    bl four
    mov lr, r3
    bx lr
    four: bx lr
.measure
    bl one

return_stack_off:
.routines
    routine: bx lr
.before
    mov r0, #6
    mcr p15, 0, r0, c1, c0, 1
.measure
    bl routine

return_stack_outlives_predictor:
.before
    bl over
    target: b end
    over: mcr p15, 0, r0, c7, c5, 6
.measure
    bx lr
.until target

@ Other registers

bx_register:
.before
    adr r1, target
.measure
    bx r1
    mov r11, r11
    target:

bx_register_does_not_pop:
.before
    bl over
    target: b end
    over: adr r1, hop
.measure
    bx r1
    mov r11, r11
    hop: bx lr
.until target

conditional_bx_flags_0:
.before
    adr r1, target
.measure
    cmp r2, r3
    bxeq r1
    mov r11, r11
    target:

conditional_bx_flags_2:
.before
    adr r1, target
.measure
    cmp r2, r3
    mov r11, r11
    mov r11, r11
    bxeq r1
    mov r11, r11
    target:

conditional_bx_not_taken:
    bxeq r1

blx_register_and_return:
.routines
    routine: bx lr
.before
    adr r1, routine
.measure
    blx r1

conditional_blx_not_taken:
    blxeq r1

conditional_blx_flags_0:
.routines
    routine: b end
.before
    adr r1, routine
.measure
    cmp r2, r3
    blxeq r1
.until routine

bxj_register:
.before
    adr r1, target
.measure
    bxj r1
    mov r11, r11
    target:

bx_register_behind_load:
.before
    adr r0, target
    str r0, [r8]
.measure
    ldr r1, [r8]
    bx r1
    mov r11, r11
    target: mov r11, r11

@ Other writes of PC

add_to_pc:
    add pc, pc, #0
    mov r11, r11

mov_pc_register:
.before
    adr r1, target
.measure
    mov pc, r1
    mov r11, r11
    target:

add_shifted_to_pc:
.before
    mov r1, #1
.measure
    add pc, pc, r1, lsl #2
    mov r11, r11
    mov r11, r11

mov_pc_shifted_by_register:
.before
    adr r1, target
    mov r5, #0
.measure
    .word 0xE1A0F511                    @ mov pc, r1, lsl r5
    mov r11, r11
    target:

add_to_pc_not_taken:
    addeq pc, pc, #0

@ Loads of PC

ldr_pc:
.before
    adr r0, target
    str r0, [r8]
.measure
    ldr pc, [r8]
    mov r11, r11
    target:

ldr_pc_register_offset:
.before
    adr r0, target
    str r0, [r8, #8]
.measure
    ldr pc, [r8, r10]
    mov r11, r11
    target:

ldr_pc_slow:
.before
    adr r0, target
    str r0, [r8, #16]
.measure
    ldr pc, [r8, r10, lsl #1]
    mov r11, r11
    target:

ldr_pc_not_taken:
    ldreq pc, [r8]

ldr_pc_base_is_early:
.before
    adr r0, target
    str r0, [r8, #4]
.measure
    add r1, r8, #4
    ldr pc, [r1]
    mov r11, r11
    target:

pop_pc_correct:
.routines
    routine: str lr, [sp, #-4]!
    ldr pc, [sp], #4
.measure
    bl routine

pop_pc_wrong:
.before
    bl over
    mov r11, r11
    over: adr r0, target
    str r0, [sp]
.measure
    ldr pc, [sp], #4
    mov r11, r11
    target:

pop_pc_empty:
.before
    adr r0, target
    str r0, [sp]
.measure
    ldr pc, [sp], #4
    mov r11, r11
    target:

pop_pc_conditional:
.before
    bl over
    mov r11, r11
    over: adr r0, target
    str r0, [sp]
.measure
    ldrne pc, [sp], #4
    mov r11, r11
    target:

ldr_pc_from_stack_with_offset:
.before
    adr r0, target
    str r0, [sp, #4]
.measure
    ldr pc, [sp, #4]
    mov r11, r11
    target:

ldm_return_correct:
.routines
    routine: push {r4, lr}
    pop {r4, pc}
.measure
    bl routine

ldm_return_wrong:
.before
    bl over
    mov r11, r11
    over: adr r0, target
    str r0, [sp, #4]
.measure
    pop {r4, pc}
    mov r11, r11
    target:

ldm_return_empty:
.before
    adr r0, target
    str r0, [sp, #4]
.measure
    pop {r4, pc}
    mov r11, r11
    target:

ldm_return_conditional:
.before
    bl over
    mov r11, r11
    over: adr r0, target
    str r0, [sp, #4]
.measure
    popne {r4, pc}
    mov r11, r11
    target:

ldm_return_not_taken:
    popeq {r4, pc}

ldm_pc:
.before
    adr r0, target
    str r0, [r8, #8]
.measure
    ldmia r8, {r0, r1, pc}
    mov r11, r11
    target:

ldm_pc_without_writeback:
.before
    adr r0, target
    str r0, [sp, #8]
.measure
    ldmia sp, {r0, r1, pc}
    mov r11, r11
    target:

ldm_return_occupies:
.routines
    routine: ldmia sp!, {r0-r7, pc}
.before
    adr r0, target
    str r0, [sp, #32]
.measure
    bl routine
    target: ldr r12, [r8]

ldm_return_latency:
.routines
    routine: ldmia sp!, {r0-r7, pc}
.before
    adr r0, target
    str r0, [sp, #32]
.measure
    bl routine
    target: add r12, r4, #1

ldm_pc_latency:
.before
    adr r0, target
    str r0, [r8, #56]
.measure
    ldmia r8, {r0-r12, lr, pc}
    mov r11, r11
    target: mov r0, lr

ldm_pc_early_registers:
.before
    adr r0, target
    str r0, [r8, #56]
.measure
    ldmia r8, {r0-r12, lr, pc}
    mov r11, r11
    target: mov r0, r7

load_of_pc_awaits_the_unit:
.before
    adr r0, target
    str r0, [r8]
.measure
    ldmia r9, {r0-r6}
    ldr pc, [r8]
    mov r11, r11
    target:

@ Returns from exceptions: RFE R, the others taken to be the same

movs_pc_lr:
.before
    cps #0x13
    mrs r0, cpsr
    msr spsr_cxsf, r0
    adr lr, target
.measure
    movs pc, lr
    mov r11, r11
    target:

subs_pc_lr:
.before
    cps #0x13
    mrs r0, cpsr
    msr spsr_cxsf, r0
    adr lr, target
    add lr, lr, #4
.measure
    subs pc, lr, #4
    mov r11, r11
    target:

ldm_exception_return:
.before
    cps #0x13
    mrs r0, cpsr
    msr spsr_cxsf, r0
    adr r0, target
    str r0, [r8, #8]
.measure
    ldmia r8, {r0, r1, pc}^
    mov r11, r11
    target:

rfe_aligned:
.before
    cps #0x13
    mrs r1, cpsr
    adr r0, target
    stmia r8, {r0, r1}
.measure
    rfeia r8
    mov r11, r11
    target:

rfe_unaligned:
.before
    cps #0x13
    mrs r1, cpsr
    adr r0, target
    stmia r9, {r0, r1}
.measure
    rfeia r9
    mov r11, r11
    target:

rfe_base_is_early:
.before
    cps #0x13
    mrs r1, cpsr
    adr r0, target
    stmia r8, {r0, r1}
.measure
    mov r2, r8
    rfeia r2
    mov r11, r11
    target:

rfe_writeback:
.before
    cps #0x13
    mrs r1, cpsr
    adr r0, target
    stmia r8, {r0, r1}
    mov r2, r8
.measure
    rfeia r2!
    mov r11, r11
    target: add r3, r2, #1
