/* SPDX-License-Identifier: BSD-2-Clause */

@ Status registers: 1.6, from memory of T36 table 16-12 (R)

mrs_cpsr:
    mrs r0, cpsr

mrs_latency:
    mrs r0, cpsr
    orr r1, r0, #1

mrs_spsr:
.before
    cps #0x13
.measure
    mrs r0, spsr

msr_flags:
    msr cpsr_f, #0

msr_flags_register:
    msr cpsr_f, r0

msr_control:
.before
    mrs r0, cpsr
.measure
    msr cpsr_c, r0

msr_control_immediate:
    msr cpsr_c, #0xDF

msr_all_fields:
.before
    mrs r0, cpsr
.measure
    msr cpsr_fsxc, r0

msr_status:
.before
    mrs r0, cpsr
.measure
    msr cpsr_s, r0

msr_spsr:
.before
    cps #0x13
    mrs r0, cpsr
.measure
    msr spsr_fsxc, r0

msr_spsr_flags:
.before
    cps #0x13
    mrs r0, cpsr
.measure
    msr spsr_f, r0

msr_source:
    ldr r0, [r8]
    msr cpsr_f, r0

msr_flags_then_condition:
    msr cpsr_f, #0x40000000
    moveq r0, #1

msr_flags_then_branch:
.before
    mcr p15, 0, r0, c7, c5, 6
.measure
    msr cpsr_f, #0x40000000
    beq target
    mov r11, r11
    target:

cps_masks:
    cpsid if

cps_mode:
    cps #0x13

cps_masks_and_mode:
    cpsid if, #0x13

setend:
    setend le

@ Store and load of the return state

srs_issue:
.before
    cps #0x13
.measure
    srsia #0x1F

srs_occupies_one:
.before
    cps #0x13
.measure
    srsia #0x1F
    ldr r0, [r8]

srs_unaligned_occupies_two:
.before
    add sp, r8, #68
    cps #0x13
.measure
    srsia #0x1F
    ldr r0, [r8]

@ Exceptions: R; 8 from the instruction to the first one of the vector

svc:
    svc #0
.until SVC_VECTOR

svc_and_return:
    svc #0

undefined:
    udf #0
.until UNDEFINED_VECTOR

undefined_coprocessor:
    mcr p7, 0, r0, c0, c0, 0
.until UNDEFINED_VECTOR

undefined_and_return:
    udf #0

breakpoint:
.before
    adr r12, end
.measure
    bkpt #0
.until PREFETCH_VECTOR

svc_behind_load:
    ldr r0, [r8]
    svc #0
.until SVC_VECTOR

interrupt:
.before
    ldr r1, =AVIC
    mov r0, #0x20
    str r0, [r1, #0x14]
    str r0, [r1, #0x54]
    mcr p15, 0, r0, c7, c10, 4
    b over
    .ltorg
    over:
.measure
    cpsie i
.until IRQ_VECTOR

fast_interrupt:
.before
    ldr r1, =AVIC
    mov r0, #0x20
    str r0, [r1, #0x1C]
    str r0, [r1, #0x14]
    str r0, [r1, #0x54]
    mcr p15, 0, r0, c7, c10, 4
    b over
    .ltorg
    over:
.measure
    cpsie f
.until FIQ_VECTOR

interrupt_between:
.before
    ldr r1, =AVIC
    mov r0, #0x20
    str r0, [r1, #0x14]
    str r0, [r1, #0x54]
    mcr p15, 0, r0, c7, c10, 4
    b over
    .ltorg
    over:
.measure
    ldr r2, [r8]
    cpsie i
.until IRQ_VECTOR

data_abort:
.before
    ldr r1, =FORBIDDEN_DATA
    b over
    .ltorg
    over: ldr r0, [r1]
.measure
    ldr r0, [r1]
.until DATA_VECTOR

data_abort_and_return:
.before
    ldr r1, =FORBIDDEN_DATA
    b over
    .ltorg
    over: ldr r0, [r1]
.measure
    ldr r0, [r1]

alignment_fault:
.before
    add r1, r8, #2
.measure
    ldmia r1, {r2, r3}
.until DATA_VECTOR

@ Coprocessor 15: R

mcr_issue:
.before
    ldr r0, =0x55555555
    b over
    .ltorg
    over:
.measure
    mcr p15, 0, r0, c3, c0, 0

mcr_translation_base:
.before
    mrc p15, 0, r0, c2, c0, 0
.measure
    mcr p15, 0, r0, c2, c0, 0

mcr_source:
    ldr r0, [r8]
    mcr p15, 0, r0, c7, c5, 6

mrc_issue:
    mrc p15, 0, r0, c0, c0, 0

mrc_latency:
    mrc p15, 0, r0, c0, c0, 0
    add r1, r0, #1

mrc_to_shifted:
    mrc p15, 0, r0, c0, c0, 0
    add r1, r2, r0, lsl #1

empty_branch_predictor:
    mcr p15, 0, r0, c7, c5, 6

write_context_id:
.before
    mov r0, #0
.measure
    mcr p15, 0, r0, c13, c0, 1

@ Barriers, with nothing to wait for: assumed

data_synchronization_barrier:
    mcr p15, 0, r0, c7, c10, 4

data_memory_barrier:
    mcr p15, 0, r0, c7, c10, 5

prefetch_flush:
    mcr p15, 0, r0, c7, c5, 4

two_barriers:
    mcr p15, 0, r0, c7, c10, 4
    mcr p15, 0, r0, c7, c10, 4

@ Cache operations: a cycle for each line looked at

invalidate_instruction_cache:
    mcr p15, 0, r0, c7, c5, 0

invalidate_data_cache:
    mcr p15, 0, r0, c7, c6, 0

invalidate_both_caches:
    mcr p15, 0, r0, c7, c7, 0

clean_clean_data_cache:
.before
    mcr p15, 0, r0, c7, c10, 0
    mcr p15, 0, r0, c7, c10, 4
.measure
    mcr p15, 0, r0, c7, c10, 0

clean_and_invalidate_data_cache:
.before
    mcr p15, 0, r0, c7, c10, 0
    mcr p15, 0, r0, c7, c10, 4
.measure
    mcr p15, 0, r0, c7, c14, 0

invalidate_instruction_line:
    mcr p15, 0, r8, c7, c5, 1

invalidate_data_line:
    mcr p15, 0, r8, c7, c6, 1

clean_data_line:
    mcr p15, 0, r8, c7, c10, 1

clean_and_invalidate_data_line:
    mcr p15, 0, r8, c7, c14, 1

clean_data_line_by_set:
.before
    mov r0, #0x200
.measure
    mcr p15, 0, r0, c7, c10, 2

invalidate_data_line_by_set:
.before
    mov r0, #0x200
.measure
    mcr p15, 0, r0, c7, c6, 2

invalidate_instruction_line_by_set:
.before
    mov r0, #0xC00
.measure
    mcr p15, 0, r0, c7, c5, 2

invalidate_data_range:
.before
    add r0, r8, #0x400
    add r1, r8, #0x460
.measure
    mcrr p15, 0, r1, r0, c6

clean_data_range:
.before
    add r0, r8, #0x400
    add r1, r8, #0x4E0
.measure
    mcrr p15, 0, r1, r0, c12

clean_and_invalidate_data_range:
.before
    add r0, r8, #0x400
    add r1, r8, #0x400
.measure
    mcrr p15, 0, r1, r0, c14

invalidate_instruction_range:
.before
    add r0, r8, #0x400
    add r1, r8, #0x420
.measure
    mcrr p15, 0, r1, r0, c5

@ TLB operations

invalidate_tlb:
    mcr p15, 0, r0, c8, c7, 0

invalidate_tlb_entry_then_fetch:
.before
    mov r0, #NOWHERE
.measure
    mcr p15, 0, r0, c8, c7, 1
    mov r11, r11

invalidate_tlb_then_fetch:
    mcr p15, 0, r0, c8, c7, 0
    mov r11, r11

context_id_then_fetch:
.before
    mov r0, #0
.measure
    mcr p15, 0, r0, c13, c0, 1
    mov r11, r11
