# SPDX-License-Identifier: BSD-2-Clause
"""Reply capabilities and their masters: whatever is moved, the two keep pointing at each other."""

from collections.abc import Callable

import pytest

from kernel import layout
from kernel.abi import ObjectType, Syscall
from kernel.invariants import invs
from kernel.layout import CapType, ThreadState
from kernel.object import mdb, reply
from kernel.object.capability import is_empty, read_cap
from kernel.schedule import thread_state
from tests.kernel.conftest import World

Caller = Callable[[], int]


@pytest.fixture
def caller(world: World) -> Caller:
    """Has a new thread call the initial one, which then holds the right to answer; its TCB."""
    endpoint = world.make(ObjectType.ENDPOINT)

    def call() -> int:
        _, tcb = world.thread(100)
        world.run(tcb)
        world.syscall(Syscall.CALL, endpoint)
        assert world.ks.current == world.root_thread
        world.syscall(Syscall.WAIT, endpoint)
        return tcb

    return call


def _caller_slot(world: World) -> int:
    return world.root_thread + layout.TCB_CALLER


def _check(world: World, expected: dict[int, int]) -> None:
    """Each slot (key) holds the reply capability of a thread (value), in both directions."""
    assert invs(world.ks) == []
    for slot, tcb in expected.items():
        cap = read_cap(world.ks, slot)
        assert cap.type is CapType.REPLY and not cap.get(layout.REPLY_MASTER)
        assert cap.get(layout.REPLY_TCB) == tcb
        assert reply.outstanding(world.ks, tcb) == slot
        assert mdb.prev_slot(world.ks, slot) == tcb + layout.TCB_REPLY


def _saved(world: World, caller: Caller) -> tuple[int, int]:
    """A caller whose reply capability is in a fresh slot: that slot, and its TCB."""
    tcb = caller()
    slot = world.slot(world.next_slot())
    reply.move_reply(world.ks, _caller_slot(world), slot)
    return slot, tcb


def test_a_call_links_master_and_reply(world: World, caller: Caller) -> None:
    """The caller is blocked on its reply; master and capability name it and each other."""
    tcb = caller()
    assert thread_state(world.ks, tcb) is ThreadState.BLOCKED_ON_REPLY
    _check(world, {_caller_slot(world): tcb})
    assert _caller_slot(world) not in set(mdb.listed_slots(world.ks))


def test_master_is_set_up_once(world: World, caller: Caller) -> None:
    """A thread that has a master keeps it, with the reply capability that it links to."""
    tcb = caller()
    before = [world.ks.load(tcb + layout.TCB_REPLY + 4 * n) for n in range(4)]
    reply.setup_reply_master(world.ks, tcb)
    assert [world.ks.load(tcb + layout.TCB_REPLY + 4 * n) for n in range(4)] == before


def test_nothing_outstanding(world: World) -> None:
    """A thread that has not called has a master that links to nothing."""
    _, tcb = world.thread(100)
    assert reply.outstanding(world.ks, tcb) == 0
    reply.delete_outstanding(world.ks, tcb)
    reply.delete_caller_cap(world.ks, tcb)
    assert not is_empty(world.ks, tcb + layout.TCB_REPLY)
    assert invs(world.ks) == []


@pytest.mark.parametrize("how", ["caller", "outstanding", "slot"])
def test_deleting_the_reply(world: World, caller: Caller, how: str) -> None:
    """From either end: the slot is empty, the master stays and the thread stays blocked."""
    tcb = caller()
    match how:
        case "caller":
            reply.delete_caller_cap(world.ks, world.root_thread)
        case "outstanding":
            reply.delete_outstanding(world.ks, tcb)
        case _:
            reply.delete_reply(world.ks, _caller_slot(world))
    assert is_empty(world.ks, _caller_slot(world))
    assert reply.outstanding(world.ks, tcb) == 0
    assert read_cap(world.ks, tcb + layout.TCB_REPLY).get(layout.REPLY_MASTER)
    assert thread_state(world.ks, tcb) is ThreadState.BLOCKED_ON_REPLY


def test_deleting_a_master_takes_its_reply(world: World, caller: Caller) -> None:
    """Without the master nobody could find the capability, so it goes too."""
    tcb = caller()
    reply.delete_reply(world.ks, tcb + layout.TCB_REPLY)
    assert is_empty(world.ks, tcb + layout.TCB_REPLY)
    assert is_empty(world.ks, _caller_slot(world))


def test_move(world: World, caller: Caller) -> None:
    """The capability is in its new slot, and its old one is free for the next caller."""
    slot, tcb = _saved(world, caller)
    assert is_empty(world.ks, _caller_slot(world))
    other = caller()
    _check(world, {slot: tcb, _caller_slot(world): other})


def test_master_is_never_moved(world: World, caller: Caller) -> None:
    """That would be a mistake of the kernel."""
    tcb = caller()
    with pytest.raises(AssertionError, match="a master never leaves its TCB"):
        reply.move_reply(world.ks, tcb + layout.TCB_REPLY, world.slot(world.next_slot()))


def test_swap_of_two_replies(world: World, caller: Caller) -> None:
    """Each capability is in the other's slot, and swapped twice all is as it was."""
    one, tcb = _saved(world, caller)
    other, other_tcb = _saved(world, caller)
    reply.swap_replies(world.ks, one, other)
    _check(world, {one: other_tcb, other: tcb})
    reply.swap_replies(world.ks, other, one)
    _check(world, {one: tcb, other: other_tcb})


def test_exchange_with_a_listed_capability(world: World, caller: Caller) -> None:
    """The reply capability stays outside the derivation list, the other one keeps its place."""
    slot, tcb = _saved(world, caller)
    endpoint = world.make(ObjectType.ENDPOINT)
    listed = world.slot(world.copy(endpoint))
    before = list(mdb.listed_slots(world.ks))
    cap = read_cap(world.ks, listed)
    reply.move_past(world.ks, slot, listed, cap)
    _check(world, {listed: tcb})
    assert read_cap(world.ks, slot) == cap
    after = [listed if entry == slot else entry for entry in mdb.listed_slots(world.ks)]
    assert after == before


def test_receiver_must_have_given_up_its_caller(world: World, caller: Caller) -> None:
    """A caller slot that is taken is never overwritten."""
    tcb = caller()
    with pytest.raises(AssertionError, match="has given up its caller"):
        reply.setup_caller_cap(world.ks, tcb, world.root_thread)
