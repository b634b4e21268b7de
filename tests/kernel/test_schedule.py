# SPDX-License-Identifier: BSD-2-Clause
"""Ready queues, direct switches, priorities and the tick (ABI 10.3)."""

from collections.abc import Callable

import pytest

from kernel import layout, limits
from kernel.abi import InitialCap, Label, ObjectType, Syscall
from kernel.layout import ThreadState, Trap
from kernel.schedule import (
    append,
    dequeue,
    enqueue,
    is_queued,
    priority,
    set_domain,
    set_priority,
    thread_state,
)
from kernel.state import State
from tests.kernel.conftest import World


def _threads(world: World, *priorities: int) -> list[int]:
    """New threads that are not ready."""
    first = world.make(ObjectType.TCB, 0, len(priorities))
    tcbs = []
    for n, level in enumerate(priorities):
        tcbs.append(world.ks.get(world.slot(first + n), layout.TCB_POINTER))
        set_priority(world.ks, tcbs[-1], level)
    return tcbs


def _queue(world: World, level: int) -> list[int]:
    tcb, found = world.ks.load(layout.READY_QUEUES + 8 * level), []
    while tcb:
        found.append(tcb)
        tcb = world.ks.load(tcb + layout.TCB_SCHED_NEXT)
    return found


def test_head_and_tail(world: World) -> None:
    """Enqueue puts at the head, append at the tail, and each only once."""
    one, two, three = _threads(world, 7, 7, 7)
    enqueue(world.ks, one)
    enqueue(world.ks, two)
    append(world.ks, three)
    enqueue(world.ks, three)
    append(world.ks, two)
    assert _queue(world, 7) == [two, one, three]


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_dequeue_anywhere(world: World, gone: int) -> None:
    """A thread leaves from head, middle or tail; the others keep their order."""
    tcbs = _threads(world, 7, 7, 7)
    for tcb in tcbs:
        append(world.ks, tcb)
    dequeue(world.ks, tcbs[gone])
    dequeue(world.ks, tcbs[gone])
    assert _queue(world, 7) == [tcb for tcb in tcbs if tcb != tcbs[gone]]
    assert not is_queued(world.ks, tcbs[gone])
    assert world.ks.load(layout.READY_QUEUES + 8 * 7 + 4) == _queue(world, 7)[-1]


@pytest.mark.parametrize("level", [0, 31, 32, 200, 255])
def test_bitmap_follows_the_queues(world: World, level: int) -> None:
    """A bit is set as long as its queue holds somebody, and the summary as long as a bit is."""
    (tcb,) = _threads(world, level)
    enqueue(world.ks, tcb)
    word = layout.KV_READY_BITMAP + 4 * (level // 32)
    assert world.ks.load(word) == 1 << level % 32
    assert world.ks.load(layout.KV_READY_SUMMARY) == 1 << level // 32
    dequeue(world.ks, tcb)
    assert world.ks.load(word) == world.ks.load(layout.KV_READY_SUMMARY) == 0


def test_highest_priority_runs(world: World) -> None:
    """When the running thread stops the highest ready level is served, its head first."""
    tcbs = {level: world.thread(level)[1] for level in (3, 200, 90)}
    world.call(InitialCap.TCB, Label.TCB_SUSPEND)
    order = [world.ks.current]
    for _ in range(2):
        world.ks.store(world.ks.current + layout.TCB_STATE, ThreadState.INACTIVE)
        world.ks.store(layout.KV_SCHEDULER_ACTION, layout.SCHEDULE_CHOOSE_NEW)
        world.trap(Trap.INTERRUPT)
        order.append(world.ks.current)
    assert order == [tcbs[200], tcbs[90], tcbs[3]]


def test_resumed_equals_run_last_in_first_out(world: World) -> None:
    """Threads made ready go to the head of their level."""
    first, second = world.thread(100)[1], world.thread(100)[1]
    assert _queue(world, 100) == [second, first]


@pytest.mark.parametrize(("priority", "switches"), [(254, False), (255, True)])
def test_message_switches_at_equal_priority(world: World, priority: int, switches: bool) -> None:
    """A receiver of at least the sender's priority runs at once; a lower one is queued."""
    endpoint = world.make(ObjectType.ENDPOINT)
    _, tcb = world.thread(priority)
    world.run(tcb)
    world.syscall(Syscall.WAIT, endpoint)
    world.syscall(Syscall.SEND, endpoint, (1,))
    assert (world.ks.current == tcb) == switches
    assert is_queued(world.ks, tcb) != switches


def test_signal_does_not_switch_at_equal_priority(world: World) -> None:
    """A signal gives way to strictly higher threads only."""
    endpoint = world.make(ObjectType.ASYNC_ENDPOINT)
    _, tcb = world.thread(255)
    world.run(tcb)
    world.syscall(Syscall.WAIT, endpoint)
    world.syscall(Syscall.SEND, endpoint, (1,))
    assert world.ks.current == world.root_thread
    assert is_queued(world.ks, tcb)


def test_own_priority_lowered(world: World) -> None:
    """A thread that lowers itself below a ready one gives way at once."""
    _, tcb = world.thread(100)
    world.call(InitialCap.TCB, Label.TCB_SET_PRIORITY, (99,))
    assert world.ks.current == tcb
    assert _queue(world, 99) == [world.root_thread]


def test_slice_is_counted_in_ticks(world: World) -> None:
    """Each tick takes from the slice of the running thread; at its end the slice is new."""
    world.ks.store(world.root_thread + layout.TCB_TIME_SLICE, 3)
    world.port.pending_irq = 28
    left = []
    for _ in range(3):
        world.trap(Trap.INTERRUPT)
        left.append(world.ks.load(world.root_thread + layout.TCB_TIME_SLICE))
    assert left == [2, 1, limits.TIME_SLICE_TICKS]


def test_idle_thread_runs_when_nobody_can(world: World) -> None:
    """With every thread stopped the idle thread is current and in no queue."""
    world.call(InitialCap.TCB, Label.TCB_SUSPEND)
    assert world.ks.current == layout.IDLE_TCB
    assert thread_state(world.ks, layout.IDLE_TCB) is ThreadState.IDLE
    assert world.ks.load(layout.KV_READY_SUMMARY) == 0


@pytest.mark.parametrize("change", [set_domain, set_priority])
def test_a_change_of_place_in_the_queues(
    world: World, change: Callable[[State, int, int], None]
) -> None:
    """A ready thread is queued anew, a stopped one not at all, and the current one gives way."""
    index, tcb = world.thread(100)
    change(world.ks, tcb, 1)
    assert is_queued(world.ks, tcb) and _queue(world, priority(world.ks, tcb)) == [tcb]
    world.call(index, Label.TCB_SUSPEND)
    change(world.ks, tcb, 0)
    assert not is_queued(world.ks, tcb)
    change(world.ks, world.root_thread, 0)
    assert world.ks.load(layout.KV_SCHEDULER_ACTION) == layout.SCHEDULE_CHOOSE_NEW
