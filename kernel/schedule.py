# SPDX-License-Identifier: BSD-2-Clause
"""The scheduler: ready queues by priority, direct switches, the tick (ABI 10.3).

The current thread is in no ready queue unless it was put there to be displaced. The two-level
bitmap says which queues are not empty. Names and rules are those of seL4 1.0.3.
"""

from kernel import abi, layout, limits
from kernel.layout import (
    KV_SCHEDULER_ACTION,
    SCHEDULE_CHOOSE_NEW,
    SCHEDULE_RESUME_CURRENT,
    ThreadState,
)
from kernel.state import State

_RUNNABLE = layout.RUNNABLE_STATES


def thread_state(ks: State, tcb: int) -> ThreadState:
    """The state word of a TCB."""
    return ThreadState(ks.load(tcb + layout.TCB_STATE))


def is_runnable(ks: State, tcb: int) -> bool:
    """Whether the thread could run now."""
    return thread_state(ks, tcb) in _RUNNABLE


def priority(ks: State, tcb: int) -> int:
    """0 (lowest) to 255."""
    return ks.load(tcb + layout.TCB_PRIORITY)


def _queue(ks: State, tcb: int) -> int:
    return layout.READY_QUEUES + layout.READY_QUEUE_BYTES * priority(ks, tcb)


def is_queued(ks: State, tcb: int) -> bool:
    """Whether the thread is in a ready queue: it has a predecessor there or is the head."""
    return bool(ks.load(tcb + layout.TCB_SCHED_PREV)) or ks.load(_queue(ks, tcb)) == tcb


def _mark_ready(ks: State, level: int) -> None:
    word = level // abi.WORD_BITS
    address = layout.KV_READY_BITMAP + 4 * word
    ks.store(address, ks.load(address) | 1 << level % abi.WORD_BITS)
    ks.store(layout.KV_READY_SUMMARY, ks.load(layout.KV_READY_SUMMARY) | 1 << word)


def _mark_empty(ks: State, level: int) -> None:
    word = level // abi.WORD_BITS
    address = layout.KV_READY_BITMAP + 4 * word
    bits = ks.load(address) & ~(1 << level % abi.WORD_BITS)
    ks.store(address, bits)
    if not bits:
        ks.store(layout.KV_READY_SUMMARY, ks.load(layout.KV_READY_SUMMARY) & ~(1 << word))


def enqueue(ks: State, tcb: int) -> None:
    """Put a thread at the head of its ready queue, unless it is queued already."""
    if is_queued(ks, tcb):
        return
    queue = _queue(ks, tcb)
    first = ks.load(queue)
    if first:
        ks.store(first + layout.TCB_SCHED_PREV, tcb)
    else:
        ks.store(queue + 4, tcb)
        _mark_ready(ks, priority(ks, tcb))
    ks.store(tcb + layout.TCB_SCHED_PREV, 0)
    ks.store(tcb + layout.TCB_SCHED_NEXT, first)
    ks.store(queue, tcb)


def append(ks: State, tcb: int) -> None:
    """Put a thread at the tail of its ready queue, unless it is queued already."""
    if is_queued(ks, tcb):
        return
    queue = _queue(ks, tcb)
    first, tail = ks.load(queue), ks.load(queue + 4)
    if first:
        ks.store(tail + layout.TCB_SCHED_NEXT, tcb)
    else:
        tail = 0
        ks.store(queue, tcb)
        _mark_ready(ks, priority(ks, tcb))
    ks.store(tcb + layout.TCB_SCHED_PREV, tail)
    ks.store(tcb + layout.TCB_SCHED_NEXT, 0)
    ks.store(queue + 4, tcb)


def dequeue(ks: State, tcb: int) -> None:
    """Take a thread out of its ready queue, if it is in it."""
    if not is_queued(ks, tcb):
        return
    queue = _queue(ks, tcb)
    following = ks.load(tcb + layout.TCB_SCHED_NEXT)
    preceding = ks.load(tcb + layout.TCB_SCHED_PREV)
    ks.store(preceding + layout.TCB_SCHED_NEXT if preceding else queue, following)
    ks.store(following + layout.TCB_SCHED_PREV if following else queue + 4, preceding)
    if not following and not preceding:
        _mark_empty(ks, priority(ks, tcb))
    ks.store(tcb + layout.TCB_SCHED_NEXT, 0)
    ks.store(tcb + layout.TCB_SCHED_PREV, 0)


def reschedule_required(ks: State) -> None:
    """Ask for a free choice at the end of this entry; a wanted direct switch is queued instead."""
    action = ks.load(KV_SCHEDULER_ACTION)
    if action not in (SCHEDULE_RESUME_CURRENT, SCHEDULE_CHOOSE_NEW):
        enqueue(ks, action)
    ks.store(KV_SCHEDULER_ACTION, SCHEDULE_CHOOSE_NEW)


def set_thread_state(ks: State, tcb: int, state: ThreadState) -> None:
    """Change the state; when the current thread stops, another one must be chosen."""
    ks.store(tcb + layout.TCB_STATE, state)
    if (
        state not in _RUNNABLE
        and tcb == ks.current
        and ks.load(KV_SCHEDULER_ACTION) == SCHEDULE_RESUME_CURRENT
    ):
        reschedule_required(ks)


def _possible_switch_to(ks: State, target: int, *, on_same_priority: bool) -> None:
    action = ks.load(KV_SCHEDULER_ACTION)
    current = ks.current
    if ks.load(target + layout.TCB_DOMAIN) != ks.load(layout.KV_CURRENT_DOMAIN):
        enqueue(ks, target)
        return
    wanted, own = priority(ks, target), priority(ks, current)
    # The idle thread has priority 0 but must give way even to another thread of priority 0.
    preferred = wanted > own or (wanted == own and on_same_priority)
    preferred = preferred or current == ks.load(layout.KV_IDLE)
    if preferred and action == SCHEDULE_RESUME_CURRENT:
        ks.store(KV_SCHEDULER_ACTION, target)
        return
    enqueue(ks, target)
    if action not in (SCHEDULE_RESUME_CURRENT, SCHEDULE_CHOOSE_NEW):
        reschedule_required(ks)


def attempt_switch_to(ks: State, target: int) -> None:
    """Prefer a thread that just received a message, also at equal priority."""
    _possible_switch_to(ks, target, on_same_priority=True)


def switch_if_required_to(ks: State, target: int) -> None:
    """Prefer a thread that became runnable, at strictly higher priority only."""
    _possible_switch_to(ks, target, on_same_priority=False)


def switch_to_thread(ks: State, tcb: int) -> None:
    """Make a thread current: out of its queue, its buffer address on the globals page."""
    dequeue(ks, tcb)
    ks.store(layout.KV_CURRENT, tcb)
    ks.store(layout.GLOBALS, ks.load(tcb + layout.TCB_IPC_BUFFER))


def _highest_ready(ks: State) -> int:
    """The head of the highest ready queue that is not empty, or 0."""
    summary = ks.load(layout.KV_READY_SUMMARY)
    if not summary:
        return 0
    word = summary.bit_length() - 1
    bits = ks.load(layout.KV_READY_BITMAP + 4 * word)
    level = word * abi.WORD_BITS + bits.bit_length() - 1
    return ks.load(layout.READY_QUEUES + layout.READY_QUEUE_BYTES * level)


def schedule(ks: State) -> None:
    """Carry out what the kernel entry decided about who runs next."""
    action = ks.load(KV_SCHEDULER_ACTION)
    if action == SCHEDULE_RESUME_CURRENT:
        return
    current = ks.current
    if is_runnable(ks, current):
        enqueue(ks, current)
    chosen = _highest_ready(ks) if action == SCHEDULE_CHOOSE_NEW else action
    switch_to_thread(ks, chosen or ks.load(layout.KV_IDLE))
    ks.store(KV_SCHEDULER_ACTION, SCHEDULE_RESUME_CURRENT)


def _requeue(ks: State, tcb: int, offset: int, value: int) -> None:
    """Change a word of a TCB on which its place in the ready queues depends."""
    dequeue(ks, tcb)
    ks.store(tcb + offset, value)
    if is_runnable(ks, tcb):
        enqueue(ks, tcb)
    if tcb == ks.current:
        reschedule_required(ks)


def set_priority(ks: State, tcb: int, level: int) -> None:
    """Change a priority; a ready thread goes to the head of its new level."""
    _requeue(ks, tcb, layout.TCB_PRIORITY, level)


def set_domain(ks: State, tcb: int, domain: int) -> None:
    """Move a thread to a scheduling domain; a ready thread goes to the head of its level."""
    _requeue(ks, tcb, layout.TCB_DOMAIN, domain)


def yield_current(ks: State) -> None:
    """The current thread goes to the tail of its level."""
    current = ks.current
    dequeue(ks, current)
    append(ks, current)
    reschedule_required(ks)


def timer_tick(ks: State) -> None:
    """Count the tick against the current thread; a used-up slice means the tail of its level."""
    current = ks.current
    if thread_state(ks, current) is not ThreadState.RUNNING:
        return
    left = ks.load(current + layout.TCB_TIME_SLICE)
    if left > 1:
        ks.store(current + layout.TCB_TIME_SLICE, left - 1)
        return
    ks.store(current + layout.TCB_TIME_SLICE, limits.TIME_SLICE_TICKS)
    append(ks, current)
    reschedule_required(ks)
