# SPDX-License-Identifier: BSD-2-Clause
"""Delete, revoke, recycle and the destruction of objects: R4.52 to R4.62, R4.81 to R4.85."""

import pytest

from kernel import abi, layout, limits
from kernel.abi import Error, InitialCap, Label, ObjectType, Syscall
from kernel.invariants import invs
from kernel.layout import CapType, ThreadState
from kernel.object import mdb, vspace
from kernel.object.capability import read_cap
from kernel.object.mdb import listed_slots
from kernel.schedule import is_queued, thread_state
from tests.kernel.conftest import World
from tests.kernel.requirements.accounting import memory_of
from tests.kernel.requirements.stage import ROOT

AT = 0x4000_0000


def _delete(world: World, index: int) -> None:
    assert world.cnode(Label.CNODE_DELETE, (index, 32)).label == 0


def _revoke(world: World, index: int) -> None:
    assert world.cnode(Label.CNODE_REVOKE, (index, 32)).label == 0


def test_delete_removes_one_capability(world: World) -> None:
    """Delete empties one slot; copies, parent and siblings stay (R4.52)."""
    master = world.make(ObjectType.ENDPOINT)
    first, second = world.copy(master), world.copy(master)
    before = set(listed_slots(world.ks))
    _delete(world, first)
    assert set(listed_slots(world.ks)) == before - {world.slot(first)}
    assert world.cap_type(master) is world.cap_type(second) is CapType.ENDPOINT


def test_revoke_reaches_what_the_caller_cannot_name(world: World) -> None:
    """Descendants in another thread's CSpace go as well; the capability itself stays (R4.53)."""
    master = world.make(ObjectType.ENDPOINT)
    other = world.make(ObjectType.CNODE, 4)
    base = world.ks.get(world.slot(other), layout.CNODE_POINTER)
    words = (3, 4, master, 32, 7)
    assert world.call(other, Label.CNODE_COPY, words, ROOT).label == 0
    index, _ = world.thread()
    guard = 1 << 31 | 28 << 3
    spaces = (other, InitialCap.VSPACE)
    assert world.call(index, Label.TCB_SET_SPACE, (0, guard, 0), spaces).label == 0
    _delete(world, other)
    assert world.ks.get(base + 48, layout.CAP_TYPE) == CapType.ENDPOINT
    _revoke(world, master)
    assert world.ks.get(base + 48, layout.CAP_TYPE) == CapType.NULL
    assert world.cap_type(master) is CapType.ENDPOINT


def test_last_capability_makes_the_object_inactive(world: World) -> None:
    """Before the last capability goes every queue and pointer lets go of the object (R4.54)."""
    endpoint = world.make(ObjectType.ENDPOINT)
    at = world.ks.get(world.slot(endpoint), layout.ENDPOINT_POINTER)
    copy = world.copy(endpoint)
    _, tcb = world.thread()
    world.run(tcb)
    world.syscall(Syscall.WAIT, endpoint)
    _delete(world, endpoint)
    assert world.ks.get(at, layout.EP_HEAD) == tcb
    _delete(world, copy)
    assert world.ks.get(at, layout.EP_HEAD) == 0
    assert thread_state(world.ks, tcb) is ThreadState.RESTART


@pytest.mark.parametrize("queue", ["ready", "send", "receive", "signal", "reply"])
def test_destroyed_thread_is_in_no_queue(world: World, queue: str) -> None:
    """A destroyed thread is stopped and out of the queue it was in, whichever it was (R4.55)."""
    endpoint = world.make(ObjectType.ENDPOINT)
    signal = world.make(ObjectType.ASYNC_ENDPOINT)
    index, tcb = world.thread()
    calls = {
        "send": (Syscall.SEND, endpoint),
        "receive": (Syscall.WAIT, endpoint),
        "signal": (Syscall.WAIT, signal),
        "reply": (Syscall.CALL, endpoint),
    }
    if queue != "ready":
        world.run(tcb)
        world.syscall(*calls[queue])
    if queue == "reply":
        world.syscall(Syscall.WAIT, endpoint)
    _delete(world, index)
    assert thread_state(world.ks, tcb) is ThreadState.INACTIVE
    assert not is_queued(world.ks, tcb)
    for slot, field in ((endpoint, layout.EP_HEAD), (signal, layout.EP_HEAD)):
        assert world.ks.get(world.ks.get(world.slot(slot), layout.ENDPOINT_POINTER), field) == 0
    assert world.ks.get(world.root_thread + layout.TCB_CALLER, layout.CAP_TYPE) == CapType.NULL


def _in_use(world: World) -> int:
    """An Untyped with a subsystem in it: thread, spaces, a mapped frame, a waiting thread."""
    untyped = world.untyped()
    pieces = world.retype(untyped, ObjectType.UNTYPED, 16, 6)
    directory = world.retype(pieces, ObjectType.PAGE_DIRECTORY)
    assert world.call(6, Label.ASID_POOL_ASSIGN, (), (directory,)).label == 0
    table = world.retype(pieces + 1, ObjectType.PAGE_TABLE)
    assert world.call(table, Label.PAGE_TABLE_MAP, (AT, 3), (directory,)).label == 0
    frame = world.retype(pieces + 2, ObjectType.SMALL_PAGE)
    assert world.call(frame, Label.PAGE_MAP, (AT, 3, 3), (directory,)).label == 0
    shared = world.copy(frame)
    assert world.call(shared, Label.PAGE_MAP, (0x1_6000, 3, 3), (InitialCap.VSPACE,)).label == 0
    cnode = world.retype(pieces + 3, ObjectType.CNODE, 4)
    thread = world.retype(pieces + 4, ObjectType.TCB)
    endpoint = world.retype(pieces + 5, ObjectType.ENDPOINT)
    spaces = (cnode, directory, frame)
    assert world.call(thread, Label.TCB_CONFIGURE, (0, 9, 0, 0, AT), spaces).label == 0
    assert world.call(thread, Label.TCB_RESUME).label == 0
    _, waiting = world.thread()
    world.run(waiting)
    world.syscall(Syscall.WAIT, endpoint)
    assert world.ks.current == world.root_thread
    return untyped


def test_revoked_untyped_is_free_of_everything(world: World) -> None:
    """After revoke nothing leads into the memory of an Untyped, and it serves again (R4.56).

    No capability, no ASID entry, no mapping, no queue and no ready thread is left (R4.62).
    """
    untyped = _in_use(world)
    memory = memory_of(read_cap(world.ks, world.slot(untyped)))
    assert memory is not None
    start, end = memory
    _revoke(world, untyped)
    for slot in listed_slots(world.ks):
        found = memory_of(read_cap(world.ks, slot))
        inside = found is not None and start <= found[0] < end
        assert not inside or slot == world.slot(untyped)
        assert not start <= slot < end
    directories = [vspace.directory_of_asid(world.ks, asid) for asid in range(256)]
    assert not [at for at in directories if start <= at < end]
    table = vspace.table_of(world.ks, directories[abi.INITIAL_ASID], 0x1_6000)
    assert world.ks.load(vspace.table_entry(table, 0x1_6000)) == 0
    heads = [world.ks.load(layout.READY_QUEUES + 8 * n) for n in range(256)]
    assert not [tcb for tcb in heads if start <= tcb < end]
    assert world.retype(untyped, ObjectType.SECTION, 0, 2)
    assert invs(world.ks) == []


def test_revoke_leaves_the_objects_state(world: World) -> None:
    """Revoke on a typed capability removes capabilities only: a stored signal stays (R4.57)."""
    signal = world.make(ObjectType.ASYNC_ENDPOINT)
    badged = world.mint(signal, 4)
    world.syscall(Syscall.SEND, badged, (6,))
    _revoke(world, signal)
    assert world.cap_type(badged) is CapType.NULL
    answer = world.syscall(Syscall.WAIT, signal)
    assert (answer.badge, answer.words) == (4, [6])


RECYCLED = {
    ObjectType.TCB: 0,
    ObjectType.ENDPOINT: 0,
    ObjectType.ASYNC_ENDPOINT: 0,
    ObjectType.CNODE: 4,
    ObjectType.SMALL_PAGE: 0,
    ObjectType.PAGE_TABLE: 0,
    ObjectType.PAGE_DIRECTORY: 0,
}


def _use(world: World, kind: ObjectType, index: int) -> None:
    """Leave traces in an object."""
    match kind:
        case ObjectType.TCB:
            spaces = (InitialCap.CNODE, InitialCap.VSPACE, InitialCap.IPC_BUFFER)
            world.call(index, Label.TCB_CONFIGURE, (7, 9, 0, 0, 0x1_3000), spaces)
            world.call(index, Label.TCB_WRITE_REGISTERS, (1, 2, 0x40, 0x80))
        case ObjectType.ENDPOINT | ObjectType.ASYNC_ENDPOINT:
            _, tcb = world.thread()
            world.run(tcb)
            world.syscall(Syscall.WAIT, index)
        case ObjectType.CNODE:
            world.call(index, Label.CNODE_COPY, (3, 4, InitialCap.TCB, 32, 7), ROOT)
        case ObjectType.SMALL_PAGE:
            base = world.ks.get(world.slot(index), layout.FRAME_BASE)
            world.ks.store(layout.window_address(base), 0x5A5A)
            world.call(index, Label.PAGE_MAP, (0x1_6000, 3, 3), (InitialCap.VSPACE,))
        case ObjectType.PAGE_TABLE:
            world.call(index, Label.PAGE_TABLE_MAP, (AT, 3), (InitialCap.VSPACE,))
            frame = world.make(ObjectType.SMALL_PAGE)
            world.call(frame, Label.PAGE_MAP, (AT, 3, 3), (InitialCap.VSPACE,))
        case ObjectType.PAGE_DIRECTORY:
            world.call(6, Label.ASID_POOL_ASSIGN, (), (index,))
            section = world.make(ObjectType.SECTION)
            world.call(section, Label.PAGE_MAP, (AT, 3, 3), (index,))


def _contents(world: World, index: int) -> bytes:
    memory = memory_of(read_cap(world.ks, world.slot(index)))
    assert memory is not None
    start, end = (at - layout.WINDOW_BASE for at in memory)
    return bytes(world.port.ram[start:end])


@pytest.mark.parametrize("kind", list(RECYCLED), ids=lambda kind: kind.name)
def test_recycled_object_is_as_new(world: World, kind: ObjectType) -> None:
    """Recycle on a master: descendants gone, memory and capability as after retype (R4.58).

    Nothing else points at the object any more: no mapping, queue or ASID entry (R4.59).
    """
    index = world.make(kind, RECYCLED[kind])
    fresh, cap = _contents(world, index), read_cap(world.ks, world.slot(index))
    _use(world, kind, index)
    copy = world.copy(index)
    assert _contents(world, index) != fresh
    assert world.cnode(Label.CNODE_RECYCLE, (index, 32)).label == 0, world.port.logs[-1]
    assert world.cap_type(copy) is CapType.NULL
    assert _contents(world, index) == fresh
    assert read_cap(world.ks, world.slot(index)) == cap
    assert mdb.is_leaf(world.ks, world.slot(index))
    directory = vspace.directory_of_asid(world.ks, abi.INITIAL_ASID)
    assert vspace.table_of(world.ks, directory, AT) == 0
    table = vspace.table_of(world.ks, directory, 0x1_6000)
    assert world.ks.load(vspace.table_entry(table, 0x1_6000)) == 0


def test_recycle_is_for_masters(world: World) -> None:
    """Recycle is refused on a copy, and on a master with an imitated copy (R4.60, R4.61, R4.62)."""
    master = world.make(ObjectType.CNODE, 4)
    copy = world.copy(master)
    assert world.cnode(Label.CNODE_RECYCLE, (copy, 32)).label == Error.ILLEGAL_OPERATION
    twin = world.copy(master, label=Label.CNODE_IMITATE)
    for index in (master, twin):
        answer = world.cnode(Label.CNODE_RECYCLE, (index, 32))
        assert answer.label == Error.ILLEGAL_OPERATION
    _delete(world, twin)
    assert world.cnode(Label.CNODE_RECYCLE, (master, 32)).label == 0


def test_revoke_needs_only_an_untyped(world: World) -> None:
    """Memory comes back by revoke on any Untyped, whatever hangs below it (R4.62)."""
    outer = world.untyped()
    inner = world.retype(outer, ObjectType.UNTYPED, 16, 2)
    world.retype(inner, ObjectType.CNODE, 4)
    _revoke(world, outer)
    assert mdb.is_leaf(world.ks, world.slot(outer))
    assert world.retype(outer, ObjectType.TCB)


def _chain(world: World, length: int) -> list[int]:
    """CNodes each of which holds the only capability to the next; slots of the first are free."""
    cnodes = [world.make(ObjectType.CNODE, 2) for _ in range(length)]
    pointers = [world.ks.get(world.slot(n), layout.CNODE_POINTER) for n in cnodes]
    for outer, inner in zip(reversed(cnodes[:-1]), reversed(cnodes[1:]), strict=True):
        words = (1, 2, inner, 32)
        assert world.call(outer, Label.CNODE_MOVE, words, ROOT).label == 0
    assert [world.cap_type(n) for n in cnodes[1:]] == [CapType.NULL] * (length - 1)
    return [cnodes[0], *pointers]


def test_cnode_chain_is_deleted_without_recursion(world: World) -> None:
    """A chain of CNodes goes with its first capability; the kernel does not recurse (R4.83).

    The derivation list stays sound meanwhile (R4.84), and what is left is out of reach (R4.81).
    """
    first, *pointers = _chain(world, 12)
    _delete(world, first)
    assert world.cap_type(first) is CapType.NULL
    assert invs(world.ks) == []
    size = layout.SLOT_BYTES << 2
    for slot in listed_slots(world.ks):
        cap = read_cap(world.ks, slot)
        if cap.type is CapType.CNODE and cap.get(layout.CNODE_POINTER) in pointers:
            assert [at for at in pointers if at <= slot < at + size]


def test_what_a_dying_cnode_set_aside_goes_with_its_memory(world: World) -> None:
    """Revoke on the Untypeds of a deleted chain removes whatever was set aside (R4.85, R4.82)."""
    untypeds = world.split(12, 6)
    cnodes = [world.retype(untyped, ObjectType.CNODE, 2) for untyped in untypeds]
    for outer, inner in zip(reversed(cnodes[:-1]), reversed(cnodes[1:]), strict=True):
        assert world.call(outer, Label.CNODE_MOVE, (1, 2, inner, 32), ROOT).label == 0
    _delete(world, cnodes[0])
    for untyped in untypeds:
        _revoke(world, untyped)
        assert mdb.is_leaf(world.ks, world.slot(untyped))
        assert world.retype(untyped, ObjectType.TCB)
    assert invs(world.ks) == []


def test_loop_of_cnodes_is_deleted(world: World) -> None:
    """A CNode that holds itself, and two that hold each other, can be deleted (R4.82, R4.72)."""
    self_held = world.make(ObjectType.CNODE, 2)
    reach = world.copy(self_held)
    assert world.call(reach, Label.CNODE_MOVE, (1, 2, self_held, 32), ROOT).label == 0
    _delete(world, reach)
    assert invs(world.ks) == []
    one, two = world.make(ObjectType.CNODE, 2), world.make(ObjectType.CNODE, 2)
    reach = world.copy(one)
    assert world.call(reach, Label.CNODE_MOVE, (1, 2, two, 32), ROOT).label == 0
    inside = world.next_slot()
    copy = (inside, 32, 1, 2, 7)
    assert world.cnode(Label.CNODE_COPY, copy, (reach,)).label == 0
    assert world.call(inside, Label.CNODE_MOVE, (1, 2, one, 32), ROOT).label == 0
    _delete(world, inside)
    _delete(world, reach)
    assert invs(world.ks) == []


def test_revoke_is_preemptible(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A revoke with much to do lets a pending interrupt in, and is finished later (R4.63)."""
    monkeypatch.setattr(limits, "WORK_UNITS_PER_CHECK", 4)
    master = world.make(ObjectType.ENDPOINT)
    copies = [world.copy(master) for _ in range(40)]
    calls = 0
    while any(world.cap_type(copy) is CapType.ENDPOINT for copy in copies):
        world.port.pending_irq = 33
        world.cnode(Label.CNODE_REVOKE, (master, 32))
        calls += 1
        assert calls <= len(copies)
    world.port.pending_irq = None
    assert calls > 1
    assert world.cap_type(master) is CapType.ENDPOINT
