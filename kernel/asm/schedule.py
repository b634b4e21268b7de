# SPDX-License-Identifier: BSD-2-Clause
"""Ready queues and the switch to another thread.

Twins: `enqueue`, `dequeue`, `switch_to_thread` and `_highest_ready` of `kernel.schedule`, and
`set_vm_root` of `kernel.object.vspace`. With one domain (limits.DOMAIN_COUNT) no thread is
ever of another, so no domain is compared.
"""

from typing import Final

SOURCE: Final = """
@ check_vspace TCB: the thread must have a live address space, else slowpath.
@ Out: r6 = its PageDirectory, r11 = its ASID. Clobbers r12. The ASID table has the last word:
@ a capability whose PageDirectory is gone no longer matches its entry. ASID 0 has entry 0.
.macro check_vspace tcb
    ldr     r6, [\\tcb, #TCB_VTABLE]
    ldr     r11, [\\tcb, #TCB_VTABLE + 4]
    ldr     r12, =ASID_TABLE
    sub     r6, r6, #CAP_PAGE_DIRECTORY
    ldr     r12, [r12, r11, lsl #2]
    cmp     r12, r6
    bne     slowpath
.endm

@ ---------------------------------------------------------------------------------------------
@ enqueue_current: from fastpath_send; the displaced thread goes to the head of its queue.
@ Live-in: sp; r6, r10, r11 for switch_to_thread, kept. Clobbers r0-r5, r12. Falls through.
@ ---------------------------------------------------------------------------------------------
enqueue_current:
    sub     r0, sp, #TCB_PC
    ldr     r1, [r0, #TCB_PRIORITY]
    ldr     r2, =READY_QUEUES
    add     r2, r2, r1, lsl #3          @ READY_QUEUE_BYTES = 8
    ldr     r3, [r2]
    mov     r4, #0
    str     r4, [r0, #TCB_SCHED_PREV]
    str     r3, [r0, #TCB_SCHED_NEXT]
    str     r0, [r2]
    cmp     r3, #0
    strne   r0, [r3, #TCB_SCHED_PREV]
    bne     switch_to_thread
    str     r0, [r2, #4]                @ alone: it is the tail too, and the level becomes ready
    ldr     r2, =KV_READY_BITMAP
    lsr     r3, r1, #5
    and     r1, r1, #31
    mov     r4, #1
    ldr     r5, [r2, r3, lsl #2]
    orr     r5, r5, r4, lsl r1
    str     r5, [r2, r3, lsl #2]
    ldr     r5, [r2, #KV_READY_SUMMARY - KV_READY_BITMAP]
    orr     r5, r5, r4, lsl r3
    str     r5, [r2, #KV_READY_SUMMARY - KV_READY_BITMAP]

@ ---------------------------------------------------------------------------------------------
@ switch_to_thread: from the fast paths, behind their commit point.
@ Live-in: r10 = TCB that is in no ready queue, r6 = its PageDirectory, r11 = its ASID.
@ Leaves to the thread.
@ ---------------------------------------------------------------------------------------------
switch_to_thread:
    ldr     r0, =KV_CURRENT
    str     r10, [r0]
    ldr     r1, [r10, #TCB_IPC_BUFFER]
    ldr     r2, =GLOBALS
    str     r1, [r2]                    @ where user code finds its IPC buffer
    add     sp, r10, #TCB_PC
    ldr     r1, [r0, #KV_LOADED_ASID - KV_CURRENT]
    cmp     r1, r11
    beq     return_to_user
    str     r11, [r0, #KV_LOADED_ASID - KV_CURRENT]
    sub     r6, r6, #WINDOW_OFFSET
    orr     r6, r6, #TTBR_ATTRIBUTES
    mov     r0, #0
    mcr     p15, 0, r0, c7, c10, 4      @ stores of the old space must not meet the new one
    mcr     p15, 0, r6, c2, c0, 0
    mcr     p15, 0, r0, c7, c5, 6       @ the predictor's entries carry no ASID
    mcr     p15, 0, r11, c13, c0, 1
    mcr     p15, 0, r0, c7, c5, 4
    b       return_to_user

@ ---------------------------------------------------------------------------------------------
@ find_highest_ready: called (bl) by fastpath_wait.
@ Live-out: r10 = head of the highest ready queue. Clobbers r6, r11, r12.
@ Bails out if there is none (the idle thread is Python's business).
@ ---------------------------------------------------------------------------------------------
find_highest_ready:
    ldr     r12, =KV_READY_BITMAP
    ldr     r6, [r12, #KV_READY_SUMMARY - KV_READY_BITMAP]
    cmp     r6, #0
    beq     slowpath
    clz     r6, r6
    rsb     r6, r6, #31
    ldr     r10, [r12, r6, lsl #2]
    clz     r10, r10
    rsb     r10, r10, #31
    add     r10, r10, r6, lsl #5        @ the priority
    ldr     r12, =READY_QUEUES
    ldr     r10, [r12, r10, lsl #3]
    bx      lr

@ ---------------------------------------------------------------------------------------------
@ dequeue_head: from block_on_endpoint; r10 = the head of its ready queue.
@ Live-in: r10; r6, r11 kept for switch_to_thread. Clobbers r0-r5. Falls into switch_to_thread.
@ ---------------------------------------------------------------------------------------------
dequeue_head:
    ldr     r1, [r10, #TCB_PRIORITY]
    ldr     r2, =READY_QUEUES
    add     r2, r2, r1, lsl #3
    ldr     r3, [r10, #TCB_SCHED_NEXT]
    mov     r4, #0
    str     r4, [r10, #TCB_SCHED_NEXT]
    str     r3, [r2]
    cmp     r3, #0
    strne   r4, [r3, #TCB_SCHED_PREV]
    bne     switch_to_thread
    str     r4, [r2, #4]                @ the queue is empty now
    ldr     r2, =KV_READY_BITMAP
    lsr     r3, r1, #5
    and     r1, r1, #31
    mov     r4, #1
    ldr     r5, [r2, r3, lsl #2]
    bic     r5, r5, r4, lsl r1
    str     r5, [r2, r3, lsl #2]
    cmp     r5, #0
    bne     switch_to_thread
    ldr     r5, [r2, #KV_READY_SUMMARY - KV_READY_BITMAP]
    bic     r5, r5, r4, lsl r3
    str     r5, [r2, #KV_READY_SUMMARY - KV_READY_BITMAP]
    b       switch_to_thread
"""
