/* SPDX-License-Identifier: BSD-2-Clause */

@ Memory, L2 off: the model's rules 6 to 9. An external read is 60, a beat of the bus 4 cycles.
@ Data cache misses, in the section of the data, at an address that has just been invalidated

load_miss_issue:
.before
    add r5, r8, #0x40000
    mcr p15, 0, r5, c7, c6, 1
.measure
    ldr r0, [r5]

load_miss:
.before
    add r5, r8, #0x40000
    mcr p15, 0, r5, c7, c6, 1
.measure
    ldr r0, [r5]
    add r1, r0, #1

load_miss_critical_word_first:
.before
    add r5, r8, #0x40000
    mcr p15, 0, r5, c7, c6, 1
.measure
    ldr r0, [r5, #28]
    add r1, r0, #1

load_miss_to_base:
.before
    add r5, r8, #0x40000
    str r8, [r5]
    mcr p15, 0, r5, c7, c6, 1
.measure
    ldr r0, [r5]
    ldr r1, [r0]

load_miss_partly_hidden:
.before
    add r5, r8, #0x40000
    mcr p15, 0, r5, c7, c6, 1
.measure
    ldr r0, [r5]
    mov r11, r11
    mov r11, r11
    mov r11, r11
    mov r11, r11
    mov r11, r11
    mov r11, r11
    mov r11, r11
    mov r11, r11
    mov r11, r11
    mov r11, r11
    add r1, r0, #1

hit_under_miss:
.before
    add r5, r8, #0x40000
    mcr p15, 0, r5, c7, c6, 1
.measure
    ldr r0, [r5]
    ldr r1, [r8]
    add r2, r1, #1

hit_under_miss_off:
.before
    ldr r0, =SCTLR + 0x200000
    mcr p15, 0, r0, c1, c0, 0
    ldr r0, =0x80000007
    mcr p15, 0, r0, c1, c0, 1
    b over
    .ltorg
    over: ldr r0, [r8]
    add r5, r8, #0x40000
    mcr p15, 0, r5, c7, c6, 1
.measure
    ldr r0, [r5]
    ldr r1, [r8]
    add r2, r1, #1

two_misses:
.before
    add r5, r8, #0x40000
    mcr p15, 0, r5, c7, c6, 1
    add r6, r5, #32
    mcr p15, 0, r6, c7, c6, 1
.measure
    ldr r0, [r5]
    ldr r1, [r6]
    add r2, r1, #1

two_misses_first_result:
.before
    add r5, r8, #0x40000
    mcr p15, 0, r5, c7, c6, 1
    add r6, r5, #32
    mcr p15, 0, r6, c7, c6, 1
.measure
    ldr r0, [r5]
    ldr r1, [r6]
    add r2, r0, #1

line_arriving_same_doubleword:
.before
    add r5, r8, #0x40000
    mcr p15, 0, r5, c7, c6, 1
.measure
    ldr r0, [r5]
    ldr r1, [r5, #4]
    add r2, r1, #1

line_arriving_next_doubleword:
.before
    add r5, r8, #0x40000
    mcr p15, 0, r5, c7, c6, 1
.measure
    ldr r0, [r5]
    ldr r1, [r5, #8]
    add r2, r1, #1

line_arriving_last_doubleword:
.before
    add r5, r8, #0x40000
    mcr p15, 0, r5, c7, c6, 1
.measure
    ldr r0, [r5]
    ldr r1, [r5, #28]
    add r2, r1, #1

line_arriving_wraps:
.before
    add r5, r8, #0x40000
    mcr p15, 0, r5, c7, c6, 1
.measure
    ldr r0, [r5, #24]
    ldr r1, [r5]
    add r2, r1, #1

ldm_miss_two_words:
.before
    add r5, r8, #0x40000
    mcr p15, 0, r5, c7, c6, 1
.measure
    ldmia r5, {r0, r1}
    add r2, r1, #1

ldm_miss_line_first_register:
.before
    add r5, r8, #0x40000
    mcr p15, 0, r5, c7, c6, 1
.measure
    ldmia r5, {r0-r4, r6, r7, r12}
    add r10, r0, #1

ldm_miss_line_last_register:
.before
    add r5, r8, #0x40000
    mcr p15, 0, r5, c7, c6, 1
.measure
    ldmia r5, {r0-r4, r6, r7, r12}
    add r10, r12, #1

ldm_miss_two_lines:
.before
    add r5, r8, #0x40000
    mcr p15, 0, r5, c7, c6, 1
    add r6, r5, #32
    mcr p15, 0, r6, c7, c6, 1
    add r5, r5, #24
.measure
    ldmia r5, {r0-r3}
    add r10, r3, #1

data_cache_off:
.before
    ldr r0, =SCTLR - 4
    mcr p15, 0, r0, c1, c0, 0
    b over
    .ltorg
    over:
    ldr r0, [r8]
    mcr p15, 0, r0, c7, c10, 4
.measure
    ldr r0, [r8]
    add r1, r0, #1

load_miss_with_dirty_victim:
.before
    add r5, r8, #0x40000
    mcr p15, 0, r5, c7, c6, 1
    add r6, r5, #0x1000
    ldr r0, [r6]
    str r0, [r6]
    add r6, r6, #0x1000
    ldr r0, [r6]
    str r0, [r6]
    add r6, r6, #0x1000
    ldr r0, [r6]
    str r0, [r6]
    add r6, r6, #0x1000
    ldr r0, [r6]
    str r0, [r6]
    mcr p15, 0, r0, c7, c10, 4
.measure
    ldr r0, [r5]
    add r1, r0, #1

@ The write buffer: four doublewords, 12 cycles each

store_miss:
.before
    add r5, r8, #0x40000
    mcr p15, 0, r5, c7, c6, 1
.measure
    str r0, [r5]

four_store_misses:
.before
    add r5, r8, #0x40000
    mcr p15, 0, r5, c7, c6, 1
.measure
    str r0, [r5]
    str r0, [r5, #8]
    str r0, [r5, #16]
    str r0, [r5, #24]

five_store_misses:
.before
    add r5, r8, #0x40000
    mcr p15, 0, r5, c7, c6, 1
.measure
    str r0, [r5]
    str r0, [r5, #8]
    str r0, [r5, #16]
    str r0, [r5, #24]
    str r0, [r5]

six_store_misses:
.before
    add r5, r8, #0x40000
    mcr p15, 0, r5, c7, c6, 1
.measure
    str r0, [r5]
    str r0, [r5, #4]
    str r0, [r5, #8]
    str r0, [r5, #12]
    str r0, [r5, #16]
    str r0, [r5, #20]

five_store_hits:
    str r0, [r8]
    str r0, [r8, #8]
    str r0, [r8, #16]
    str r0, [r8, #24]
    str r0, [r8]

stm_miss_of_a_line:
.before
    add r5, r8, #0x40000
    mcr p15, 0, r5, c7, c6, 1
.measure
    stmia r5, {r0-r7}
    str r0, [r5, #32]

store_miss_then_barrier:
.before
    add r5, r8, #0x40000
    mcr p15, 0, r5, c7, c6, 1
.measure
    str r0, [r5]
    mcr p15, 0, r0, c7, c10, 4

store_miss_then_memory_barrier:
.before
    add r5, r8, #0x40000
    mcr p15, 0, r5, c7, c6, 1
.measure
    str r0, [r5]
    mcr p15, 0, r0, c7, c10, 5

four_store_misses_then_barrier:
.before
    add r5, r8, #0x40000
    mcr p15, 0, r5, c7, c6, 1
.measure
    str r0, [r5]
    str r0, [r5, #8]
    str r0, [r5, #16]
    str r0, [r5, #24]
    mcr p15, 0, r0, c7, c10, 4

store_miss_then_load_of_the_line:
.before
    add r5, r8, #0x40000
    mcr p15, 0, r5, c7, c6, 1
.measure
    str r0, [r5]
    ldr r1, [r5, #16]
    add r2, r1, #1

load_miss_then_barrier:
.before
    add r5, r8, #0x40000
    mcr p15, 0, r5, c7, c6, 1
.measure
    ldr r0, [r5]
    mcr p15, 0, r0, c7, c10, 4

@ Other kinds of memory

write_through_hit:
.before
    mov r5, #WRITE_THROUGH_DATA
    add r5, r5, #0x40000
    ldr r0, [r5]
.measure
    str r0, [r5]
    str r0, [r5]
    str r0, [r5]
    str r0, [r5]
    str r0, [r5]

write_through_load_hit:
.before
    mov r5, #WRITE_THROUGH_DATA
    add r5, r5, #0x40000
    ldr r0, [r5]
.measure
    ldr r0, [r5]
    add r1, r0, #1

not_cached_load:
.before
    ldr r5, =NOT_CACHED_DATA + 0x40000
    b over
    .ltorg
    over: ldr r0, [r5]
    mcr p15, 0, r0, c7, c10, 4
.measure
    ldr r0, [r5]
    add r1, r0, #1

two_not_cached_loads:
.before
    ldr r5, =NOT_CACHED_DATA + 0x40000
    b over
    .ltorg
    over: ldr r0, [r5]
    mcr p15, 0, r0, c7, c10, 4
.measure
    ldr r0, [r5]
    ldr r1, [r5, #4]
    add r2, r1, #1

not_cached_stores:
.before
    ldr r5, =NOT_CACHED_DATA + 0x40000
    b over
    .ltorg
    over: ldr r0, [r5]
    mcr p15, 0, r0, c7, c10, 4
.measure
    str r0, [r5]
    str r0, [r5]
    str r0, [r5]
    str r0, [r5]
    str r0, [r5]

not_cached_store_then_load:
.before
    ldr r5, =NOT_CACHED_DATA + 0x40000
    b over
    .ltorg
    over: ldr r0, [r5]
    mcr p15, 0, r0, c7, c10, 4
.measure
    str r0, [r5]
    ldr r1, [r5, #4]
    add r2, r1, #1

ordered_load:
.before
    ldr r5, =ORDERED_DATA + 0x40000
    b over
    .ltorg
    over: ldr r0, [r5]
    mcr p15, 0, r0, c7, c10, 4
.measure
    ldr r0, [r5]

ordered_load_result:
.before
    ldr r5, =ORDERED_DATA + 0x40000
    b over
    .ltorg
    over: ldr r0, [r5]
    mcr p15, 0, r0, c7, c10, 4
.measure
    ldr r0, [r5]
    add r1, r0, #1

ordered_store:
.before
    ldr r5, =ORDERED_DATA + 0x40000
    b over
    .ltorg
    over: ldr r0, [r5]
    mcr p15, 0, r0, c7, c10, 4
.measure
    str r0, [r5]

device_memory_load:
.before
    ldr r5, =DEVICE_DATA + 0x40000
    b over
    .ltorg
    over: ldr r0, [r5]
    mcr p15, 0, r0, c7, c10, 4
.measure
    ldr r0, [r5]

device_memory_stores:
.before
    ldr r5, =DEVICE_DATA + 0x40000
    b over
    .ltorg
    over: ldr r0, [r5]
    mcr p15, 0, r0, c7, c10, 4
.measure
    str r0, [r5]
    str r0, [r5]
    str r0, [r5]
    str r0, [r5]
    str r0, [r5]

peripheral_load:
.before
    ldr r5, =PERIPHERAL
    b over
    .ltorg
    over: ldr r0, [r5]
    mcr p15, 0, r0, c7, c10, 4
.measure
    ldr r0, [r5]

peripheral_load_result:
.before
    ldr r5, =PERIPHERAL
    b over
    .ltorg
    over: ldr r0, [r5]
    mcr p15, 0, r0, c7, c10, 4
.measure
    ldr r0, [r5]
    add r1, r0, #1

peripheral_store:
.before
    ldr r5, =PERIPHERAL
    b over
    .ltorg
    over: ldr r0, [r5]
    mcr p15, 0, r0, c7, c10, 4
.measure
    str r0, [r5]

peripheral_store_then_load:
.before
    ldr r5, =PERIPHERAL
    b over
    .ltorg
    over: ldr r0, [r5]
    mcr p15, 0, r0, c7, c10, 4
.measure
    str r0, [r5]
    ldr r1, [r5]

peripheral_store_then_barrier:
.before
    ldr r5, =PERIPHERAL
    b over
    .ltorg
    over: ldr r0, [r5]
    mcr p15, 0, r0, c7, c10, 4
.measure
    str r0, [r5]
    mcr p15, 0, r0, c7, c10, 4

ordered_peripheral_load:
.before
    ldr r5, =ORDERED_PERIPHERAL
    b over
    .ltorg
    over: ldr r0, [r5]
    mcr p15, 0, r0, c7, c10, 4
.measure
    ldr r0, [r5]

ordered_peripheral_store:
.before
    ldr r5, =ORDERED_PERIPHERAL
    b over
    .ltorg
    over: ldr r0, [r5]
    mcr p15, 0, r0, c7, c10, 4
.measure
    str r0, [r5]

@ Translation

micro_tlb_refill:
.before
    mov r0, #NOWHERE
    mcr p15, 0, r0, c8, c7, 1
.measure
    ldr r0, [r8]

micro_tlb_refill_result:
.before
    mov r0, #NOWHERE
    mcr p15, 0, r0, c8, c7, 1
.measure
    ldr r0, [r8]
    add r1, r0, #1

micro_tlb_refill_once:
.before
    mov r0, #NOWHERE
    mcr p15, 0, r0, c8, c7, 1
.measure
    ldr r0, [r8]
    ldr r1, [r8, #4]

walk_of_a_section:
.before
    mcr p15, 0, r8, c8, c7, 1
.measure
    ldr r0, [r8]

walk_of_a_small_page:
.before
    ldr r5, =PAGED_DATA + 0x10000
    b over
    .ltorg
    over: ldr r0, [r5]
    mcr p15, 0, r5, c8, c7, 1
.measure
    ldr r0, [r5]

walk_for_a_store:
.before
    mcr p15, 0, r8, c8, c7, 1
.measure
    str r0, [r8]

ten_pages_fit:
.before
    add r1, r8, #0x300000
    add r1, r1, #0x1000
    add r1, r1, #0x80
    add r2, r1, #0x100000
    add r2, r2, #0x1000
    add r2, r2, #0x20
    add r3, r2, #0x100000
    add r3, r3, #0x1000
    add r3, r3, #0x20
    add r4, r3, #0x100000
    add r4, r4, #0x1000
    add r4, r4, #0x20
    add r5, r4, #0x100000
    add r5, r5, #0x1000
    add r5, r5, #0x20
    add r6, r5, #0x100000
    add r6, r6, #0x1000
    add r6, r6, #0x20
    add r7, r6, #0x100000
    add r7, r7, #0x1000
    add r7, r7, #0x20
    add r9, r7, #0x100000
    add r9, r9, #0x1000
    add r9, r9, #0x20
    add r10, r9, #0x100000
    add r10, r10, #0x1000
    add r10, r10, #0x20
.measure
    ldr r0, [r8]
    ldr r0, [r1]
    ldr r0, [r2]
    ldr r0, [r3]
    ldr r0, [r4]
    ldr r0, [r5]
    ldr r0, [r6]
    ldr r0, [r7]
    ldr r0, [r9]
    ldr r0, [r10]

twenty_pages_do_not_fit:
.before
    add r1, r8, #0x300000
    add r1, r1, #0x1000
    add r1, r1, #0x80
    add r2, r1, #0xA00000
    add r2, r2, #0x10000
    mov r3, #10
    mov r4, #0x100000
    add r4, r4, #0x1000
    add r4, r4, #0x20
.measure
    again: ldr r0, [r1]
    ldr r0, [r2]
    add r1, r1, r4
    add r2, r2, r4
    subs r3, r3, #1
    bne again

@ Instruction side

fetch_miss_in_sequence:
.before
    adr r0, begin
    mcr p15, 0, r0, c7, c5, 1
.measure
    mov r11, r11

fetch_miss_of_a_line:
.before
    adr r0, begin
    mcr p15, 0, r0, c7, c5, 1
.measure
    mov r11, r11
    mov r11, r11
    mov r11, r11
    mov r11, r11
    mov r11, r11
    mov r11, r11
    mov r11, r11
    mov r11, r11

fetch_miss_behind_branch:
.before
    adr r0, target
    mcr p15, 0, r0, c7, c5, 1
.measure
    b target
    .space 60
    target: mov r11, r11

fetch_miss_in_mid_line:
.before
    adr r0, target
    mcr p15, 0, r0, c7, c5, 1
.measure
    b target
    .space 68
    target: mov r11, r11
    mov r11, r11
    mov r11, r11
    mov r11, r11
    mov r11, r11
    mov r11, r11

instruction_cache_off:
.before
    ldr r0, =SCTLR - 0x1000
    mcr p15, 0, r0, c1, c0, 0
    b over
    .ltorg
    over:
.measure
    mov r11, r11
    mov r11, r11
    mov r11, r11
    mov r11, r11
    mov r11, r11
    mov r11, r11
    mov r11, r11
    mov r11, r11
