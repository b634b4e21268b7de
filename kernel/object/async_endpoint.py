# SPDX-License-Identifier: BSD-2-Clause
"""AsyncEndpoints: one stored word and badge, combined by OR (R4.14, ABI 10.1)."""

from kernel import layout
from kernel.api.message import INFO_REGISTER, MESSAGE_REGISTERS, R0, MessageInfo
from kernel.layout import AEP_BADGE_OFFSET, AEP_MESSAGE_OFFSET, EP_STATE, QueueState, ThreadState
from kernel.object import queue
from kernel.object.capability import Cap
from kernel.schedule import set_thread_state, switch_if_required_to
from kernel.state import State


def _deliver(ks: State, tcb: int, badge: int, word: int) -> None:
    ks.store(tcb + R0, badge)
    ks.store(tcb + INFO_REGISTER, MessageInfo(0, 0, 0, 1).encode())
    ks.store(tcb + MESSAGE_REGISTERS[0], word)


def send_async_ipc(ks: State, cap: Cap, word: int) -> None:
    """Signal: wake the first waiter with badge and word, or add both to what is stored."""
    endpoint, badge = cap.get(layout.ENDPOINT_POINTER), cap.get(layout.ENDPOINT_BADGE)
    if queue.queue_state(ks, endpoint) is QueueState.RECEIVING:
        receiver = queue.head(ks, endpoint)
        queue.unlink(ks, endpoint, receiver)
        _deliver(ks, receiver, badge, word)
        set_thread_state(ks, receiver, ThreadState.RUNNING)
        switch_if_required_to(ks, receiver)
        return
    ks.put(endpoint, EP_STATE, QueueState.SENDING)
    for offset, value in ((AEP_MESSAGE_OFFSET, word), (AEP_BADGE_OFFSET, badge)):
        ks.store(endpoint + offset, ks.load(endpoint + offset) | value)


def receive_async_ipc(ks: State, tcb: int, cap: Cap) -> None:
    """Take what is stored, or wait for a signal."""
    endpoint = cap.get(layout.ENDPOINT_POINTER)
    if queue.queue_state(ks, endpoint) is not QueueState.SENDING:
        set_thread_state(ks, tcb, ThreadState.BLOCKED_ON_ASYNC_EVENT)
        ks.store(tcb + layout.TCB_BLOCKING_OBJECT, endpoint)
        queue.append(ks, endpoint, tcb, QueueState.RECEIVING)
        return
    word = ks.load(endpoint + AEP_MESSAGE_OFFSET)
    _deliver(ks, tcb, ks.load(endpoint + AEP_BADGE_OFFSET), word)
    ks.put(endpoint, EP_STATE, QueueState.IDLE)
    ks.store(endpoint + AEP_MESSAGE_OFFSET, 0)
    ks.store(endpoint + AEP_BADGE_OFFSET, 0)
