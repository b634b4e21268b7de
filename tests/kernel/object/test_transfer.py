# SPDX-License-Identifier: BSD-2-Clause
"""Messages that carry words, badges and capabilities (ABI 2.5, R4.119, R4.121)."""

from collections.abc import Callable

import pytest

from kernel import abi, layout
from kernel.abi import InitialCap, Label, ObjectType, Syscall
from kernel.layout import CapType
from kernel.object import mdb
from tests.kernel.conftest import World

RECEIVE = (abi.IPC_RECEIVE_CNODE, abi.IPC_RECEIVE_INDEX, abi.IPC_RECEIVE_DEPTH)


class Receiver:
    """A thread with a buffer of its own that waits at an endpoint."""

    def __init__(self, world: World, endpoint: int, path: tuple[int, int, int] | None) -> None:
        self.world = world
        self.index, self.tcb = world.thread(100)
        frame = world.make(ObjectType.SMALL_PAGE)
        answer = world.call(self.index, Label.TCB_SET_IPC_BUFFER, (0x4000_0000,), (frame,))
        assert answer.label == 0
        self.buffer = layout.window_address(world.ks.get(world.slot(frame), layout.FRAME_BASE))
        for offset, word in zip(RECEIVE, path or (0, 0, 0), strict=True):
            world.ks.store(self.buffer + offset, word)
        world.run(self.tcb)
        world.syscall(Syscall.WAIT, endpoint)
        assert world.ks.current == world.root_thread

    @property
    def info(self) -> tuple[int, int, int]:
        """capsUnwrapped, extraCaps and length of what arrived."""
        word = self.world.register("r1", self.tcb)
        return word >> 9 & 7, word >> 7 & 3, word & 0x7F

    def badge(self, index: int) -> int:
        """A word of the buffer where badges of unwrapped capabilities are."""
        return self.world.ks.load(self.buffer + abi.IPC_CAPS_OR_BADGES + 4 * index)


def _setup(world: World, rights: int = 7) -> tuple[Receiver, int, int]:
    """Receiver with an empty slot, the endpoint to send to, and the slot."""
    endpoint, target = world.make(ObjectType.ENDPOINT), world.next_slot()
    waits_on = world.copy(endpoint, rights)
    receiver = Receiver(world, waits_on, (InitialCap.CNODE, target, 32))
    return receiver, endpoint, target


@pytest.mark.parametrize("length", [0, 1, 4, 5, 119, 120])
def test_words_of_any_length(world: World, length: int) -> None:
    """Up to 120 words arrive unchanged (R4.119)."""
    receiver, endpoint, _ = _setup(world)
    words = tuple(range(1000, 1000 + length))
    world.syscall(Syscall.SEND, endpoint, words)
    assert receiver.info == (0, 0, length)
    assert tuple(world.answer(receiver.tcb).words[:length]) == words


def test_lengths_above_120_count_as_120(world: World) -> None:
    """The seven bits of the length can say 127, but there are 120 words."""
    receiver, endpoint, _ = _setup(world)
    world.syscall(Syscall.SEND, endpoint, (1,) * 4, length=127)
    assert receiver.info == (0, 0, 120)


def test_granted_copy_is_a_child_of_the_senders(world: World) -> None:
    """A capability goes to a receiver with a buffer and an empty slot (R4.121)."""
    _, endpoint, target = _setup(world)
    gift = world.make(ObjectType.CNODE, 4)
    world.syscall(Syscall.SEND, endpoint, (), caps=(gift,))
    assert world.cap_type(target) is CapType.CNODE
    assert mdb.next_slot(world.ks, world.slot(gift)) == world.slot(target)
    world.cnode(Label.CNODE_REVOKE, (gift, 32))
    assert world.cap_type(target) is CapType.NULL


UNWILLING = {
    "full slot": (InitialCap.CNODE, InitialCap.TCB, 32),
    "no such root": (InitialCap.TCB, 9, 32),
    "bad depth": (InitialCap.CNODE, 9, 0),
    "guard": (0x1_0000, 9, 32),
}


@pytest.mark.parametrize("name", list(UNWILLING))
def test_unwilling_receiver_gets_the_words_only(world: World, name: str) -> None:
    """Without a fit receive slot the message arrives without the capability (R4.121)."""
    endpoint = world.make(ObjectType.ENDPOINT)
    receiver = Receiver(world, endpoint, UNWILLING[name])
    world.syscall(Syscall.SEND, endpoint, (7,), caps=(InitialCap.DOMAIN,))
    assert receiver.info == (0, 0, 1)
    assert world.register("r2", receiver.tcb) == 7


def test_one_copy_and_many_badges(world: World) -> None:
    """Capabilities to the endpoint itself arrive as badges, one other as a copy, then it stops."""
    receiver, endpoint, target = _setup(world)
    caps = (world.mint(endpoint, 5), InitialCap.DOMAIN, world.mint(endpoint, 6))
    world.syscall(Syscall.SEND, endpoint, (), caps=caps)
    assert receiver.info == (0b101, 3, 0)
    assert (receiver.badge(0), receiver.badge(2)) == (5, 6)
    assert world.cap_type(target) is CapType.DOMAIN


def test_second_copy_ends_the_transfer(world: World) -> None:
    """There is one receive slot: the second capability that needs one is left behind."""
    receiver, endpoint, target = _setup(world)
    caps = (InitialCap.TCB, InitialCap.DOMAIN, world.mint(endpoint, 6))
    world.syscall(Syscall.SEND, endpoint, (), caps=caps)
    assert receiver.info == (0, 1, 0)
    assert world.cap_type(target) is CapType.TCB


@pytest.mark.parametrize("name", ["irq control", "unused table", "used untyped", "deepest"])
def test_what_cannot_be_copied_is_left_behind(world: World, name: str) -> None:
    """A capability without a copy ends the transfer, also where the tree would be too deep."""
    untyped = world.untyped()
    world.retype(untyped, ObjectType.ENDPOINT)
    caps: dict[str, Callable[[], int]] = {
        "irq control": lambda: InitialCap.IRQ_CONTROL,
        "unused table": lambda: world.make(ObjectType.PAGE_TABLE),
        "used untyped": lambda: untyped,
        "deepest": lambda: world.mint(_deep_endpoint(world, layout.MDB_MAX_DEPTH - 1), 9),
    }
    gift = caps[name]()
    receiver, endpoint, target = _setup(world)
    world.syscall(Syscall.SEND, endpoint, (3,), caps=(gift,))
    assert receiver.info == (0, 0, 1)
    assert world.cap_type(target) is CapType.NULL


def _deep_endpoint(world: World, depth: int) -> int:
    """An unbadged capability at a depth of the derivation tree."""
    cap = world.make(ObjectType.ENDPOINT)
    while mdb.depth(world.ks, world.slot(cap)) < depth:
        cap = world.mint(cap, 0)
    return cap


def test_receiver_without_write_gets_less(world: World) -> None:
    """Through a capability without Write transferred capabilities lose Write (diminish)."""
    _, endpoint, target = _setup(world, abi.RIGHT_READ)
    gift = world.make(ObjectType.ENDPOINT)
    world.syscall(Syscall.SEND, endpoint, (), caps=(gift,))
    rights = world.ks.get(world.slot(target), layout.ENDPOINT_RIGHTS)
    assert rights == abi.RIGHT_READ | abi.RIGHT_GRANT


def test_reply_carries_capabilities(world: World) -> None:
    """A reply needs no Grant and never unwraps: a capability arrives as a copy."""
    endpoint, target = world.make(ObjectType.ENDPOINT), world.next_slot()
    index, caller = world.thread(100)
    frame = world.make(ObjectType.SMALL_PAGE)
    world.call(index, Label.TCB_SET_IPC_BUFFER, (0x4000_0000,), (frame,))
    buffer = layout.window_address(world.ks.get(world.slot(frame), layout.FRAME_BASE))
    for offset, word in zip(RECEIVE, (InitialCap.CNODE, target, 32), strict=True):
        world.ks.store(buffer + offset, word)
    world.run(caller)
    world.syscall(Syscall.CALL, endpoint)
    world.syscall(Syscall.WAIT, endpoint)
    world.syscall(Syscall.REPLY, 0, (1,), caps=(endpoint,))
    assert world.register("r1", caller) >> 7 & 0x1F == 1
    assert world.cap_type(target) is CapType.ENDPOINT


@pytest.mark.parametrize("who", ["sender", "receiver"])
def test_without_a_buffer_four_words_arrive(world: World, who: str) -> None:
    """A side without buffer cuts the message to the four registers."""
    endpoint = world.make(ObjectType.ENDPOINT)
    _, tcb = world.thread(100)
    words = tuple(range(9))
    world.run(tcb)
    if who == "receiver":
        world.syscall(Syscall.WAIT, endpoint)
        world.syscall(Syscall.SEND, endpoint, words)
        assert world.register("r1", tcb) & 0x7F == 4
    else:
        world.syscall(Syscall.SEND, endpoint, words[:4], length=9)
        answer = world.syscall(Syscall.WAIT, endpoint)
        assert (answer.length, answer.words) == (4, [0, 1, 2, 3])
