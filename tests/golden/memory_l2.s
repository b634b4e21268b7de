/* SPDX-License-Identifier: BSD-2-Clause */

@ Memory with L2 on: a hit is 26, a miss 96 cycles.

l2_load_hit:
.before
    mov r1, #L2CC
    mov r0, #1
    str r0, [r1, #0x100]
    add r5, r8, #0x40000
    ldr r0, [r5]
    mcr p15, 0, r5, c7, c6, 1
    mcr p15, 0, r0, c7, c10, 4
.measure
    ldr r0, [r5]
    add r1, r0, #1

l2_load_miss:
.before
    mov r1, #L2CC
    mov r0, #1
    str r0, [r1, #0x100]
    add r5, r8, #0x40000
    mcr p15, 0, r5, c7, c6, 1
    str r5, [r1, #0x770]
    mcr p15, 0, r0, c7, c10, 4
.measure
    ldr r0, [r5]
    add r1, r0, #1

l2_two_load_hits:
.before
    mov r1, #L2CC
    mov r0, #1
    str r0, [r1, #0x100]
    add r5, r8, #0x40000
    add r6, r5, #32
    ldr r0, [r5]
    ldr r0, [r6]
    mcr p15, 0, r5, c7, c6, 1
    mcr p15, 0, r6, c7, c6, 1
    mcr p15, 0, r0, c7, c10, 4
.measure
    ldr r0, [r5]
    ldr r1, [r6]
    add r2, r1, #1

l2_line_arriving:
.before
    mov r1, #L2CC
    mov r0, #1
    str r0, [r1, #0x100]
    add r5, r8, #0x40000
    ldr r0, [r5]
    mcr p15, 0, r5, c7, c6, 1
    mcr p15, 0, r0, c7, c10, 4
.measure
    ldr r0, [r5]
    ldr r1, [r5, #8]
    add r2, r1, #1

l2_written_line_is_there:
.before
    mov r1, #L2CC
    mov r0, #1
    str r0, [r1, #0x100]
    add r5, r8, #0x40000
    mcr p15, 0, r5, c7, c6, 1
    str r5, [r1, #0x770]
    str r0, [r5]
    mcr p15, 0, r0, c7, c10, 4
.measure
    ldr r0, [r5]
    add r1, r0, #1

l2_not_cached_load:
.before
    mov r1, #L2CC
    mov r0, #1
    str r0, [r1, #0x100]
    ldr r5, =NOT_CACHED_DATA + 0x40000
    b over
    .ltorg
    over: ldr r0, [r5]
    mcr p15, 0, r0, c7, c10, 4
.measure
    ldr r0, [r5]
    add r1, r0, #1

l2_ordered_load:
.before
    mov r1, #L2CC
    mov r0, #1
    str r0, [r1, #0x100]
    ldr r5, =ORDERED_DATA + 0x40000
    b over
    .ltorg
    over: ldr r0, [r5]
    mcr p15, 0, r0, c7, c10, 4
.measure
    ldr r0, [r5]

l2_peripheral_load:
.before
    mov r1, #L2CC
    mov r0, #1
    str r0, [r1, #0x100]
    ldr r5, =PERIPHERAL
    b over
    .ltorg
    over: ldr r0, [r5]
    mcr p15, 0, r0, c7, c10, 4
.measure
    ldr r0, [r5]

l2_store_miss_then_barrier:
.before
    mov r1, #L2CC
    mov r0, #1
    str r0, [r1, #0x100]
    add r5, r8, #0x40000
    mcr p15, 0, r5, c7, c6, 1
    mcr p15, 0, r0, c7, c10, 4
.measure
    str r0, [r5]
    mcr p15, 0, r0, c7, c10, 4

@ Walks go through L2 if TTBR0 says so

l2_walk_outside:
.before
    mov r1, #L2CC
    mov r0, #1
    str r0, [r1, #0x100]
    mcr p15, 0, r0, c7, c10, 4
    mcr p15, 0, r8, c8, c7, 1
.measure
    ldr r0, [r8]

l2_walk_hit:
.before
    mov r1, #L2CC
    mov r0, #1
    str r0, [r1, #0x100]
    mrc p15, 0, r0, c2, c0, 0
    orr r0, r0, #0x18
    mcr p15, 0, r0, c2, c0, 0
    mcr p15, 0, r8, c8, c7, 1
    ldr r0, [r8]
    mcr p15, 0, r8, c8, c7, 1
    mcr p15, 0, r0, c7, c10, 4
.measure
    ldr r0, [r8]

l2_walk_miss:
.before
    mov r1, #L2CC
    mov r0, #1
    str r0, [r1, #0x100]
    mrc p15, 0, r0, c2, c0, 0
    orr r0, r0, #0x18
    mcr p15, 0, r0, c2, c0, 0
    ldr r0, =TABLE + 0x2008
    b over
    .ltorg
    over: str r0, [r1, #0x770]
    mcr p15, 0, r0, c7, c10, 4
    mcr p15, 0, r8, c8, c7, 1
.measure
    ldr r0, [r8]

@ Instruction side

l2_fetch_hit:
.before
    mov r1, #L2CC
    mov r0, #1
    str r0, [r1, #0x100]
    adr r0, begin
    mcr p15, 0, r0, c7, c10, 4
    adr r0, begin
    mcr p15, 0, r0, c7, c5, 1
.measure
    mov r11, r11

l2_fetch_hit_of_a_line:
.before
    mov r1, #L2CC
    mov r0, #1
    str r0, [r1, #0x100]
    adr r0, begin
    mcr p15, 0, r0, c7, c10, 4
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

l2_fetch_miss:
.before
    mov r1, #L2CC
    mov r0, #1
    str r0, [r1, #0x100]
    adr r0, begin
    str r0, [r1, #0x770]
    mcr p15, 0, r0, c7, c10, 4
    mcr p15, 0, r0, c7, c5, 1
.measure
    mov r11, r11

@ Maintenance through the registers of the L2CC: 4 for each line examined

l2_sync:
.before
    mov r1, #L2CC
    mov r0, #0
    ldr r2, [r1, #0x100]
    mcr p15, 0, r0, c7, c10, 4
.measure
    str r0, [r1, #0x730]

l2_invalidate_line:
.before
    mov r1, #L2CC
    ldr r2, [r1, #0x100]
    mcr p15, 0, r0, c7, c10, 4
.measure
    str r8, [r1, #0x770]

l2_clean_line:
.before
    mov r1, #L2CC
    ldr r2, [r1, #0x100]
    mcr p15, 0, r0, c7, c10, 4
.measure
    str r8, [r1, #0x7B0]

l2_invalidate_way:
.before
    mov r1, #L2CC
    mov r0, #1
    ldr r2, [r1, #0x100]
    mcr p15, 0, r0, c7, c10, 4
.measure
    str r0, [r1, #0x77C]

l2_invalidate_all:
.before
    mov r1, #L2CC
    mov r0, #0xFF
    ldr r2, [r1, #0x100]
    mcr p15, 0, r0, c7, c10, 4
.measure
    str r0, [r1, #0x77C]
