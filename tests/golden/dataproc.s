/* SPDX-License-Identifier: BSD-2-Clause */

@ Data processing: T76 table 16-4; the media instructions 16.4 to 16.6 (partly from memory, R).
@ Each operation: with a plain operand 1, shifted by an immediate 1, shifted by a register 2.

forms_of_and:
    and r0, r1, #1
    and r0, r1, r2
    and r0, r1, r2, lsl #3
    and r0, r1, r2, lsl r3

latency_of_and:
    and r0, r1, r2
    mov r4, r0

forms_of_eor:
    eor r0, r1, #1
    eor r0, r1, r2
    eor r0, r1, r2, lsl #3
    eor r0, r1, r2, lsl r3

latency_of_eor:
    eor r0, r1, r2
    mov r4, r0

forms_of_sub:
    sub r0, r1, #1
    sub r0, r1, r2
    sub r0, r1, r2, lsl #3
    sub r0, r1, r2, lsl r3

latency_of_sub:
    sub r0, r1, r2
    mov r4, r0

forms_of_rsb:
    rsb r0, r1, #1
    rsb r0, r1, r2
    rsb r0, r1, r2, lsl #3
    rsb r0, r1, r2, lsl r3

latency_of_rsb:
    rsb r0, r1, r2
    mov r4, r0

forms_of_add:
    add r0, r1, #1
    add r0, r1, r2
    add r0, r1, r2, lsl #3
    add r0, r1, r2, lsl r3

latency_of_add:
    add r0, r1, r2
    mov r4, r0

forms_of_adc:
    adc r0, r1, #1
    adc r0, r1, r2
    adc r0, r1, r2, lsl #3
    adc r0, r1, r2, lsl r3

latency_of_adc:
    adc r0, r1, r2
    mov r4, r0

forms_of_sbc:
    sbc r0, r1, #1
    sbc r0, r1, r2
    sbc r0, r1, r2, lsl #3
    sbc r0, r1, r2, lsl r3

latency_of_sbc:
    sbc r0, r1, r2
    mov r4, r0

forms_of_rsc:
    rsc r0, r1, #1
    rsc r0, r1, r2
    rsc r0, r1, r2, lsl #3
    rsc r0, r1, r2, lsl r3

latency_of_rsc:
    rsc r0, r1, r2
    mov r4, r0

forms_of_orr:
    orr r0, r1, #1
    orr r0, r1, r2
    orr r0, r1, r2, lsl #3
    orr r0, r1, r2, lsl r3

latency_of_orr:
    orr r0, r1, r2
    mov r4, r0

forms_of_bic:
    bic r0, r1, #1
    bic r0, r1, r2
    bic r0, r1, r2, lsl #3
    bic r0, r1, r2, lsl r3

latency_of_bic:
    bic r0, r1, r2
    mov r4, r0

forms_of_tst:
    tst r1, #1
    tst r1, r2
    tst r1, r2, lsl #3
    tst r1, r2, lsl r3

forms_of_teq:
    teq r1, #1
    teq r1, r2
    teq r1, r2, lsl #3
    teq r1, r2, lsl r3

forms_of_cmp:
    cmp r1, #1
    cmp r1, r2
    cmp r1, r2, lsl #3
    cmp r1, r2, lsl r3

forms_of_cmn:
    cmn r1, #1
    cmn r1, r2
    cmn r1, r2, lsl #3
    cmn r1, r2, lsl r3

forms_of_mov:
    mov r0, #1
    mov r0, r2
    mov r0, r2, lsl #3
    mov r0, r2, lsl r3

latency_of_mov:
    mov r0, r2
    mov r4, r0

forms_of_mvn:
    mvn r0, #1
    mvn r0, r2
    mvn r0, r2, lsl #3
    mvn r0, r2, lsl r3

latency_of_mvn:
    mvn r0, r2
    mov r4, r0

count_leading_zeros:
    clz r0, r1

latency_of_clz:
    clz r0, r1
    add r2, r0, #1

flag_setting_forms:
    adds r0, r1, r2
    adc r3, r4, r5
    subs r0, r1, r2
    sbc r3, r4, r5

flags_are_not_awaited:
    cmp r1, r2
    movne r0, #1

@ Operands shifted by an immediate amount

early_lsl:
    mov r0, #1
    mov r1, r0, lsl #4

early_lsr:
    mov r0, #1
    mov r1, r0, lsr #4

early_asr:
    mov r0, #1
    mov r1, r0, asr #4

early_ror:
    mov r0, #1
    mov r1, r0, ror #4

early_rrx:
    mov r0, #1
    mov r1, r0, rrx

early_shift_without_result:
    mov r0, #1
    cmp r1, r0, lsl #4

early_hidden_by_one:
    mov r0, #1
    mov r11, r11
    mov r1, r0, lsl #4

plain_operand_is_not_early:
    mov r0, #1
    mov r1, r0

result_of_a_shift:
    mov r0, r1, lsl #4
    mov r2, r0

load_to_shifted_operand:
    ldr r0, [r8]
    add r1, r2, r0, lsl #4

load_to_other_operand:
    ldr r0, [r8]
    add r1, r0, r2, lsl #4

load_hidden_by_one:
    ldr r0, [r8]
    mov r11, r11
    add r1, r0, r2

load_hidden_by_two:
    ldr r0, [r8]
    mov r11, r11
    mov r11, r11
    add r1, r0, r2

load_hidden_by_three:
    ldr r0, [r8]
    mov r11, r11
    mov r11, r11
    mov r11, r11
    add r1, r0, r2

@ Operands shifted by a register: the distance is sampled in the first cycle, the rest in the second

shift_register_issue:
    mov r0, r1, lsl r2
    mov r3, r4

shift_register_latency:
    mov r0, r1, lsl r2
    mov r3, r0

shift_register_to_shifted:
    mov r0, r1, lsl r2
    add r3, r4, r0, lsl #1

shift_register_to_base:
.before
    mov r5, #0
.measure
    mov r0, r8, lsl r5
    ldr r1, [r0]

shift_distance_is_early:
    mov r2, #1
    mov r0, r1, lsl r2

shift_by_register_rm_is_normal:
    mov r1, #1
    mov r0, r1, lsl r2

shift_by_register_rn_is_late:
    mov r1, #1
    add r0, r1, r3, lsl r2

load_to_distance:
    ldr r2, [r8]
    mov r0, r1, lsl r2

load_to_shifted_by_register:
    ldr r1, [r8]
    mov r0, r1, lsl r2

load_to_late_operand:
    ldr r1, [r8]
    add r0, r1, r3, lsl r2

@ Media instructions

parallel_add:
    sadd16 r0, r1, r2
    add r3, r0, #1

parallel_subtract_unsigned:
    usub8 r0, r1, r2
    add r3, r0, #1

parallel_add_halving:
    shadd16 r0, r1, r2
    add r3, r0, #1

parallel_subtract_halving:
    uhsub8 r0, r1, r2
    add r3, r0, #1

select_bytes:
    sel r0, r1, r2
    add r3, r0, #1

parallel_add_exchanged:
    saddsubx r0, r1, r2
    add r3, r0, #1

saturating_add:
    qadd r0, r1, r2
    add r3, r0, #1

saturating_subtract:
    qsub r0, r1, r2
    add r3, r0, #1

saturating_double_and_add:
    qdadd r0, r1, r2
    add r3, r0, #1

doubled_operand_is_early:
    mov r2, #1
    qdadd r0, r1, r2

other_operand_of_doubling:
    mov r1, #1
    qdsub r0, r1, r2

saturating_parallel_add:
    qadd16 r0, r1, r2
    add r3, r0, #1

saturating_parallel_unsigned:
    uqsub8 r0, r1, r2
    add r3, r0, #1

saturate_signed:
    ssat r0, #8, r1
    add r3, r0, #1

saturate_unsigned:
    usat r0, #8, r1
    add r3, r0, #1

saturated_operand_is_early:
    mov r1, #1
    ssat r0, #8, r1

saturate_halfwords:
    usat16 r0, #8, r1
    add r3, r0, #1

saturating_to_shifted:
    qadd r0, r1, r2
    add r3, r4, r0, lsl #1

pack_halfwords:
    pkhbt r0, r1, r2, lsl #16
    add r3, r0, #1

packed_operand_is_early:
    mov r2, #1
    pkhbt r0, r1, r2, lsl #16

pack_other_operand:
    mov r1, #1
    pkhtb r0, r1, r2, asr #16

extend_byte:
    sxtb r0, r1
    add r3, r0, #1

extend_halfword_rotated:
    mov r1, #1
    uxth r0, r1, ror #8

extend_and_add:
    mov r2, #1
    sxtab r0, r1, r2

extend_and_add_other_operand:
    mov r1, #1
    uxtah r0, r1, r2

extend_bytes_to_halfwords:
    uxtb16 r0, r1
    add r3, r0, #1

reverse_bytes:
    rev r0, r1
    add r3, r0, #1

reverse_halfwords:
    rev16 r0, r1
    revsh r3, r0

sum_of_differences_issue:
    usad8 r0, r1, r2

sum_of_differences_operand:
    mov r1, #1
    usad8 r0, r1, r2

sum_of_differences_second_operand:
    mov r2, #1
    usada8 r0, r1, r2, r3

sum_of_differences_accumulator:
    mov r3, #1
    usada8 r0, r1, r2, r3

accumulated_differences_latency:
    usada8 r0, r1, r2, r3
    add r4, r0, #1

@ Writing a register again

overwrite_alu_result:
    mov r0, #1
    mov r0, #2
    mov r1, r0

overwrite_awaited_load:
    ldr r0, [r8]
    mov r0, #1

use_behind_overwritten_load:
    ldr r0, [r8]
    mov r0, #1
    mov r1, r0
