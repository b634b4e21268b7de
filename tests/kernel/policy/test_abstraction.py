# SPDX-License-Identifier: BSD-2-Clause
"""Live kernel memory as a state of the model: tables 5.2 and 5.3 on real objects."""

from collections.abc import Callable

import pytest

from kernel import abi, layout
from kernel.abi import InitialCap, Label, ObjectType, Syscall
from kernel.layout import CapType
from kernel.model.state import Right, sane
from kernel.policy.abstraction import Abstractor
from kernel.policy.entities import Abstraction, Entity
from tests.kernel.conftest import World

R, W, G, C = Right.READ, Right.WRITE, Right.GRANT, Right.CREATE

Take = Callable[[], Abstraction]


@pytest.fixture
def take(world: World) -> Take:
    """The abstraction of the world at present, by one abstractor."""

    def block(address: int, size: int) -> bytes:
        start = address - layout.WINDOW_BASE
        return bytes(world.port.ram[start : start + size])

    return Abstractor(world.ks, block).take


def _root(live: Abstraction) -> Entity:
    (cnode,) = [each for each in live.held if each.kind is CapType.CNODE]
    return cnode


def _thread(live: Abstraction) -> Entity:
    (thread,) = live.threads
    return thread


def test_the_initial_thread_has_grant_over_its_spaces(take: Take) -> None:
    """A thread holds Grant over CSpace and VSpace, and its CSpace Grant over itself."""
    live = take()
    thread, root = _thread(live), _root(live)
    kinds = {e.kind: rights for e, rights in live.caps(thread).items()}
    assert kinds[CapType.CNODE] == kinds[CapType.PAGE_DIRECTORY] == G
    assert live.caps(root)[root] == G
    assert live.caps(root)[thread] == R | W | G
    assert sane(live.state)


@pytest.mark.parametrize(
    ("kind", "cap_type", "rights"),
    [
        (ObjectType.UNTYPED, CapType.UNTYPED, C),
        (ObjectType.TCB, CapType.TCB, R | W | G),
        (ObjectType.CNODE, CapType.CNODE, G),
        (ObjectType.PAGE_TABLE, CapType.PAGE_TABLE, G),
        (ObjectType.PAGE_DIRECTORY, CapType.PAGE_DIRECTORY, G),
        (ObjectType.SMALL_PAGE, CapType.FRAME, R | W),
    ],
)
def test_rights_over_each_type(
    world: World, take: Take, kind: ObjectType, cap_type: CapType, rights: Right
) -> None:
    """What Retype makes is a new entity, over which the CSpace has the rights of table 5.2."""
    before = take()
    root = _root(before)
    world.make(kind, 6)
    live = take()
    fresh = [e for e in live.caps(root) if live.numbers[e] >= before.state.next_id]
    assert [(each.kind, live.caps(root)[each]) for each in fresh] == [(cap_type, rights)]


def test_endpoints_are_no_entities(world: World, take: Take) -> None:
    """An endpoint adds no entity, only the channel between those who hold it (R5.27)."""
    before = take()
    world.make(ObjectType.ENDPOINT)
    live = take()
    assert live.numbers == before.numbers
    (end,) = live.ends
    assert (end.holder, end.rights) == (_root(live), R | W | G)


def test_nothing_new_is_the_same_object(world: World, take: Take) -> None:
    """A system call that changes no capability leaves the abstraction alone."""
    before = take()
    world.syscall(Syscall.YIELD)
    assert take() is before
    world.make(ObjectType.ENDPOINT)
    assert take() is not before


def test_read_only_copies_are_read_only(world: World, take: Take) -> None:
    """A Frame capability with Read alone is Read in the model; the CSpace holds both."""
    frame = world.make(ObjectType.SMALL_PAGE)
    copied = world.copy(frame, abi.RIGHT_READ)
    answer = world.cnode(Label.CNODE_DELETE, (frame, 32))
    assert answer.label == 0
    live = take()
    address = world.ks.get(world.slot(copied), layout.FRAME_BASE)
    assert live.caps(_root(live))[Entity(CapType.FRAME, address, 12)] == R


def test_a_vspace_holds_what_it_maps(world: World, take: Take) -> None:
    """The PageTable of the VSpace holds the frame, with the rights of the mapping."""
    frame = world.make(ObjectType.SMALL_PAGE)
    words = (0x8_0000, abi.RIGHT_READ, abi.ATTR_CACHEABLE)
    assert world.call(frame, Label.PAGE_MAP, words, (InitialCap.VSPACE,)).label == 0
    live = take()
    address = world.ks.get(world.slot(frame), layout.FRAME_BASE)
    entity = Entity(CapType.FRAME, address, 12)
    (directory,) = [e for e in live.numbers if e.kind is CapType.PAGE_DIRECTORY]
    (table,) = live.caps(directory)
    assert (table.kind, live.caps(directory)[table]) == (CapType.PAGE_TABLE, G)
    assert live.caps(table)[entity] == R
    assert world.call(frame, Label.PAGE_UNMAP).label == 0
    assert entity not in take().caps(table)


def test_who_waits_for_a_reply_can_be_granted_to(world: World, take: Take) -> None:
    """A reply capability is Write and Grant over the caller, and goes with the reply."""
    endpoint = world.make(ObjectType.ENDPOINT)
    _, server = world.thread(200)
    _, client = world.thread(100)
    world.run(server)
    world.syscall(Syscall.WAIT, endpoint)
    world.run(client)
    world.syscall(Syscall.CALL, endpoint, (1,))
    one, other = (Entity(CapType.TCB, tcb, abi.TCB_BITS) for tcb in (server, client))
    assert take().caps(one)[other] == W | G
    world.run(server)
    world.syscall(Syscall.REPLY)
    assert other not in take().caps(one)


def test_a_queue_counts(world: World, take: Take) -> None:
    """A thread that waits in a queue holds what it waits with."""
    endpoint = world.make(ObjectType.ENDPOINT)
    _, receiver = world.thread(200)
    world.run(receiver)
    world.syscall(Syscall.WAIT, endpoint)
    ends = {end.holder: end.rights for end in take().ends}
    assert ends[Entity(CapType.TCB, receiver, abi.TCB_BITS)] == R
