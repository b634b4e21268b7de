# SPDX-License-Identifier: BSD-2-Clause
"""The queue of blocked threads that an Endpoint or AsyncEndpoint holds (R4.13, R4.14).

Threads are chained through their TCBs, first come first served. The links of a thread that is in
no queue are zero, and an empty queue has state IDLE unless a message is stored.
"""

from kernel import layout
from kernel.layout import EP_HEAD, EP_STATE, EP_TAIL_OFFSET, QueueState
from kernel.state import State


def queue_state(ks: State, endpoint: int) -> QueueState:
    """What the endpoint is doing."""
    return QueueState(ks.get(endpoint, EP_STATE))


def head(ks: State, endpoint: int) -> int:
    """The TCB that waits longest, or 0."""
    return ks.get(endpoint, EP_HEAD)


def _write_head(ks: State, endpoint: int, state: QueueState, tcb: int) -> None:
    ks.store(endpoint, EP_STATE.put(EP_HEAD.put(0, tcb), state))


def append(ks: State, endpoint: int, tcb: int, state: QueueState) -> None:
    """Put a thread at the tail, and the endpoint in `state`."""
    first = head(ks, endpoint)
    tail = ks.load(endpoint + EP_TAIL_OFFSET) if first else 0
    if first:
        ks.store(tail + layout.TCB_EP_NEXT, tcb)
    _write_head(ks, endpoint, state, first or tcb)
    ks.store(tcb + layout.TCB_EP_PREV, tail)
    ks.store(tcb + layout.TCB_EP_NEXT, 0)
    ks.store(endpoint + EP_TAIL_OFFSET, tcb)


def unlink(ks: State, endpoint: int, tcb: int) -> None:
    """Take a thread out; the endpoint becomes idle when it was the only one."""
    following = ks.load(tcb + layout.TCB_EP_NEXT)
    preceding = ks.load(tcb + layout.TCB_EP_PREV)
    if preceding:
        ks.store(preceding + layout.TCB_EP_NEXT, following)
    else:
        state = queue_state(ks, endpoint) if following else QueueState.IDLE
        _write_head(ks, endpoint, state, following)
    if following:
        ks.store(following + layout.TCB_EP_PREV, preceding)
    else:
        ks.store(endpoint + EP_TAIL_OFFSET, preceding)
    ks.store(tcb + layout.TCB_EP_NEXT, 0)
    ks.store(tcb + layout.TCB_EP_PREV, 0)


def members(ks: State, endpoint: int) -> list[int]:
    """The waiting TCBs, longest first."""
    found: list[int] = []
    tcb = head(ks, endpoint)
    while tcb:
        found.append(tcb)
        tcb = ks.load(tcb + layout.TCB_EP_NEXT)
    return found
