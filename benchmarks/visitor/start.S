/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way into the kernel: from the loader, and from exceptions.
 *
 * Memory, physical: 0x80004000 first-level table of the start (XP=0), 0x80008000 that of the kernel
 * (XP=1, TTBR1), 0x80100000 the kernel, 0x80200000 to 0x81000000 pages to give out.
 */

    .arm

    .equ WINDOW,        0x40000000
    .equ RUNS,          0x80100000
    .equ OLD_TABLE,     0x80004000
    .equ OLD_PAGES,     0x80001C00      @ a second-level table in the old format
    .equ NEW_TABLE,     0x80008000
    .equ NO_USER,       0x80003000      @ a first-level table of 4 KB without anything
    .equ PROBE,         0xD0000000      @ the kernel's first page again, in the old format only
    .equ MODE_SVC,      0x13

    .section .text.start, "ax"
    .global _start
/* From the loader: MMU off, at any address. r0: 0 to end after one generation, else go on. */
_start:
    cpsid   if, #MODE_SVC
    mov     r10, r0
    adr     r0, _start
    ldr     r1, =RUNS
    ldr     r2, =image_size
    add     r2, r1, r2
move:
    ldmia   r0!, {r3-r8}
    stmia   r1!, {r3-r8}
    cmp     r1, r2
    blo     move
    ldr     r0, =image_end - WINDOW
    ldr     r1, =bss_end - WINDOW
    mov     r2, #0
clear:
    str     r2, [r0], #4
    cmp     r0, r1
    blo     clear
    ldr     r1, =RUNS + (moved - _start)
    bx      r1                          @ the copy goes on

/* Old format: 16 MB of sections at their own address and in the window, one small page with four
   permission fields of its own. */
moved:
    ldr     r0, =NO_USER
    ldr     r1, =OLD_TABLE + 0x4000
    mov     r2, #0
    mov     r3, r0
empty:
    str     r2, [r3], #4
    cmp     r3, r1
    blo     empty
    ldr     r0, =OLD_TABLE + (0x800 << 2)
    ldr     r1, =OLD_TABLE + (0xC00 << 2)
    ldr     r2, =0x8000040E             @ privileged only, write-back
    mov     r3, #16
sections:
    str     r2, [r0], #4
    str     r2, [r1], #4
    add     r2, r2, #0x100000
    subs    r3, r3, #1
    bne     sections
    ldr     r0, =OLD_PAGES
    orr     r1, r0, #1
    ldr     r2, =OLD_TABLE + (PROBE >> 18)
    str     r1, [r2]
    ldr     r1, =RUNS | 0xDDE           @ AP3 to AP0: 11 01 11 01; C, B; small page
    str     r1, [r0]
    mov     r0, #0
    mcr     p15, 0, r0, c7, c7, 0       @ caches
    mcr     p15, 0, r0, c8, c7, 0       @ TLB
    mcr     p15, 0, r0, c2, c0, 2       @ TTBCR
    ldr     r0, =OLD_TABLE
    mcr     p15, 0, r0, c2, c0, 0
    mov     r0, #1
    mcr     p15, 0, r0, c3, c0, 0       @ domain 0: client
    mcr     p15, 0, r0, c7, c10, 4
    mrc     p15, 0, r0, c1, c0, 0
    ldr     r1, =0x00801005 | 0x800     @ XP, I, Z, C, M
    bic     r2, r0, r1
    bic     r1, r1, #0x00800000         @ XP stays 0 for now
    orr     r0, r2, r1
    mcr     p15, 0, r0, c1, c0, 0
    mcr     p15, 0, r0, c7, c5, 4
    ldr     pc, =high

/* In the window, still on the old tables: each quarter of the probe page shows the kernel. */
high:
    ldr     r0, =PROBE
    ldr     r1, =image_start
    mov     r9, #0
    mov     r2, #4
quarter:
    ldr     r3, [r0], #0x400
    ldr     r4, [r1], #0x400
    cmp     r3, r4
    addeq   r9, r9, #1
    subs    r2, r2, #1
    bne     quarter
    ldr     sp, =kernel_stack_top
    bl      make_tables                 @ the kernel's own, in the new format
    mov     r0, #0
    mcr     p15, 0, r0, c7, c10, 0      @ walks do not look into the cache
    mcr     p15, 0, r0, c7, c10, 4
    mrc     p15, 0, r0, c1, c0, 0
    ldr     r1, =0x00C02000             @ XP, U and high vectors
    orr     r0, r0, r1
    mcr     p15, 0, r0, c1, c0, 0       @ sections mean the same in both formats
    ldr     r0, =NEW_TABLE | 0x18
    mcr     p15, 0, r0, c2, c0, 1       @ TTBR1
    mov     r0, #2
    mcr     p15, 0, r0, c2, c0, 2       @ TTBR0 has the lowest gigabyte
    ldr     r0, =NO_USER | 0x18
    mcr     p15, 0, r0, c2, c0, 0
    mov     r0, #0
    mcr     p15, 0, r0, c7, c5, 4
    mcr     p15, 0, r0, c8, c7, 0
    mcr     p15, 0, r0, c7, c5, 6
    mcr     p15, 0, r0, c7, c10, 4
    mcr     p15, 0, r0, c7, c5, 4
    mov     r0, r10
    mov     r1, r9
    bl      kernel_main                 @ the first context
    b       resume
    .ltorg

/*
 * Exceptions of user mode. sp_svc points behind the context of the running process: 15 registers,
 * then pc and CPSR. Each handler is given the context, and returns that of whom to go on with.
 */
    .macro enter mode_return, handler
    sub     lr, lr, #\mode_return
    srsdb   sp!, #MODE_SVC
    cps     #MODE_SVC
    stmdb   sp, {r0-lr}^
    sub     r0, sp, #60
    ldr     sp, =kernel_stack_top
    bl      \handler
    b       resume
    .endm

    .global enter_svc, enter_irq, enter_prefetch, enter_data, enter_undefined
enter_svc:
    srsdb   sp!, #MODE_SVC
    stmdb   sp, {r0-lr}^
    sub     r0, sp, #60
    ldr     sp, =kernel_stack_top
    bl      handle_call
resume:
    mov     sp, r0
    ldmia   sp, {r0-lr}^
    nop                                 @ no banked register right behind it
    add     sp, sp, #60
    rfeia   sp!
enter_irq:
    enter   4, handle_interrupt
enter_prefetch:
    enter   4, handle_prefetch_abort
enter_data:
    enter   8, handle_data_abort
enter_undefined:
    enter   4, handle_undefined
    .ltorg

/* Copied to 0xFFFF0000. */
    .global vectors, vectors_end
vectors:
    b       .
    ldr     pc, vector_undefined
    ldr     pc, vector_svc
    ldr     pc, vector_prefetch
    ldr     pc, vector_data
    b       .
    ldr     pc, vector_irq
    b       .
vector_undefined: .word enter_undefined
vector_svc:       .word enter_svc
vector_prefetch:  .word enter_prefetch
vector_data:      .word enter_data
vector_irq:       .word enter_irq
vectors_end:

/* finish(): end the run. */
    .global finish
finish:
    mov     r0, #0x18
    ldr     r1, =0x20026
    svc     #0x123456
    b       .
    .ltorg

    .bss
    .align 3
    .space 4096
    .global kernel_stack_top
kernel_stack_top:
