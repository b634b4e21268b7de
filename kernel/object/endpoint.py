# SPDX-License-Identifier: BSD-2-Clause
"""Endpoints: synchronous messages between two threads (R4.13, ABI 8.1)."""

from kernel import abi, layout
from kernel.api.faults import handle_fault_reply
from kernel.layout import (
    BLOCKING_CAN_GRANT,
    BLOCKING_DIMINISH,
    BLOCKING_IS_CALL,
    CapType,
    QueueState,
    ThreadState,
)
from kernel.object import queue, reply
from kernel.object.capability import Cap, read_cap
from kernel.object.transfer import Channel, do_ipc_transfer
from kernel.schedule import attempt_switch_to, set_thread_state, switch_if_required_to
from kernel.state import State


def has_right(cap: Cap, right: int) -> bool:
    """Whether an Endpoint or AsyncEndpoint capability carries a right."""
    return bool(cap.get(layout.ENDPOINT_RIGHTS) & right)


def _block(ks: State, tcb: int, endpoint: int, state: ThreadState, badge: int, flags: int) -> None:
    set_thread_state(ks, tcb, state)
    ks.store(tcb + layout.TCB_BLOCKING_OBJECT, endpoint)
    ks.store(tcb + layout.TCB_BLOCKING_BADGE, badge)
    ks.store(tcb + layout.TCB_BLOCKING_FLAGS, flags)


def _hand_over_reply(ks: State, sender: int, receiver: int, *, allowed: bool) -> None:
    """The sender wants an answer: give the right to it, or leave the sender stopped for good."""
    if allowed:
        reply.setup_caller_cap(ks, sender, receiver)
    else:
        set_thread_state(ks, sender, ThreadState.INACTIVE)


def send_ipc(ks: State, sender: int, cap: Cap, *, blocking: bool, is_call: bool) -> None:
    """Send the thread's message, or its stored fault, through an Endpoint capability."""
    endpoint, badge = cap.get(layout.ENDPOINT_POINTER), cap.get(layout.ENDPOINT_BADGE)
    can_grant = has_right(cap, abi.RIGHT_GRANT)
    if queue.queue_state(ks, endpoint) is not QueueState.RECEIVING:
        if blocking:
            flags = BLOCKING_CAN_GRANT * can_grant | BLOCKING_IS_CALL * is_call
            _block(ks, sender, endpoint, ThreadState.BLOCKED_ON_SEND, badge, flags)
            queue.append(ks, endpoint, sender, QueueState.SENDING)
        return
    receiver = queue.head(ks, endpoint)
    queue.unlink(ks, endpoint, receiver)
    diminish = bool(ks.load(receiver + layout.TCB_BLOCKING_FLAGS) & BLOCKING_DIMINISH)
    do_ipc_transfer(ks, sender, receiver, Channel(endpoint, badge, can_grant, diminish))
    set_thread_state(ks, receiver, ThreadState.RUNNING)
    attempt_switch_to(ks, receiver)
    if is_call or ks.load(sender + layout.TCB_FAULT) != abi.Fault.NONE:
        _hand_over_reply(ks, sender, receiver, allowed=can_grant and not diminish)


def receive_ipc(ks: State, receiver: int, cap: Cap) -> None:
    """Wait for a message through an Endpoint capability with Read."""
    endpoint = cap.get(layout.ENDPOINT_POINTER)
    diminish = not has_right(cap, abi.RIGHT_WRITE)
    if queue.queue_state(ks, endpoint) is not QueueState.SENDING:
        flags = BLOCKING_DIMINISH * diminish
        _block(ks, receiver, endpoint, ThreadState.BLOCKED_ON_RECEIVE, 0, flags)
        queue.append(ks, endpoint, receiver, QueueState.RECEIVING)
        return
    sender = queue.head(ks, endpoint)
    queue.unlink(ks, endpoint, sender)
    flags = ks.load(sender + layout.TCB_BLOCKING_FLAGS)
    can_grant = bool(flags & BLOCKING_CAN_GRANT)
    badge = ks.load(sender + layout.TCB_BLOCKING_BADGE)
    do_ipc_transfer(ks, sender, receiver, Channel(endpoint, badge, can_grant, diminish))
    if flags & BLOCKING_IS_CALL or ks.load(sender + layout.TCB_FAULT) != abi.Fault.NONE:
        _hand_over_reply(ks, sender, receiver, allowed=can_grant and not diminish)
    else:
        set_thread_state(ks, sender, ThreadState.RUNNING)
        switch_if_required_to(ks, sender)


def do_reply_transfer(ks: State, sender: int, slot: int) -> None:
    """Use up the reply capability in `slot`: answer the thread it names (ABI 8.2, 5.5)."""
    cap = read_cap(ks, slot)
    assert cap.type is CapType.REPLY
    receiver = cap.get(layout.REPLY_TCB)
    if ks.load(receiver + layout.TCB_FAULT) == abi.Fault.NONE:
        channel = Channel(endpoint=0, badge=0, can_grant=True, diminish=False)
        do_ipc_transfer(ks, sender, receiver, channel)
        reply.delete_reply(ks, slot)
        set_thread_state(ks, receiver, ThreadState.RUNNING)
        attempt_switch_to(ks, receiver)
        return
    reply.delete_reply(ks, slot)
    goes_on = handle_fault_reply(ks, receiver, sender)
    ks.store(receiver + layout.TCB_FAULT, abi.Fault.NONE)
    set_thread_state(ks, receiver, ThreadState.RESTART if goes_on else ThreadState.INACTIVE)
    if goes_on:
        attempt_switch_to(ks, receiver)
