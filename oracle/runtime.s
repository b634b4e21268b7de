/* SPDX-License-Identifier: BSD-2-Clause */
@ What stands around every program: start, exception handlers, and the dump of the state.
@
@ A program begins at `program` in SVC mode: A, I and F set, MMU off, flags and r0-r11 zero, a stack
@ for each mode, r12 = RESULT (r12_fiq = RESULT_FIQ). It writes its results with `put`, and ends with
@ `end` (in a privileged mode) or `svc #0x3f` (anywhere).
@
@ Unless `on` has named another handler, an exception is written to LOG, and the program goes on
@ behind the instruction. A prefetch abort goes to the address in RESUME, if that is not zero. An
@ IRQ or FIQ calls the routine in IRQ_BODY or FIQ_BODY, which may change r0-r3.

.macro put register
    str     \register, [r12], #4
.endm
.macro put_flags                         @ with a result in r0: spoils r11
    mrs     r11, cpsr
    str     r11, [r12], #4
.endm
.macro put_both                          @ r0 and the flags: spoils r11
    str     r0, [r12], #4
    mrs     r11, cpsr
    str     r11, [r12], #4
.endm
.macro one instruction                   @ its r0, and the flags
    \instruction
    put_both
.endm
.macro pairs body, values, count         @ calls it with all pairs in r1 and r2: spoils r4-r11
    ldr     r8, =\body
    ldr     r9, =\values
    mov     r10, #\count
    bl      all_pairs
.endm
.macro end
    b       finish
.endm
.macro poke address, value               @ spoils r0, r1
    ldr     r0, =\address
    ldr     r1, =\value
    str     r1, [r0]
.endm
.macro peek address                      @ spoils r0
    ldr     r0, =\address
    ldr     r0, [r0]
    put     r0
.endm
.macro on kind, handler                  @ spoils r0, r1
    ldr     r0, =TRAMPOLINES + 8 * \kind + 4
    ldr     r1, =\handler
    str     r1, [r0]
.endm
.macro resume_at label
    push    {r0, r1}
    poke    RESUME, \label
    pop     {r0, r1}
.endm
.macro vfp_on                            @ spoils r0
    mov     r0, #0xF00000
    mcr     p15, 0, r0, c1, c0, 2
    mcr     p15, 0, r0, c7, c5, 4
    mov     r0, #0x40000000
    vmsr    fpexc, r0
    mov     r0, #0
    vmsr    fpscr, r0
.endm
.macro flush_tlb                         @ spoils r0
    mov     r0, #0
    mcr     p15, 0, r0, c8, c7, 0
    mcr     p15, 0, r0, c7, c10, 4
    mcr     p15, 0, r0, c7, c5, 4
.endm
.macro set_control set, clear            @ of SCTLR: spoils r0, r1
    mrc     p15, 0, r0, c1, c0, 0
    ldr     r1, =\set
    orr     r0, r0, r1
    ldr     r1, =\clear
    bic     r0, r0, r1
    mcr     p15, 0, r0, c1, c0, 0
    mcr     p15, 0, r0, c7, c5, 4
.endm
.macro to_user                           @ A, I and F as they are
    cps     #0x10
.endm
.macro to_supervisor                     @ back from ARM state in user mode
    svc     #0x3E
.endm
SPLIT_HERE
    .ltorg
    .align  4
start:
    cps     #0x11
    ldr     sp, =STACKS + 0x1000
    ldr     r12, =RESULT_FIQ
    cps     #0x12
    ldr     sp, =STACKS + 0x2000
    cps     #0x17
    ldr     sp, =STACKS + 0x3000
    cps     #0x1b
    ldr     sp, =STACKS + 0x4000
    cps     #0x1f
    ldr     sp, =STACKS + 0x5000
    cps     #0x13
    ldr     sp, =STACKS + 0x6000
    poke    LOG_NEXT, LOG
    mov     r0, #0
    mov     r1, #0
    ldr     r12, =RESULT
    msr     cpsr_f, #0
    b       program

.macro log_it kind                       @ pushes r0-r3 and lr; leaves spsr in r1
    push    {r0-r3, lr}
    ldr     r0, =LOG_NEXT
    ldr     r2, [r0]
    mov     r1, #\kind
    str     r1, [r2], #4
    str     lr, [r2], #4
    mrs     r1, spsr
    str     r1, [r2], #4
    mrs     r3, cpsr
    str     r3, [r2], #4
    mrc     p15, 0, r3, c5, c0, 0
    str     r3, [r2], #4
    mrc     p15, 0, r3, c5, c0, 1
    str     r3, [r2], #4
    mrc     p15, 0, r3, c6, c0, 0
    str     r3, [r2], #4
    str     r12, [r2], #4
    str     r2, [r0]
.endm

on_undefined:
    log_it  1
    ldm     sp!, {r0-r3, pc}^

on_svc:
    push    {r0}
    mrs     r0, spsr
    tst     r0, #0x20
    ldrhne  r0, [lr, #-2]
    ldreq   r0, [lr, #-4]
    and     r0, r0, #0xFF
    cmp     r0, #0x3F
    bne     not_the_end
    pop     {r0}
    b       finish
not_the_end:
    cmp     r0, #0x3E
    pop     {r0}
    moveq   pc, lr                       @ `to_supervisor`
    log_it  2
    ldm     sp!, {r0-r3, pc}^

on_prefetch_abort:
    log_it  3
    ldr     r0, =RESUME
    ldr     r2, [r0]
    cmp     r2, #0
    mov     r3, #0
    str     r3, [r0]
    bne     go_on_at_r2
    tst     r1, #0x20
    ldr     r2, [sp, #16]
    subne   r2, r2, #2
go_on_at_r2:
    str     r2, [sp, #16]
    ldm     sp!, {r0-r3, pc}^

on_data_abort:
    log_it  4
    tst     r1, #0x20
    ldr     r2, [sp, #16]
    sub     r2, r2, #4
    subne   r2, r2, #2
    str     r2, [sp, #16]
    ldm     sp!, {r0-r3, pc}^

on_irq:
    sub     lr, lr, #4
    push    {r0-r3, lr}
    ldr     r0, =IRQ_BODY
    ldr     r0, [r0]
    blx     r0
    ldm     sp!, {r0-r3, pc}^

on_fiq:
    sub     lr, lr, #4
    push    {r0-r3, lr}
    ldr     r0, =FIQ_BODY
    ldr     r0, [r0]
    blx     r0
    ldm     sp!, {r0-r3, pc}^

on_nothing:
    log_it  9
    b       finish

all_pairs:
    push    {lr}
    mov     r4, #0
all_first:
    mov     r5, #0
all_second:
    ldr     r1, [r9, r4, lsl #2]
    ldr     r2, [r9, r5, lsl #2]
    mov     r0, #0
    msr     cpsr_f, #0
    blx     r8
    add     r5, r5, #1
    cmp     r5, r10
    bne     all_second
    add     r4, r4, #1
    cmp     r4, r10
    bne     all_first
    pop     {pc}

@ Tries r1 with every kind of access: as privileged, with LDRT and STRT, and from user mode.
probe:
    mov     r10, lr
    ldr     r2, [r1]
    put     r2
    str     r2, [r1, #8]
    mov     r2, #0
    ldrt    r2, [r1]
    put     r2
    strt    r2, [r1]
    strbt   r2, [r1]
    ldrbt   r2, [r1]
    to_user
    ldr     r2, [r1, #4]
    str     r2, [r1, #12]
    to_supervisor
    bx      r10

@ Maps every megabyte to itself (full access, domain 0, client), and the last to where the vectors
@ are: both table formats read these words alike. Spoils r0-r3.
flat_map:
    ldr     r0, =TABLE
    ldr     r1, =0xC02
    mov     r2, #0x1000
flat_map_next:
    str     r1, [r0], #4
    add     r1, r1, #0x100000
    subs    r2, r2, #1
    bne     flat_map_next
    ldr     r1, =HIGH_PAGE - 0xF0000 + 0xC02
    str     r1, [r0, #-4]
    ldr     r0, =TABLE
    mcr     p15, 0, r0, c2, c0, 0
    mov     r0, #0
    mcr     p15, 0, r0, c2, c0, 2
    mcr     p15, 0, r0, c7, c7, 0
    mcr     p15, 0, r0, c8, c7, 0
    mcr     p15, 0, r0, c7, c10, 4
    mov     r0, #1
    mcr     p15, 0, r0, c3, c0, 0
    bx      lr

@ The MMU with that map in the format of ARMv6 (XP), or with subpages. Spoils r0-r3.
mmu_on:
    mov     r3, lr
    bl      flat_map
    mov     lr, r3
    set_control 0x800001, 0
    bx      lr
mmu_on_subpages:
    mov     r3, lr
    bl      flat_map
    mov     lr, r3
    set_control 1, 0x800000
    bx      lr

    .ltorg
finish_r0:
    .word   0
finish:
    setend  le
    str     r0, [pc, #-16]               @ finish_r0
    ldr     r0, =STATE
    stmib   r0, {r1-r14}
    ldr     r1, finish_r0
    str     r1, [r0]
    mrs     r1, cpsr
    str     r1, [r0, #60]
    add     r0, r0, #64
    cpsid   aif, #0x1f
    stm     r0!, {r8-r14}
.macro dump_bank mode
    cps     #\mode
    str     r13, [r0], #4
    str     r14, [r0], #4
    mrs     r1, spsr
    str     r1, [r0], #4
.endm
    dump_bank 0x13
    dump_bank 0x17
    dump_bank 0x1b
    dump_bank 0x12
    cps     #0x11
    stm     r0!, {r8-r14}
    mrs     r1, spsr
    str     r1, [r0], #4
    cps     #0x13
.macro dump_control n, m, opcode
    mrc     p15, 0, r1, \n, \m, \opcode
    str     r1, [r0], #4
.endm
    dump_control c1, c0, 0
    dump_control c1, c0, 1
    mrc     p15, 0, r1, c1, c0, 2
    bic     r1, r1, #0xC0000000          @ QEMU sets two bits of later architectures
    str     r1, [r0], #4
    dump_control c2, c0, 0
    dump_control c2, c0, 1
    dump_control c2, c0, 2
    dump_control c3, c0, 0
    dump_control c5, c0, 0
    dump_control c5, c0, 1
    dump_control c6, c0, 0
    dump_control c13, c0, 0
    dump_control c13, c0, 1
    mov     r1, #0xF00000
    mcr     p15, 0, r1, c1, c0, 2
    mcr     p15, 0, r1, c7, c5, 4
    vmrs    r1, fpexc
    str     r1, [r0], #4
    mov     r1, #0x40000000
    vmsr    fpexc, r1
    vmrs    r1, fpscr
    str     r1, [r0], #4
    vstmia  r0!, {d0-d15}
    ldr     pc, =FINISH
    .ltorg
