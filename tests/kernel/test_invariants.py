# SPDX-License-Identifier: BSD-2-Clause
"""Every invariant notices the damage that it is there for."""

from kernel import layout
from kernel.abi import ObjectType
from kernel.invariants import invs
from kernel.object import mdb
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
