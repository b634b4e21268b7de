# SPDX-License-Identifier: BSD-2-Clause
"""The queue of an endpoint against a list, with threads taken out anywhere (R4.13, R4.14)."""

import random

import pytest

from kernel import layout
from kernel.abi import ObjectType
from kernel.layout import QueueState
from kernel.object import queue
from tests.kernel.conftest import World

THREADS = 5


@pytest.fixture
def endpoint(world: World) -> int:
    """An endpoint that nobody uses."""
    return world.ks.get(world.slot(world.make(ObjectType.ENDPOINT)), layout.ENDPOINT_POINTER)


@pytest.fixture
def tcbs(world: World) -> list[int]:
    """Threads that are in no queue."""
    first = world.make(ObjectType.TCB, 0, THREADS)
    slots = (world.slot(first + n) for n in range(THREADS))
    return [world.ks.get(slot, layout.TCB_POINTER) for slot in slots]


def _check(world: World, endpoint: int, expected: list[int], state: QueueState) -> None:
    """Order, both ends, the state, and each link back."""
    ks = world.ks
    assert queue.members(ks, endpoint) == expected
    assert queue.head(ks, endpoint) == (expected[0] if expected else 0)
    assert queue.queue_state(ks, endpoint) is (state if expected else QueueState.IDLE)
    assert ks.load(endpoint + layout.EP_TAIL_OFFSET) == (expected[-1] if expected else 0)
    before = [ks.load(tcb + layout.TCB_EP_PREV) for tcb in expected]
    assert before == [0, *expected][: len(expected)]


@pytest.mark.parametrize("state", [QueueState.SENDING, QueueState.RECEIVING])
def test_first_come_first_served(
    world: World, endpoint: int, tcbs: list[int], state: QueueState
) -> None:
    """Threads stand in the order in which they came, and the head leaves first."""
    for count, tcb in enumerate(tcbs, 1):
        queue.append(world.ks, endpoint, tcb, state)
        _check(world, endpoint, tcbs[:count], state)
    for gone, tcb in enumerate(tcbs, 1):
        assert queue.head(world.ks, endpoint) == tcb
        queue.unlink(world.ks, endpoint, tcb)
        _check(world, endpoint, tcbs[gone:], state)


@pytest.mark.parametrize("seed", range(8))
def test_any_order(world: World, endpoint: int, tcbs: list[int], seed: int) -> None:
    """Whoever comes and whoever goes, the queue is the list, and who left has no links."""
    source, waiting = random.Random(seed), list[int]()
    longest = 0
    for _ in range(60):
        tcb = source.choice(tcbs)
        if tcb in waiting:
            waiting.remove(tcb)
            queue.unlink(world.ks, endpoint, tcb)
            links = (layout.TCB_EP_NEXT, layout.TCB_EP_PREV)
            assert [world.ks.load(tcb + link) for link in links] == [0, 0]
        else:
            waiting.append(tcb)
            queue.append(world.ks, endpoint, tcb, QueueState.RECEIVING)
        longest = max(longest, len(waiting))
        _check(world, endpoint, waiting, QueueState.RECEIVING)
    assert longest >= 3
