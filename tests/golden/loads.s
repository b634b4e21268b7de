/* SPDX-License-Identifier: BSD-2-Clause */

@ Single loads and stores that hit the data cache: T36 and T76 16.10.

ldr_immediate:
    ldr r0, [r8, #4]
    add r1, r0, #1

ldr_negative_immediate:
    ldr r0, [r9, #-4]
    add r1, r0, #1

ldr_register_offset:
    ldr r0, [r8, r10]
    add r1, r0, #1

ldr_lsl_two:
    ldr r0, [r8, r10, lsl #2]
    add r1, r0, #1

ldr_post_indexed:
    ldr r0, [r1], #4
    add r2, r0, #1

ldr_post_indexed_register:
    ldr r0, [r1], r10
    add r2, r0, #1

ldr_pre_indexed:
    ldr r0, [r1, #4]!
    add r2, r0, #1

ldr_fast_issue:
    ldr r0, [r8, r10, lsl #2]

ldrb_latency:
    ldrb r0, [r8, #1]
    add r1, r0, #1

ldrh_latency:
    ldrh r0, [r8, #2]
    add r1, r0, #1

ldrsb_latency:
    ldrsb r0, [r8, #3]
    add r1, r0, #1

ldrsh_latency:
    ldrsh r0, [r8, #6]
    add r1, r0, #1

ldrt_latency:
    ldrt r0, [r1], #4
    add r2, r0, #1

@ Slow addresses: a negative register offset, or another shift than LSL #2

ldr_negative_register:
    ldr r0, [r9, -r10]

ldr_negative_register_latency:
    ldr r0, [r9, -r10]
    add r1, r0, #1

ldr_negative_lsl_two:
    ldr r0, [sp, -r10, lsl #2]

ldr_lsl_one:
    ldr r0, [r8, r10, lsl #1]

ldr_lsl_three:
    ldr r0, [r8, r10, lsl #3]

ldr_lsr_one:
    ldr r0, [r8, r10, lsr #1]

ldr_asr_one:
    ldr r0, [r8, r10, asr #1]

ldr_ror_one:
    ldr r0, [r8, r10, ror #1]

ldr_rrx:
    ldr r0, [r8, r10, rrx]

ldr_lsl_one_latency:
    ldr r0, [r8, r10, lsl #1]
    add r1, r0, #1

ldr_slow_then_early:
    ldr r0, [r8, r10, lsl #1]
    ldr r1, [r0]

ldrh_negative_register:
    ldrh r0, [r9, -r10]

ldr_post_indexed_negative:
    ldr r0, [r1], -r10

ldr_slow_occupies_two:
    ldr r0, [r8, r10, lsl #1]
    ldr r1, [r8]

str_negative_register:
    str r0, [r9, -r10]

str_lsl_three:
    str r0, [r8, r10, lsl #3]

str_fast_issue:
    str r0, [r8, r10, lsl #2]

strb_issue:
    strb r0, [r8, #1]

strh_issue:
    strh r0, [r8, #2]

strt_issue:
    strt r0, [r1], #4

@ Address and data registers

base_is_early:
    add r0, r8, #4
    ldr r1, [r0]

offset_is_early:
    mov r5, #4
    ldr r0, [r8, r5]

scaled_offset_is_early:
    mov r5, #4
    ldr r0, [r8, r5, lsl #2]

slow_offset_is_early:
    mov r5, #4
    ldr r0, [r9, -r5]

slow_base_is_normal:
    mov r5, r9
    ldr r0, [r5, -r10]

store_base_is_early:
    add r0, r8, #4
    str r1, [r0]

store_data_is_normal:
    mov r0, #1
    str r0, [r8]

load_to_store_data:
    ldr r0, [r8]
    str r0, [r8, #4]

load_to_store_base:
    ldr r0, [r8]
    str r1, [r0]

store_register_may_be_written:
    str r0, [r8]
    mov r0, #1

independent_loads:
    ldr r0, [r8]
    ldr r1, [r8, #4]

independent_stores:
    str r0, [r8]
    str r1, [r8, #4]

store_then_load:
    str r0, [r8]
    ldr r1, [r8]

chain_of_three_loads:
    ldr r0, [r8]
    ldr r1, [r0]
    ldr r2, [r1]

@ Base write-back: latency 1, 0 to a load or store straight behind

writeback_then_alu:
    ldr r0, [r1, #4]!
    add r2, r1, #1

writeback_then_load:
    ldr r0, [r1, #4]!
    ldr r2, [r1]

writeback_then_store:
    str r0, [r1], #4
    str r2, [r1]

writeback_then_shift:
    ldr r0, [r1], #4
    add r2, r3, r1, lsl #1

writeback_of_store:
    str r0, [r1], #4
    add r2, r1, #1

slow_writeback_then_alu:
    ldr r0, [r1], -r10
    add r2, r1, #1

streamed_copy:
    ldr r0, [r1], #4
    ldr r3, [r1], #4
    mov r11, r11
    mov r11, r11
    str r0, [r2], #4
    str r3, [r2], #4
    mov r11, r11
    mov r11, r11

@ Words and halfwords off their boundary, with SCTLR.U

unaligned_issue:
.before
    add r1, r8, #1
.measure
    ldr r0, [r1]

unaligned_latency:
.before
    add r1, r8, #1
.measure
    ldr r0, [r1]
    add r2, r0, #1

unaligned_occupies_two:
.before
    add r1, r8, #1
.measure
    ldr r0, [r1]
    ldr r2, [r8]

unaligned_by_offset:
    ldr r0, [r8, #2]
    add r2, r0, #1

unaligned_by_offset_occupies_two:
    ldr r0, [r8, #2]
    ldr r2, [r8]

potentially_unaligned_latency:
.before
    add r1, r8, #1
.measure
    ldr r0, [r1, #3]
    add r2, r0, #1

potentially_unaligned_occupies_two:
.before
    add r1, r8, #1
.measure
    ldr r0, [r1, #3]
    ldr r2, [r8]

unaligned_halfword_latency:
.before
    add r1, r8, #1
.measure
    ldrh r0, [r1]
    add r2, r0, #1

aligned_halfword_occupies_one:
    ldrh r0, [r8, #2]
    ldr r2, [r8]

odd_byte_occupies_one:
    ldrb r0, [r8, #1]
    ldr r2, [r8]

unaligned_store_occupies_two:
.before
    add r1, r8, #1
.measure
    str r0, [r1]
    ldr r2, [r8]

unaligned_slow:
.before
    add r1, r8, #13
.measure
    ldr r0, [r1, -r10]
    add r2, r0, #1

@ LDRD and STRD: T76 table 16-16

ldrd_aligned_first:
    ldrd r0, r1, [r8]
    add r2, r0, #1

ldrd_aligned_second:
    ldrd r0, r1, [r8]
    add r2, r1, #1

ldrd_aligned_occupies_one:
    ldrd r0, r1, [r8]
    ldr r2, [r8]

ldrd_unaligned_issue:
    ldrd r0, r1, [r8, #4]

ldrd_unaligned_first:
    ldrd r0, r1, [r8, #4]
    add r2, r0, #1

ldrd_unaligned_second:
    ldrd r0, r1, [r8, #4]
    add r2, r1, #1

ldrd_unaligned_occupies_two:
    ldrd r0, r1, [r8, #4]
    ldr r2, [r8]

ldrd_slow_issue:
    ldrd r0, r1, [sp, -r10]

ldrd_slow_first:
    ldrd r0, r1, [sp, -r10]
    add r2, r0, #1

ldrd_slow_second:
    ldrd r0, r1, [sp, -r10]
    add r2, r1, #1

ldrd_slow_unaligned_first:
    ldrd r0, r1, [r9, -r10]
    add r2, r0, #1

ldrd_slow_unaligned_second:
    ldrd r0, r1, [r9, -r10]
    add r2, r1, #1

ldrd_slow_unaligned_occupies_three:
    ldrd r0, r1, [r9, -r10]
    ldr r2, [r8]

ldrd_writeback:
    ldrd r0, r1, [r2], #8
    add r3, r2, #1

strd_issue:
    strd r0, r1, [r8]

strd_slow_issue:
    strd r0, r1, [sp, -r10]

strd_first_lock:
    strd r0, r1, [r8]
    mov r0, #1

strd_second_lock:
    strd r0, r1, [r8]
    mov r1, #1

strd_slow_first_lock:
    strd r0, r1, [sp, -r10]
    mov r0, #1

strd_slow_second_lock:
    strd r0, r1, [sp, -r10]
    mov r1, #1

strd_unaligned_occupies_two:
    strd r0, r1, [r8, #4]
    ldr r2, [r8]

strd_data:
    ldr r1, [r8]
    strd r0, r1, [r8]

@ Swaps and exclusive accesses: T76 table 16-21

swp_issue:
    swp r0, r1, [r8]

swp_latency:
    swp r0, r1, [r8]
    add r2, r0, #1

swp_occupies_two:
    swp r0, r1, [r8]
    ldr r2, [r8]

swp_base_is_early:
    add r2, r8, #4
    swp r0, r1, [r2]

swpb_issue:
    swpb r0, r1, [r8]

ldrex_issue:
    ldrex r0, [r8]

ldrex_latency:
    ldrex r0, [r8]
    add r2, r0, #1

ldrex_base_is_early:
    add r2, r8, #4
    ldrex r0, [r2]

strex_issue:
    ldrex r0, [r8]
    strex r1, r2, [r8]

strex_status:
    ldrex r0, [r8]
    strex r1, r2, [r8]
    add r3, r1, #1

exclusive_pair_with_data:
    ldrex r0, [r8]
    add r0, r0, #1
    strex r1, r0, [r8]
    mov r11, r11

@ PLD: as LDR, without a result

pld_issue:
    pld [r8]

pld_slow_issue:
    pld [r9, -r10]

pld_occupies_one:
    pld [r8]
    ldr r0, [r8]

pld_base_is_early:
    add r0, r8, #4
    pld [r0]

@ Literals

ldr_from_pc:
    ldr r0, [pc, #-8]
    add r1, r0, #1
