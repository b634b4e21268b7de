# SPDX-License-Identifier: BSD-2-Clause
"""Deletion in steps: containers, waiting threads, preemption (R4.81 to R4.85, R4.63)."""

import random
from collections.abc import Callable

import pytest

from kernel import layout, limits
from kernel.abi import Error, InitialCap, Label, ObjectType, Syscall
from kernel.invariants import invs
from kernel.layout import CapType, ThreadState
from kernel.object import mdb, zombie
from kernel.object.capability import is_empty, read_cap
from kernel.object.delete import delete, revoke
from kernel.object.untyped import RetypeRequest, retype
from kernel.preemption import Preempted
from tests.kernel.conftest import World

ROOT = (InitialCap.CNODE,)
LINE = 45

Until = Callable[[World, Callable[[], object]], int]


@pytest.fixture
def until_done(monkeypatch: pytest.MonkeyPatch) -> Until:
    """Repeats an operation that is preempted after each unit; checks all between; counts."""
    monkeypatch.setattr(limits, "WORK_UNITS_PER_CHECK", 1)

    def repeat(world: World, operation: Callable[[], object]) -> int:
        world.port.pending_irq = LINE
        for preemptions in range(10_000):
            try:
                operation()
            except Preempted:
                assert invs(world.ks) == []
                continue
            world.port.pending_irq = None
            assert invs(world.ks) == []
            return preemptions
        raise AssertionError("the operation makes no progress")

    return repeat


def _cnode(world: World, untyped: int | None = None, bits: int = 2) -> tuple[int, int]:
    """A CNode: its capability's number and its memory."""
    memory = world.untyped() if untyped is None else untyped
    index = world.retype(memory, ObjectType.CNODE, bits)
    return index, world.ks.get(world.slot(index), layout.CNODE_POINTER)


def _move_in(world: World, cnode: int, place: int, source: int, bits: int = 2) -> None:
    answer = world.call(cnode, Label.CNODE_MOVE, (place, bits, source, 32), ROOT)
    assert answer.label == 0, world.port.logs


def test_contents_go_in_steps_from_the_last_slot(world: World, until_done: Until) -> None:
    """A dying CNode is opaque from the first step, and loses its slots one after the other."""
    cnode, memory = _cnode(world)
    ends = [world.make(ObjectType.ENDPOINT) for _ in range(2)]
    for place, end in enumerate(ends, start=1):
        _move_in(world, cnode, place, end)
    slot = world.slot(cnode)
    world.port.pending_irq = LINE
    with pytest.raises(Preempted):
        delete(world.ks, slot)
    assert world.cap_type(cnode) is CapType.ZOMBIE
    world.port.pending_irq = None
    assert world.call(cnode, Label.CNODE_DELETE, (1, 2)).label == Error.INVALID_CAPABILITY
    copy = (world.next_slot(), 32, cnode, 32, 7)
    assert world.cnode(Label.CNODE_COPY, copy, ROOT).label == Error.ILLEGAL_OPERATION
    assert until_done(world, lambda: delete(world.ks, slot)) >= 3
    assert all(is_empty(world.ks, memory + 16 * place) for place in range(4))
    assert is_empty(world.ks, slot)


def test_swapping_walks_a_chain_without_recursion(world: World, until_done: Until) -> None:
    """Each CNode of a chain is set aside in itself; revoke of their Untyped kills them (R4.85)."""
    untyped = world.untyped()
    first = world.retype(untyped, ObjectType.CNODE, 2, 6)
    memory = [world.ks.get(world.slot(first + n), layout.CNODE_POINTER) for n in range(6)]
    for outer in range(4, -1, -1):
        _move_in(world, first + outer, 0, first + outer + 1)
    until_done(world, lambda: delete(world.ks, world.slot(first)))
    assert is_empty(world.ks, world.slot(first))
    for address in memory[1:]:
        assert world.ks.get(address, layout.CAP_TYPE) == CapType.ZOMBIE
        assert world.ks.get(address, layout.ZOMBIE_POINTER) == address
    until_done(world, lambda: revoke(world.ks, world.slot(untyped)))
    assert all(is_empty(world.ks, address) for address in memory)


def test_cycle_of_cnodes(world: World, until_done: Until) -> None:
    """Two CNodes that hold each other's last capability die with their Untyped, links right."""
    untyped = world.untyped()
    first = world.retype(untyped, ObjectType.CNODE, 2, 2)
    memory = [world.ks.get(world.slot(first + n), layout.CNODE_POINTER) for n in range(2)]
    copy = world.copy(first)
    _move_in(world, copy, 1, first + 1)
    inner = world.next_slot()
    assert world.cnode(Label.CNODE_COPY, (inner, 32, 1, 2, 7), (copy,)).label == 0
    _move_in(world, inner, 0, first)
    world.cnode(Label.CNODE_DELETE, (inner, 32))
    world.cnode(Label.CNODE_DELETE, (copy, 32))
    assert not is_empty(world.ks, memory[1])
    until_done(world, lambda: delete(world.ks, memory[1]))
    until_done(world, lambda: revoke(world.ks, world.slot(untyped)))
    assert all(is_empty(world.ks, start + 16 * n) for start in memory for n in range(4))


def test_set_aside_keeps_its_contents(world: World, until_done: Until) -> None:
    """What lies in a set-aside CNode lives on until an ancestor is revoked (R4.85)."""
    untyped = world.untyped()
    inner, memory = _cnode(world, untyped)
    outer, _ = _cnode(world)
    thread, tcb = world.thread()
    _move_in(world, inner, 1, thread)
    _move_in(world, outer, 3, inner)
    until_done(world, lambda: delete(world.ks, world.slot(outer)))
    assert world.ks.get(memory + 16, layout.CAP_TYPE) == CapType.TCB
    assert world.ks.load(tcb + layout.TCB_STATE) != ThreadState.INACTIVE
    until_done(world, lambda: revoke(world.ks, world.slot(untyped)))
    assert world.ks.load(tcb + layout.TCB_STATE) == ThreadState.INACTIVE
    assert is_empty(world.ks, memory + 16)


def test_thread_dies_stopped(world: World, until_done: Until) -> None:
    """A TCB is stopped and out of its queue before its first slot is touched (R4.55)."""
    index, tcb = world.thread()
    preemptions = until_done(world, lambda: delete(world.ks, world.slot(index)))
    assert preemptions >= 3
    assert world.ks.load(tcb + layout.TCB_STATE) == ThreadState.INACTIVE
    assert all(is_empty(world.ks, tcb + offset) for offset in layout.TCB_SLOTS)


def test_waiting_threads_wake_one_by_one(world: World, until_done: Until) -> None:
    """Deleting an endpoint restarts its waiters in steps; nobody reaches it meanwhile (R4.54)."""
    end = world.make(ObjectType.ENDPOINT)
    threads = [world.thread(200)[1] for _ in range(4)]
    for tcb in threads:
        world.run(tcb)
        world.syscall(Syscall.WAIT, end)
    assert until_done(world, lambda: delete(world.ks, world.slot(end))) == len(threads) + 1
    for tcb in threads:
        assert world.ks.load(tcb + layout.TCB_STATE) == ThreadState.RESTART


def test_preempted_call_is_repeated(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread of a preempted Revoke stands at its SVC again, and gets its answer in the end."""
    monkeypatch.setattr(limits, "WORK_UNITS_PER_CHECK", 1)
    master = world.make(ObjectType.ENDPOINT)
    copies = [world.mint(master, badge) for badge in range(1, 6)]
    svc = world.register("pc")
    world.port.pending_irq = LINE
    world.cnode(Label.CNODE_REVOKE, (master, 32))
    assert world.register("pc") == svc
    assert world.register("r0") == InitialCap.CNODE
    left = [copy for copy in copies if world.cap_type(copy) is not CapType.NULL]
    assert 0 < len(left) < len(copies)
    world.port.pending_irq = None
    assert world.cnode(Label.CNODE_REVOKE, (master, 32)).label == 0
    assert world.register("pc") == svc + 4
    assert all(world.cap_type(copy) is CapType.NULL for copy in copies)


def test_removal_of_the_last_step_is_not_preempted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call whose work is done answers, whatever interrupt waits."""
    monkeypatch.setattr(limits, "WORK_UNITS_PER_CHECK", 1)
    end = world.make(ObjectType.ENDPOINT)
    world.port.pending_irq = LINE
    svc = world.register("pc")
    assert world.cnode(Label.CNODE_DELETE, (end, 32)).label == 0
    assert world.register("pc") == svc + 4


class Graph:
    """CNodes and TCBs that hold each other's capabilities at random, loops included."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.ks = world, world.ks
        self.random = random.Random(seed)
        self.untypeds = [world.slot(world.untyped()) for _ in range(3)]
        self.slots: list[int] = []
        for untyped, kind, bits in zip(
            self.untypeds, (ObjectType.CNODE, ObjectType.TCB, ObjectType.CNODE), (2, 0, 1),
            strict=True,
        ):  # fmt: skip
            slots = [world.slot(world.next_slot()) for _ in range(6)]
            retype(self.ks, untyped, RetypeRequest(kind, bits, 0, slots))
            self.slots += slots
        for slot in self.slots[:]:
            cap = read_cap(self.ks, slot)
            if cap.type is CapType.CNODE:
                start = cap.get(layout.CNODE_POINTER)
                self.slots += range(start, start + 16 * zombie.slot_count(cap), 16)
            else:
                self.slots.append(cap.get(layout.TCB_POINTER))

    def shuffle(self) -> None:
        """Copy and move container capabilities into the containers; the first slot of a TCB too."""
        for _ in range(80):
            source, target = self.random.choice(self.slots), self.random.choice(self.slots)
            cap = read_cap(self.ks, source)
            if cap.type not in zombie.CONTAINERS or not is_empty(self.ks, target):
                continue
            if self.random.random() < 0.5:
                mdb.insert_copy(self.ks, source, target, cap, revocable=False)
            else:
                mdb.move(self.ks, source, target, cap)

    def operation(self) -> Callable[[], None]:
        if self.random.random() < 0.1:
            untyped = self.random.choice(self.untypeds)
            return lambda: revoke(self.ks, untyped)
        slot = self.random.choice(self.slots)
        return lambda: delete(self.ks, slot)


@pytest.mark.parametrize("seed", range(8))
def test_any_graph_of_containers(world: World, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Interleaved deletions in a random graph keep every invariant at every step, and all ends."""
    monkeypatch.setattr(limits, "WORK_UNITS_PER_CHECK", 1)
    graph = Graph(world, seed)
    graph.shuffle()
    assert invs(world.ks) == []
    world.port.pending_irq = LINE
    under_way = [graph.operation() for _ in range(12)]
    while under_way:
        operation = graph.random.choice(under_way)
        try:
            operation()
        except Preempted:
            pass
        else:
            under_way.remove(operation)
        assert invs(world.ks) == []
    world.port.pending_irq = None
    for untyped in graph.untypeds:
        revoke(world.ks, untyped)
        assert mdb.is_leaf(world.ks, untyped)
    assert all(is_empty(world.ks, slot) for slot in graph.slots)
    assert invs(world.ks) == []
