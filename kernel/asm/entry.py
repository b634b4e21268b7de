# SPDX-License-Identifier: BSD-2-Clause
"""Entry from and return to threads, for every exception."""

from typing import Final

SOURCE: Final = """
@ ---------------------------------------------------------------------------------------------
@ handle_svc: from the SVC vector; mode SVC, lr_svc = instruction behind the SVC.
@ r7 = system call number, r0-r5 its arguments (ABI 1.2). Falls into the dispatch below.
@ ---------------------------------------------------------------------------------------------
handle_svc:
    srsia   sp, #MODE_SVC               @ pc and cpsr of the thread
    stmdb   sp, {r0-lr}^                @ r0 to r12, sp and lr of user mode, below them
    sub     lr, lr, #4
    str     lr, [sp, #TCB_RESTART_PC - TCB_PC]  @ a call that has to be repeated starts here

@ DISPATCH

@ slowpath: any path before its commit point; the Python kernel does the whole call.
@ Live-in: sp alone. Everything else is taken from the TCB.
slowpath:
    udf     #TRAP_SYSCALL

@ ---------------------------------------------------------------------------------------------
@ restore_user_context: from every entry, once the current thread is settled; mode SVC.
@ Live-in: nothing. Loads all registers of KV_CURRENT and leaves to user mode (or to the idle
@ thread, in SYS mode with interrupts enabled).
@ ---------------------------------------------------------------------------------------------
restore_user_context:
    ldr     r0, =KV_CURRENT
    ldr     r0, [r0]
    add     sp, r0, #TCB_PC

@ return_to_user: as restore_user_context, with sp already set.
return_to_user:
    sub     r1, sp, #TCB_PC - TCB_RESTART_PC
    ldr     r2, [r1]
    strex   r3, r2, [r1]                @ a reservation does not survive the switch; the word
                                        @ keeps its value whether the store happens or not
    ldmdb   sp, {r0-lr}^
    rfeia   sp

@ ---------------------------------------------------------------------------------------------
@ handle_undefined: from the undefined vector; mode UND, lr_und = instruction + 4 (ARM state).
@ sp_und is free in this mode: it serves as a scratch register.
@ ---------------------------------------------------------------------------------------------
handle_undefined:
    mrs     sp, spsr
    tst     sp, #0xF                    @ user mode is the only one whose low nibble is 0
    bne     kernel_panic
    tst     sp, #1 << 5
    subne   lr, lr, #2                  @ Thumb: the link is the instruction + 2
    subeq   lr, lr, #4
    srsia   sp, #MODE_SVC
    cps     #MODE_SVC
    stmdb   sp, {r0-lr}^
    ldr     r0, [sp]
    str     r0, [sp, #TCB_RESTART_PC - TCB_PC]
    udf     #TRAP_USER_EXCEPTION
    b       restore_user_context

@ ---------------------------------------------------------------------------------------------
@ handle_prefetch_abort: mode ABT, lr_abt = instruction + 4. The instruction is the address:
@ this core has no fault address register for fetches.
@ ---------------------------------------------------------------------------------------------
handle_prefetch_abort:
    mrs     sp, spsr
    tst     sp, #0xF
    bne     kernel_panic
    sub     lr, lr, #4
    srsia   sp, #MODE_SVC
    cps     #MODE_SVC
    stmdb   sp, {r0-lr}^
    ldr     r1, [sp]                    @ pc of the thread
    mrc     p15, 0, r0, c5, c0, 1
    mov     r2, #1
    b       vm_fault

@ ---------------------------------------------------------------------------------------------
@ handle_data_abort: mode ABT, lr_abt = instruction + 8.
@ ---------------------------------------------------------------------------------------------
handle_data_abort:
    mrs     sp, spsr
    tst     sp, #0xF
    bne     kernel_panic
    sub     lr, lr, #8
    srsia   sp, #MODE_SVC
    cps     #MODE_SVC
    stmdb   sp, {r0-lr}^
    mrc     p15, 0, r0, c5, c0, 0
    mrc     p15, 0, r1, c6, c0, 0
    mov     r2, #0

@ vm_fault: r0 = fault status, r1 = fault address, r2 = 1 for a fetch; the thread is saved.
vm_fault:
    ldr     r3, =KV_FAULT_STATUS
    stmia   r3, {r0-r2}
    ldr     r0, [sp]
    str     r0, [sp, #TCB_RESTART_PC - TCB_PC]
    udf     #TRAP_VM_FAULT
    b       restore_user_context

@ ---------------------------------------------------------------------------------------------
@ handle_irq: mode IRQ, lr_irq = next instruction + 4. From user mode or from the idle thread.
@ ---------------------------------------------------------------------------------------------
handle_irq:
    sub     lr, lr, #4
    srsia   sp, #MODE_SVC
    cps     #MODE_SVC
    stmdb   sp, {r0-lr}^
    ldr     r0, [sp]
    str     r0, [sp, #TCB_RESTART_PC - TCB_PC]
    udf     #TRAP_INTERRUPT
    b       restore_user_context

@ kernel_panic: an exception inside the kernel, or one that cannot happen. Any mode but user;
@ lr and spsr of that mode tell where it came from. Never returns.
kernel_panic:
    udf     #TRAP_KERNEL_PANIC
    b       kernel_panic

@ idle_thread: the code of the idle thread; mode SYS, interrupts enabled, no registers used.
idle_thread:
    mcr     p15, 0, r0, c7, c0, 4       @ wait for interrupt
    b       idle_thread
"""

#: Takes the place of the line `@ DISPATCH` in a kernel with fast paths; without, every system
#: call goes on into `slowpath`.
DISPATCH: Final = """@ dispatch_syscall: which call is it. r0-r5, r7 = the user's. Clobbers r6.
dispatch_syscall:
    cmn     r7, #-SYS_CALL
    beq     fastpath_call
    cmn     r7, #-SYS_REPLY_WAIT
    beq     fastpath_reply_wait
    cmn     r7, #-SYS_SEND
    beq     fastpath_send
    cmn     r7, #-SYS_WAIT
    beq     fastpath_wait
"""

DISPATCH_LINE: Final = "@ DISPATCH"
