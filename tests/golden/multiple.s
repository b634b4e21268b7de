/* SPDX-License-Identifier: BSD-2-Clause */

@ Loads and stores of several registers: T76 16.12. r8 is a multiple of 8, r9 is not.

ldm_1_occupies:
    ldmia r8, {r0}
    ldr r12, [r8]

ldm_2_occupies:
    ldmia r8, {r0-r1}
    ldr r12, [r8]

ldm_3_occupies:
    ldmia r8, {r0-r2}
    ldr r12, [r8]

ldm_4_occupies:
    ldmia r8, {r0-r3}
    ldr r12, [r8]

ldm_5_occupies:
    ldmia r8, {r0-r4}
    ldr r12, [r8]

ldm_6_occupies:
    ldmia r8, {r0-r5}
    ldr r12, [r8]

ldm_7_occupies:
    ldmia r8, {r0-r6}
    ldr r12, [r8]

ldm_8_occupies:
    ldmia r8, {r0-r7}
    ldr r12, [r8]

ldm_1_unaligned_occupies:
    ldmia r9, {r0}
    ldr r12, [r8]

ldm_2_unaligned_occupies:
    ldmia r9, {r0-r1}
    ldr r12, [r8]

ldm_3_unaligned_occupies:
    ldmia r9, {r0-r2}
    ldr r12, [r8]

ldm_4_unaligned_occupies:
    ldmia r9, {r0-r3}
    ldr r12, [r8]

ldm_5_unaligned_occupies:
    ldmia r9, {r0-r4}
    ldr r12, [r8]

ldm_6_unaligned_occupies:
    ldmia r9, {r0-r5}
    ldr r12, [r8]

ldm_7_unaligned_occupies:
    ldmia r9, {r0-r6}
    ldr r12, [r8]

ldm_8_unaligned_occupies:
    ldmia r9, {r0-r7}
    ldr r12, [r8]

stm_1_occupies:
    stmia r8, {r0}
    ldr r12, [r8]

stm_2_occupies:
    stmia r8, {r0-r1}
    ldr r12, [r8]

stm_3_occupies:
    stmia r8, {r0-r2}
    ldr r12, [r8]

stm_4_occupies:
    stmia r8, {r0-r3}
    ldr r12, [r8]

stm_5_occupies:
    stmia r8, {r0-r4}
    ldr r12, [r8]

stm_6_occupies:
    stmia r8, {r0-r5}
    ldr r12, [r8]

stm_7_occupies:
    stmia r8, {r0-r6}
    ldr r12, [r8]

stm_8_occupies:
    stmia r8, {r0-r7}
    ldr r12, [r8]

stm_1_unaligned_occupies:
    stmia r9, {r0}
    ldr r12, [r8]

stm_2_unaligned_occupies:
    stmia r9, {r0-r1}
    ldr r12, [r8]

stm_5_unaligned_occupies:
    stmia r9, {r0-r4}
    ldr r12, [r8]

stm_8_unaligned_occupies:
    stmia r9, {r0-r7}
    ldr r12, [r8]

@ Latencies by register

ldm_latency_of_register_0:
    ldmia r8, {r0-r7}
    add r12, r0, #1

ldm_latency_of_register_1:
    ldmia r8, {r0-r7}
    add r12, r1, #1

ldm_latency_of_register_2:
    ldmia r8, {r0-r7}
    add r12, r2, #1

ldm_latency_of_register_3:
    ldmia r8, {r0-r7}
    add r12, r3, #1

ldm_latency_of_register_4:
    ldmia r8, {r0-r7}
    add r12, r4, #1

ldm_latency_of_register_5:
    ldmia r8, {r0-r7}
    add r12, r5, #1

ldm_latency_of_register_6:
    ldmia r8, {r0-r7}
    add r12, r6, #1

ldm_latency_of_register_7:
    ldmia r8, {r0-r7}
    add r12, r7, #1

ldm_unaligned_latency_of_register_0:
    ldmia r9, {r0-r6}
    add r12, r0, #1

ldm_unaligned_latency_of_register_1:
    ldmia r9, {r0-r6}
    add r12, r1, #1

ldm_unaligned_latency_of_register_2:
    ldmia r9, {r0-r6}
    add r12, r2, #1

ldm_unaligned_latency_of_register_3:
    ldmia r9, {r0-r6}
    add r12, r3, #1

ldm_unaligned_latency_of_register_4:
    ldmia r9, {r0-r6}
    add r12, r4, #1

ldm_unaligned_latency_of_register_5:
    ldmia r9, {r0-r6}
    add r12, r5, #1

ldm_unaligned_latency_of_register_6:
    ldmia r9, {r0-r6}
    add r12, r6, #1

@ Locks by register

stm_lock_of_register_0:
    stmia r8, {r0-r6}
    mov r0, #0

stm_lock_of_register_1:
    stmia r8, {r0-r6}
    mov r1, #0

stm_lock_of_register_2:
    stmia r8, {r0-r6}
    mov r2, #0

stm_lock_of_register_3:
    stmia r8, {r0-r6}
    mov r3, #0

stm_lock_of_register_4:
    stmia r8, {r0-r6}
    mov r4, #0

stm_lock_of_register_5:
    stmia r8, {r0-r6}
    mov r5, #0

stm_lock_of_register_6:
    stmia r8, {r0-r6}
    mov r6, #0

stm_unaligned_lock_of_register_0:
    stmia r9, {r0-r6}
    mov r0, #0

stm_unaligned_lock_of_register_1:
    stmia r9, {r0-r6}
    mov r1, #0

stm_unaligned_lock_of_register_2:
    stmia r9, {r0-r6}
    mov r2, #0

stm_unaligned_lock_of_register_3:
    stmia r9, {r0-r6}
    mov r3, #0

stm_unaligned_lock_of_register_4:
    stmia r9, {r0-r6}
    mov r4, #0

stm_unaligned_lock_of_register_5:
    stmia r9, {r0-r6}
    mov r5, #0

stm_unaligned_lock_of_register_6:
    stmia r9, {r0-r6}
    mov r6, #0

@ What waits and what does not

ldm_issue:
    ldmia r8, {r0-r7}

stm_issue:
    stmia r8, {r0-r7}

ldm_leaves_the_alu_free:
    ldmia r8, {r0-r7}
    add r12, r10, #1
    add r11, r10, #1

ldm_result_hidden:
    ldmia r8, {r0-r3}
    mov r11, r11
    mov r11, r11
    add r12, r2, #1

ldm_to_early:
    ldmia r8, {r0-r3}
    ldr r12, [r2]

stm_awaits_its_registers:
    ldr r3, [r8]
    stmia r8, {r1-r4}

stm_awaits_a_product:
    mul r3, r1, r2
    stmia r8, {r1-r4}

stm_behind_alu:
    mov r3, #1
    stmia r8, {r1-r4}

ldm_awaits_its_registers:
    ldr r3, [r8]
    ldmia r8, {r1-r4}

ldm_base_is_early:
    mov r1, r8
    ldmia r1, {r2, r3}

stm_base_is_early:
    mov r1, r8
    stmia r1, {r2, r3}

overwrite_register_of_ldm:
    ldmia r8, {r0-r3}
    mov r3, #0

ldm_behind_ldm:
    ldmia r8, {r0-r3}
    ldmia r8, {r4-r7}

copy_of_four_words:
    ldmia r8, {r0-r3}
    stmia r9, {r0-r3}
    mov r11, r11

ldm_writeback:
    ldmia r1!, {r2, r3}
    add r4, r1, #1

ldm_writeback_to_ldm:
    ldmia r1!, {r2-r5}
    ldmia r1!, {r6, r7}

@ The address that counts is the lowest one

ldmdb_aligned:
    ldmdb sp, {r0-r3}
    ldr r12, [r8]

ldmdb_unaligned:
    ldmdb sp, {r0-r2}
    ldr r12, [r8]

ldmib_unaligned:
    ldmib r8, {r0, r1}
    ldr r12, [r8]

ldmda_aligned:
    ldmda r9, {r0, r1}
    ldr r12, [r8]

push_aligned:
    push {r0-r2, lr}
    ldr r12, [r8]

push_unaligned:
    push {r0-r3, lr}
    ldr r12, [r8]

push_then_overwrite:
    push {r4-r7, lr}
    mov r7, #0

push_then_pop:
    push {r4-r7}
    pop {r4-r7}
    mov r11, r11

@ The user bank: as the plain form

ldm_user_bank:
.before
    cps #0x13
.measure
    ldmia r8, {r0-r7, sp, lr}^
    add r12, r4, #1

stm_user_bank:
.before
    cps #0x13
.measure
    stmia r8, {r0-r7, sp, lr}^
    ldr r12, [r8]
