# SPDX-License-Identifier: BSD-2-Clause
"""Every invariant notices the damage that it is there for."""

from kernel import layout
from kernel.abi import ObjectType
from kernel.invariants import invs
from kernel.object import mdb, zombie
from kernel.object.capability import is_empty, make_cap, read_cap, write_cap
from tests.kernel.conftest import World


def _names(world: World) -> set[str]:
    return {problem.split(":")[0] for problem in invs(world.ks)}


def test_broken_link(world: World) -> None:
    """A predecessor that does not fit is found."""
    world.ks.put(world.slot(3), layout.MDB_PREV, world.slot(9))
    assert "mdb_links" in _names(world)


def test_broken_depth(world: World) -> None:
    """A depth that jumps by two is found."""
    world.ks.put(world.slot(4), layout.MDB_DEPTH, 5)
    assert "mdb_depths" in _names(world)


def test_separated_capabilities(world: World) -> None:
    """Capabilities to one object that are apart are found."""
    cap = layout.Field(0, 0, 32).get(world.ks.load(world.slot(1)))
    world.ks.store(world.slot(4), cap)
    assert "mdb_adjacency" in _names(world)


def test_overlap_and_watermark(world: World) -> None:
    """A capability that names memory of another object, or unused memory, is found."""
    first = world.make(ObjectType.SMALL_PAGE, 0, 2)
    base = world.ks.get(world.slot(first), layout.FRAME_BASE)
    world.ks.put(world.slot(first + 1), layout.FRAME_BASE, base + 0x2000)
    assert _names(world) == {"untyped_contains_children"}
    root = layout.physical_address(world.slot(0))
    world.ks.put(world.slot(first + 1), layout.FRAME_BASE, root)
    assert "object_overlap" in _names(world)


def test_queues(world: World) -> None:
    """A ready thread outside its queue, a wrong bitmap and a wrong endpoint state are found."""
    _, tcb = world.thread()
    endpoint = world.make(ObjectType.ENDPOINT)
    address = world.ks.get(world.slot(endpoint), layout.ENDPOINT_POINTER)
    world.ks.store(layout.READY_QUEUES + 8 * 100, 0)
    world.ks.store(address, layout.QueueState.SENDING)
    assert {"ready_queues", "runnable_threads_are_found", "endpoint_queues"} <= _names(world)
    assert tcb != world.root_thread


def test_reply_links(world: World) -> None:
    """A master that points at no reply capability is found."""
    slot = world.root_thread + layout.TCB_REPLY
    world.ks.store(slot + mdb.WORD_NEXT, layout.MDB_NEXT.put(0, world.slot(50)))
    assert "reply_links" in _names(world)


def test_wrong_last_reference(world: World) -> None:
    """A capability to an object whose others are not beside it is found by the full count."""
    end = world.make(ObjectType.ENDPOINT)
    frame = world.make(ObjectType.SMALL_PAGE)
    for word in (0, 4):
        world.ks.store(world.slot(frame) + word, world.ks.load(world.slot(end) + word))
    assert "last_references" in _names(world)


def test_tombstone_without_descendants(world: World) -> None:
    """A tombstone that nobody needs, or that looks like a leaf's neighbour, is found."""
    end = world.make(ObjectType.ENDPOINT)
    mdb.bury(world.ks, world.slot(end))
    assert _names(world) == {"tombstones"}
    world.ks.put(world.slot(end), layout.MDB_DEPTH, 1)
    assert "tombstones" in _names(world)


def test_zombie_that_is_not_alone(world: World) -> None:
    """A zombie beside a live capability, and one that left a slot behind, are found."""
    index, tcb = world.thread()
    world.copy(index)
    slot = world.slot(index)
    write_cap(world.ks, slot, zombie.of_container(read_cap(world.ks, slot)))
    found = invs(world.ks)
    assert any("is not alone" in problem for problem in found)
    assert any("is not stopped" in problem for problem in found)
    world.ks.put(slot, layout.ZOMBIE_NEXT, 0)
    assert any("passed a slot" in problem for problem in invs(world.ks))
    assert not is_empty(world.ks, tcb + layout.TCB_CTABLE)


def test_capability_outside_every_container(world: World) -> None:
    """A listed slot in memory that is no CNode's and no TCB's is found."""
    end = world.make(ObjectType.ENDPOINT)
    nowhere = world.ks.get(world.slot(world.untyped()), layout.UNTYPED_POINTER)
    mdb.move(world.ks, world.slot(end), nowhere, read_cap(world.ks, world.slot(end)))
    assert _names(world) == {"slot_homes"}


def test_caller_slot(world: World) -> None:
    """A caller slot whose reply capability its master does not know is found."""
    _, tcb = world.thread()
    cap = make_cap(layout.CapType.REPLY, (layout.REPLY_TCB, world.root_thread))
    write_cap(world.ks, tcb + layout.TCB_CALLER, cap)
    assert _names(world) == {"reply_links"}
