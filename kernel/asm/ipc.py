# SPDX-License-Identifier: BSD-2-Clause
"""IPC between two threads, message in registers: Call, Send, ReplyWait, Wait.

Twins: `send_ipc`, `receive_ipc` and `do_reply_transfer` of `kernel.object.endpoint` with
`schedule` behind them. These paths take: an Endpoint, at most four words, no capabilities, a
partner that may run at once. Everything else bails out.
"""

from typing import Final

from kernel import abi

CONSTANTS: Final = {
    # What a delivered message does not take over from the sender's info word.
    "INFO_RESET": abi.INFO_UNWRAPPED_MASK << abi.INFO_UNWRAPPED_SHIFT
    | abi.INFO_CAPS_MASK << abi.INFO_CAPS_SHIFT,
}

SOURCE: Final = """
@ check_short_message ELSE: at most four words and no extra capabilities. Clobbers r6.
.macro check_short_message else
    lsl     r6, r1, #WORD_BITS - INFO_UNWRAPPED_SHIFT
    cmp     r6, #MSG_REGISTERS << (WORD_BITS - INFO_UNWRAPPED_SHIFT)
    bhi     \\else
.endm

@ check_endpoint RIGHT: r8, r9 = capability; must be an Endpoint with that right.
@ Out: r8 = the Endpoint. Clobbers r6.
.macro check_endpoint right
    and     r6, r8, #CAP_TYPE_MASK
    cmp     r6, #CAP_ENDPOINT
    bne     slowpath
    tst     r9, #\\right
    beq     slowpath
    sub     r8, r8, #CAP_ENDPOINT
.endm

@ check_preferred TCB: only a partner of at least the same priority runs at once, as the slow
@ path would have it too. Clobbers r6, r11.
.macro check_preferred tcb
    ldr     r6, [\\tcb, #TCB_PRIORITY]
    ldr     r11, [sp, #TCB_PRIORITY - TCB_PC]
    cmp     r6, r11
    blo     slowpath
.endm

@ deliver_message: r0 = badge, r1 = info, r2-r5 = words; into the registers of the TCB r10,
@ which becomes Running. Registers beyond the length keep the receiver's values. Clobbers r12.
.macro deliver_message
    and     r12, r1, #INFO_LENGTH_MASK
    bic     r1, r1, #INFO_RESET         @ nothing was unwrapped, no capability handed over
    cmp     r12, #4
    ldrlo   r5, [r10, #TCB_REGISTERS + 20]
    cmp     r12, #3
    ldrlo   r4, [r10, #TCB_REGISTERS + 16]
    cmp     r12, #2
    ldrlo   r3, [r10, #TCB_REGISTERS + 12]
    cmp     r12, #1
    ldrlo   r2, [r10, #TCB_REGISTERS + 8]
    add     r12, r10, #TCB_REGISTERS
    stmia   r12, {r0-r5}
    mov     r12, #STATE_RUNNING
    str     r12, [r10, #TCB_STATE]
.endm

@ ---------------------------------------------------------------------------------------------
@ fastpath_call, fastpath_send: from dispatch_syscall.
@ Live-in: r0 = capability address, r1 = info, r2-r5 = words, r7 = which of the two, sp.
@ Takes: a receiver waits, of at least the sender's priority; for Call also the right to reply.
@ ---------------------------------------------------------------------------------------------
fastpath_send:
    check_short_message slowpath
    b       short_message
fastpath_call:
    check_short_message fastpath_retype
short_message:
    bl      lookup_cap
    check_endpoint RIGHT_WRITE
    ldr     r10, [r8, #EP_HEAD_OFFSET]
    and     r6, r10, #EP_STATE_MASK
    cmp     r6, #QUEUE_RECEIVING
    bne     slowpath                    @ nobody waits: the sender has to
    sub     r10, r10, #QUEUE_RECEIVING  @ the receiver
    check_preferred r10
    cmn     r7, #-SYS_CALL
    bne     reply_settled
    tst     r9, #RIGHT_GRANT            @ the right to reply is handed over only with Grant
    beq     slowpath
    ldr     r6, [r10, #TCB_BLOCKING_FLAGS]
    tst     r6, #BLOCKING_DIMINISH      @ and only to a receiver that could write
    bne     slowpath
reply_settled:
    check_vspace r10
    @ COMMIT
    ldr     r12, [r10, #TCB_EP_NEXT]    @ the receiver leaves the queue
    mov     lr, #0
    str     lr, [r10, #TCB_EP_NEXT]
    cmp     r12, #0
    strne   lr, [r12, #TCB_EP_PREV]
    orrne   r12, r12, #QUEUE_RECEIVING
    streq   lr, [r8, #EP_TAIL_OFFSET]   @ it was the only one: Idle
    str     r12, [r8, #EP_HEAD_OFFSET]
    lsr     r0, r9, #ENDPOINT_BADGE_SHIFT
    deliver_message
    cmn     r7, #-SYS_CALL
    bne     enqueue_current             @ Send: the sender goes on later
    sub     r0, sp, #TCB_PC             @ Call: the sender waits for the reply
    mov     r12, #STATE_BLOCKED_ON_REPLY
    str     r12, [r0, #TCB_STATE]
    add     r1, r10, #TCB_CALLER
    add     r5, r0, #TCB_REPLY          @ its master, which the reply capability points back to
    orr     r2, r0, #CAP_REPLY
    mov     r3, #0
    mov     r4, #0
    stmia   r1, {r2-r5}
    lsl     r1, r1, #MDB_NEXT_SHIFT - 4 @ a link without the window's address bits
    str     r1, [r5, #8]
    b       switch_to_thread

@ ---------------------------------------------------------------------------------------------
@ fastpath_reply_wait: from dispatch_syscall.
@ Live-in: r0 = address of the Endpoint to wait at, r1 = info, r2-r5 = words, sp.
@ Takes: a caller waits for this reply (no fault), may run at once, and no sender is waiting.
@ ---------------------------------------------------------------------------------------------
fastpath_reply_wait:
    check_short_message slowpath
    ldr     r7, [sp, #TCB_CALLER - TCB_PC]
    and     r6, r7, #CAP_TYPE_MASK
    cmp     r6, #CAP_REPLY
    bne     slowpath
    sub     r7, r7, #CAP_REPLY          @ the caller
    ldr     r6, [r7, #TCB_FAULT]
    cmp     r6, #0
    bne     slowpath                    @ a reply to a fault is read differently
    check_preferred r7
    bl      lookup_cap
    check_endpoint RIGHT_READ
    ldr     lr, [r8, #EP_HEAD_OFFSET]
    and     r6, lr, #EP_STATE_MASK
    cmp     r6, #QUEUE_SENDING
    beq     slowpath
    mov     r10, r7
    check_vspace r10
    @ COMMIT
    mov     r0, #0                      @ a reply carries no badge
    deliver_message
    ldr     r0, [sp, #TCB_CALLER + 12 - TCB_PC]
    mov     r2, #0
    mov     r3, #0
    str     r2, [r0, #8]                @ the caller's master has no reply capability any more
    mov     r4, #0
    mov     r5, #0
    sub     r0, sp, #TCB_PC - TCB_CALLER
    stmia   r0, {r2-r5}                 @ used up
    bl      block_on_endpoint
    b       switch_to_thread

@ ---------------------------------------------------------------------------------------------
@ fastpath_wait: from dispatch_syscall.
@ Live-in: r0 = address of the Endpoint, sp.
@ Takes: no reply is owed, no sender is waiting, and another thread is ready to run.
@ ---------------------------------------------------------------------------------------------
fastpath_wait:
    ldr     r6, [sp, #TCB_CALLER - TCB_PC]
    tst     r6, #CAP_TYPE_MASK
    bne     slowpath                    @ an unused right to reply has to go first
    bl      lookup_cap
    check_endpoint RIGHT_READ
    ldr     r7, [r8, #EP_HEAD_OFFSET]
    and     r6, r7, #EP_STATE_MASK
    cmp     r6, #QUEUE_SENDING
    beq     slowpath
    bl      find_highest_ready
    ldr     r6, [r10, #TCB_STATE]
    cmp     r6, #STATE_RUNNING
    bne     slowpath                    @ Restart: its pc has to be set back
    check_vspace r10
    mov     lr, r7
    @ COMMIT
    ldr     r7, =dequeue_head
    b       block_with_return

@ ---------------------------------------------------------------------------------------------
@ block_on_endpoint: called (bl) behind a commit point; the current thread waits at the Endpoint.
@ Live-in: r8 = Endpoint, r9 = word 1 of its capability; r6, r10, r11 kept. Clobbers r0-r5, r12.
@ block_with_return is the same with the return address in r7 and the Endpoint's first word in
@ lr, which fastpath_wait has at hand.
@ ---------------------------------------------------------------------------------------------
block_on_endpoint:
    mov     r7, lr
    ldr     lr, [r8, #EP_HEAD_OFFSET]
block_with_return:
    sub     r0, sp, #TCB_PC
    mov     r1, #STATE_BLOCKED_ON_RECEIVE
    str     r1, [r0, #TCB_STATE]
    str     r8, [r0, #TCB_BLOCKING_OBJECT]
    mov     r2, #0
    tst     r9, #RIGHT_WRITE
    moveq   r3, #BLOCKING_DIMINISH      @ what it receives loses Write if it could not write
    movne   r3, #0
    str     r2, [r0, #TCB_BLOCKING_BADGE]
    str     r3, [r0, #TCB_BLOCKING_FLAGS]
    bics    lr, lr, #EP_STATE_MASK      @ head of the queue
    mov     r3, #0
    ldrne   r3, [r8, #EP_TAIL_OFFSET]
    strne   r0, [r3, #TCB_EP_NEXT]
    orreq   lr, r0, #QUEUE_RECEIVING    @ the queue was empty: head and tail at once
    streq   lr, [r8, #EP_HEAD_OFFSET]
    str     r3, [r0, #TCB_EP_PREV]
    str     r2, [r0, #TCB_EP_NEXT]
    str     r0, [r8, #EP_TAIL_OFFSET]
    bx      r7
"""
