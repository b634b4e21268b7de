# SPDX-License-Identifier: BSD-2-Clause
"""Messages between threads through Endpoints, with badges, replies and capabilities."""

import pytest

from kernel import abi, layout
from kernel.abi import Error, InitialCap, Label, ObjectType, Syscall
from kernel.layout import ThreadState
from kernel.schedule import thread_state
from tests.kernel.conftest import World


def _waiting(world: World, endpoint: int, priority: int = 100) -> int:
    """A thread that waits on an endpoint; the initial thread is current again."""
    _, tcb = world.thread(priority)
    world.run(tcb)
    world.syscall(Syscall.WAIT, endpoint)
    assert world.ks.current == world.root_thread
    return tcb


def test_send_delivers_words_badge_and_label(world: World) -> None:
    """A waiting receiver gets label, words and the badge of the sender's capability."""
    endpoint = world.make(ObjectType.ENDPOINT)
    tcb = _waiting(world, endpoint)
    badged = world.mint(endpoint, 0x5A)
    world.syscall(Syscall.SEND, badged, (1, 2, 3), label=9)
    answer = world.answer(tcb)
    assert (answer.badge, answer.label, answer.words) == (0x5A, 9, [1, 2, 3])
    assert thread_state(world.ks, tcb) is ThreadState.RUNNING


def test_receive_leaves_registers_beyond_the_length(world: World) -> None:
    """Only the first `length` message registers of the receiver are written."""
    endpoint = world.make(ObjectType.ENDPOINT)
    tcb = _waiting(world, endpoint)
    world.set_register("r3", 0x1111, tcb)
    world.syscall(Syscall.SEND, endpoint, (7,))
    assert world.register("r2", tcb) == 7
    assert world.register("r3", tcb) == 0x1111


def test_receiver_of_equal_priority_runs_at_once(world: World) -> None:
    """A send switches to a receiver whose priority is not lower."""
    endpoint = world.make(ObjectType.ENDPOINT)
    tcb = _waiting(world, endpoint, 255)
    world.syscall(Syscall.SEND, endpoint, (7,))
    assert world.ks.current == tcb
    assert world.ks.load(layout.GLOBALS) == 0


def test_blocked_senders_are_served_in_order(world: World) -> None:
    """An endpoint's queue is first come, first served."""
    endpoint = world.make(ObjectType.ENDPOINT)
    for word in (11, 22):
        _, tcb = world.thread()
        world.run(tcb)
        world.syscall(Syscall.SEND, endpoint, (word,))
        assert thread_state(world.ks, tcb) is ThreadState.BLOCKED_ON_SEND
    assert world.syscall(Syscall.WAIT, endpoint).words == [11]
    assert world.syscall(Syscall.WAIT, endpoint).words == [22]


def test_nb_send_without_receiver_is_dropped(world: World) -> None:
    """NBSend to an idle endpoint does nothing (R4.120)."""
    endpoint = world.make(ObjectType.ENDPOINT)
    before = bytes(world.port.ram[: 1 << 20])
    world.syscall(Syscall.NB_SEND, endpoint, (1,))
    assert world.ks.load(world.ks.get(world.slot(endpoint), layout.ENDPOINT_POINTER)) == 0
    assert bytes(world.port.ram[: 1 << 20]) == before


def test_call_and_reply(world: World) -> None:
    """A Call blocks the caller until the receiver replies; the reply carries badge 0."""
    endpoint = world.make(ObjectType.ENDPOINT)
    tcb = _waiting(world, endpoint, 255)
    world.syscall(Syscall.CALL, endpoint, (5,))
    assert world.ks.current == tcb
    assert thread_state(world.ks, world.root_thread) is ThreadState.BLOCKED_ON_REPLY
    world.syscall(Syscall.REPLY_WAIT, endpoint, (6, 7), label=3)
    answer = world.answer(world.root_thread)
    assert (answer.badge, answer.label, answer.words) == (0, 3, [6, 7])
    assert world.ks.current == world.root_thread
    assert thread_state(world.ks, tcb) is ThreadState.BLOCKED_ON_RECEIVE


def test_call_without_grant_stops_the_caller(world: World) -> None:
    """Without Grant no right to reply is handed over: the caller becomes Inactive."""
    endpoint = world.make(ObjectType.ENDPOINT)
    tcb = _waiting(world, endpoint)
    weak = world.copy(endpoint, abi.RIGHT_WRITE)
    world.syscall(Syscall.CALL, weak, (5,))
    assert thread_state(world.ks, world.root_thread) is ThreadState.INACTIVE
    assert world.answer(tcb).words == [5]


def test_saved_reply_can_be_moved_and_used_once(world: World) -> None:
    """SaveCaller puts the right to reply in a slot; a Send on it replies and uses it up."""
    endpoint = world.make(ObjectType.ENDPOINT)
    _, caller = world.thread(200)
    world.run(caller)
    world.syscall(Syscall.CALL, endpoint, (5,))
    assert world.syscall(Syscall.WAIT, endpoint).words == [5]
    saved, moved = world.next_slot(2), world.free_slot - 1
    assert world.cnode(Label.CNODE_SAVE_CALLER, (saved, 32)).label == 0
    assert world.cap_type(saved) is layout.CapType.REPLY
    words = (moved, 32, saved, 32)
    assert world.cnode(Label.CNODE_COPY, (*words, 7), (InitialCap.CNODE,)).label == (
        Error.ILLEGAL_OPERATION
    )
    assert world.cnode(Label.CNODE_MOVE, words, (InitialCap.CNODE,)).label == 0
    world.syscall(Syscall.SEND, moved, (9,))
    assert world.answer(caller).words == [9]
    assert world.cap_type(moved) is layout.CapType.NULL


def test_swap_of_a_reply_with_a_listed_capability(world: World) -> None:
    """Rotate may exchange a reply capability with another one, and both stay usable."""
    endpoint = world.make(ObjectType.ENDPOINT)
    frame = world.make(ObjectType.SMALL_PAGE)
    _, caller = world.thread(200)
    world.run(caller)
    world.syscall(Syscall.CALL, endpoint, (5,))
    world.syscall(Syscall.WAIT, endpoint)
    saved = world.next_slot()
    world.cnode(Label.CNODE_SAVE_CALLER, (saved, 32))
    words = (saved, 32, 0, frame, 32, 0, saved, 32)
    assert world.cnode(Label.CNODE_ROTATE, words, (InitialCap.CNODE,) * 2).label == 0
    assert world.cap_type(saved) is layout.CapType.FRAME
    world.syscall(Syscall.SEND, frame, (3,))
    assert world.answer(caller).words == [3]


def test_rights_are_checked(world: World) -> None:
    """Sending needs Write (an error), waiting needs Read (a fault)."""
    endpoint = world.make(ObjectType.ENDPOINT)
    read_only = world.copy(endpoint, abi.RIGHT_READ)
    answer = world.call(read_only, 0)
    assert (answer.label, answer.words) == (Error.INVALID_CAPABILITY, [0])
    write_only = world.copy(endpoint, abi.RIGHT_WRITE)
    world.syscall(Syscall.WAIT, write_only)
    assert thread_state(world.ks, world.root_thread) is ThreadState.INACTIVE


def _give_buffer(world: World, index: int, vaddr: int) -> int:
    """Give a thread an IPC buffer frame of its own; its window address."""
    frame = world.make(ObjectType.SMALL_PAGE)
    assert world.call(index, Label.TCB_SET_IPC_BUFFER, (vaddr,), (frame,)).label == 0
    return layout.window_address(world.ks.get(world.slot(frame), layout.FRAME_BASE))


@pytest.mark.parametrize(("rights", "expected"), [(7, 1), (3, 0)])
def test_capability_transfer_needs_grant(world: World, rights: int, expected: int) -> None:
    """A capability arrives in the receive slot if the sender's capability has Grant."""
    endpoint = world.make(ObjectType.ENDPOINT)
    sender = world.copy(endpoint, rights)
    index, tcb = world.thread()
    buffer = _give_buffer(world, index, 0x4000_0000)
    target = world.next_slot()
    receive = (abi.IPC_RECEIVE_CNODE, abi.IPC_RECEIVE_INDEX, abi.IPC_RECEIVE_DEPTH)
    for offset, word in zip(receive, (InitialCap.CNODE, target, 32), strict=True):
        world.ks.store(buffer + offset, word)
    world.run(tcb)
    world.syscall(Syscall.WAIT, endpoint)
    gift = world.make(ObjectType.ASYNC_ENDPOINT)
    words = tuple(range(10))
    world.syscall(Syscall.SEND, sender, words, caps=(gift,))
    assert (world.register("r1", tcb) >> 7 & 3) == expected
    assert (world.cap_type(target) is layout.CapType.ASYNC_ENDPOINT) == bool(expected)
    assert world.answer(tcb).words == list(words)


def test_capability_to_the_same_endpoint_arrives_as_badge(world: World) -> None:
    """A capability to the endpoint itself is unwrapped: its badge lies in the buffer."""
    endpoint = world.make(ObjectType.ENDPOINT)
    badged = world.mint(endpoint, 0x77)
    index, tcb = world.thread()
    buffer = _give_buffer(world, index, 0x4000_0000)
    world.run(tcb)
    world.syscall(Syscall.WAIT, endpoint)
    world.syscall(Syscall.SEND, endpoint, (), caps=(badged,))
    info = world.register("r1", tcb)
    assert (info >> 9 & 7, info >> 7 & 3) == (1, 1)
    assert world.ks.load(buffer + abi.IPC_CAPS_OR_BADGES) == 0x77


def test_deleting_an_endpoint_restarts_its_waiters(world: World) -> None:
    """With the last capability gone, blocked threads repeat their system call."""
    endpoint = world.make(ObjectType.ENDPOINT)
    tcb = _waiting(world, endpoint)
    svc = world.ks.load(tcb + layout.TCB_RESTART_PC)
    world.cnode(Label.CNODE_DELETE, (endpoint, 32))
    assert thread_state(world.ks, tcb) is ThreadState.RESTART
    world.run(tcb)
    assert world.register("pc", tcb) == svc
