# SPDX-License-Identifier: BSD-2-Clause
"""Recycle in steps: the object is opaque while it is cleaned, and fresh in the end (R4.58)."""

import pytest

from kernel import abi, layout, limits
from kernel.abi import Error, InitialCap, Label, ObjectType
from kernel.layout import CapType
from tests.kernel.conftest import World

ROOT = (InitialCap.CNODE,)
LINE = 45


def _recycle(world: World, index: int) -> int:
    """Recycle, preempted after each unit, until it answers; how often it was preempted."""
    svc = world.register("pc")
    world.port.pending_irq = LINE
    for preemptions in range(1000):
        answer = world.cnode(Label.CNODE_RECYCLE, (index, 32))
        if world.register("pc") != svc:
            assert answer.label == 0, world.port.logs
            world.port.pending_irq = None
            return preemptions
    raise AssertionError("recycle makes no progress")


@pytest.fixture(autouse=True)
def one_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A preemption point after every unit of work."""
    monkeypatch.setattr(limits, "WORK_UNITS_PER_CHECK", 1)


def test_frame_is_cleared_in_pieces(world: World) -> None:
    """A 64 KB frame is clear after 16 pieces; nobody maps it meanwhile."""
    frame = world.make(ObjectType.LARGE_PAGE)
    base = layout.window_address(world.ks.get(world.slot(frame), layout.FRAME_BASE))
    for offset in range(0, 1 << abi.LARGE_PAGE_BITS, 4096):
        world.ks.store(base + offset, 0xDEAD_BEEF)
    cap = world.ks.load(world.slot(frame)), world.ks.load(world.slot(frame) + 4)
    world.port.pending_irq = LINE
    world.cnode(Label.CNODE_RECYCLE, (frame, 32))
    world.port.pending_irq = None
    assert world.cap_type(frame) is CapType.ZOMBIE
    words = (0x100_0000, 3, 1)
    answer = world.call(frame, Label.PAGE_MAP, words, (InitialCap.VSPACE,))
    assert answer.label == Error.INVALID_CAPABILITY
    assert _recycle(world, frame) >= 10
    assert (world.ks.load(world.slot(frame)), world.ks.load(world.slot(frame) + 4)) == cap
    assert not any(world.ks.load(base + n) for n in range(0, 1 << abi.LARGE_PAGE_BITS, 4096))


def test_cnode_is_emptied_and_usable(world: World) -> None:
    """All slots of a recycled CNode are empty and its guard is gone; it can be used again."""
    cnode = world.make(ObjectType.CNODE, 3)
    for place in range(1, 6):
        words = (place, 3, world.make(ObjectType.ENDPOINT), 32)
        assert world.call(cnode, Label.CNODE_MOVE, words, ROOT).label == 0
    assert _recycle(world, cnode) >= 5
    assert world.cap_type(cnode) is CapType.CNODE
    words = (1, 3, world.make(ObjectType.ENDPOINT), 32)
    assert world.call(cnode, Label.CNODE_MOVE, words, ROOT).label == 0


def test_thread_is_new(world: World) -> None:
    """A recycled TCB is inactive, without roots, with the registers of a new one (R4.59)."""
    index, tcb = world.thread()
    _recycle(world, index)
    assert world.cap_type(index) is CapType.TCB
    fresh = world.make(ObjectType.TCB)
    other = world.ks.get(world.slot(fresh), layout.TCB_POINTER)
    for offset in range(0, 1 << abi.TCB_BITS, 4):
        assert world.ks.load(tcb + offset) == world.ks.load(other + offset), hex(offset)


def test_delete_ends_an_interrupted_recycle(world: World) -> None:
    """Delete on the zombie that a preempted recycle left removes the object."""
    cnode = world.make(ObjectType.CNODE, 3)
    words = (4, 3, world.make(ObjectType.ENDPOINT), 32)
    assert world.call(cnode, Label.CNODE_MOVE, words, ROOT).label == 0
    world.port.pending_irq = LINE
    world.cnode(Label.CNODE_RECYCLE, (cnode, 32))
    assert world.cap_type(cnode) is CapType.ZOMBIE
    world.port.pending_irq = None
    assert world.cnode(Label.CNODE_DELETE, (cnode, 32)).label == 0
    assert world.cap_type(cnode) is CapType.NULL
