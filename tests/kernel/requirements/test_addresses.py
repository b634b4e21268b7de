# SPDX-License-Identifier: BSD-2-Clause
"""Capability addresses through the system calls: R4.64 to R4.80."""

import pytest

from kernel import abi, layout
from kernel.abi import CapTag, Error, InitialCap, Label, ObjectType, Syscall
from kernel.layout import CapType, ThreadState
from kernel.schedule import thread_state
from tests.kernel.conftest import World
from tests.kernel.requirements.stage import ROOT

LEVELS = ((4, 0xA), (3, 0x5), (4, 0x3))


def _guarded(bits: int, value: int) -> int:
    return 1 << 31 | value << 8 | bits << 3


def _tree(world: World) -> tuple[int, int, list[int]]:
    """A thread on a CSpace of three levels: slot, TCB, and the slots with each CNode's capability.

    Index bits: guard 4, slot 4; guard 3, slot 6; guard 4, slot 11: together 32.
    """
    radices = (4, 6, 11)
    cnodes = [world.make(ObjectType.CNODE, radix) for radix in radices]
    for outer, inner, (bits, guard) in ((0, 1, LEVELS[1]), (1, 2, LEVELS[2])):
        words = (2, radices[outer], cnodes[inner], 32, 7, _guarded(bits, guard))
        assert world.call(cnodes[outer], Label.CNODE_MINT, words, ROOT).label == 0
    index, tcb = world.thread(255)
    data = _guarded(*LEVELS[0])
    spaces = (cnodes[0], InitialCap.VSPACE)
    assert world.call(index, Label.TCB_SET_SPACE, (0, data, 0), spaces).label == 0
    return index, tcb, cnodes


def _address(slots: tuple[int, int, int]) -> int:
    first = LEVELS[0][1] << 28 | slots[0] << 24
    return first | LEVELS[1][1] << 21 | slots[1] << 15 | LEVELS[2][1] << 11 | slots[2]


def test_three_levels(world: World) -> None:
    """An index of one word is used up from its top: guard, slot, guard, slot, guard, slot.

    R4.64, R4.65, R4.66, R4.67, R4.68: the lookup begins at the CNode in the TCB.
    """
    _, tcb, cnodes = _tree(world)
    words = (1234, 11, InitialCap.DOMAIN, 32, 7)
    assert world.call(cnodes[2], Label.CNODE_COPY, words, ROOT).label == 0
    world.run(tcb)
    found = world.syscall(Syscall.DEBUG_CAP_IDENTIFY, _address((2, 2, 1234)))
    assert found.badge == CapTag.DOMAIN
    assert world.syscall(Syscall.DEBUG_CAP_IDENTIFY, _address((2, 2, 1235))).badge == 0


@pytest.mark.parametrize("bit", [28, 21, 11])
def test_wrong_guard_stops_the_lookup(world: World, bit: int) -> None:
    """A guard that differs in one bit, at any level, is a fault of the caller (R4.67)."""
    _, tcb, _ = _tree(world)
    world.run(tcb)
    world.syscall(Syscall.SEND, _address((2, 2, 5)) ^ 1 << bit)
    assert thread_state(world.ks, tcb) is ThreadState.INACTIVE
    assert "guard" in world.port.logs[-1]


def test_object_terminated(world: World) -> None:
    """A lookup ends early and well at anything but a CNode (R4.74); at 32 bits anywhere (R4.73)."""
    _, tcb, cnodes = _tree(world)
    words = (7, 6, InitialCap.DOMAIN, 32, 7)
    assert world.call(cnodes[1], Label.CNODE_COPY, words, ROOT).label == 0
    last = (9, 11, cnodes[0], 32, 7)
    assert world.call(cnodes[2], Label.CNODE_COPY, last, ROOT).label == 0
    world.run(tcb)
    for low in (0, 0x7FFF):
        cptr = _address((2, 7, 0)) & ~0x7FFF | low
        assert world.syscall(Syscall.DEBUG_CAP_IDENTIFY, cptr).badge == CapTag.DOMAIN
    bit_terminated = world.syscall(Syscall.DEBUG_CAP_IDENTIFY, _address((2, 2, 9)))
    assert bit_terminated.badge == CapTag.CNODE


def test_cnode_is_invoked_at_the_last_bit_only(world: World) -> None:
    """With bits left a CNode is entered, not invoked (R4.79)."""
    _, tcb, cnodes = _tree(world)
    words = (9, 11, cnodes[0], 32, 7)
    assert world.call(cnodes[2], Label.CNODE_COPY, words, ROOT).label == 0
    world.run(tcb)
    answer = world.call(_address((2, 2, 9)), Label.CNODE_DELETE, (5, 4))
    assert answer.label == 0
    inner = world.call(_address((2, 2, 0)), Label.CNODE_DELETE, (5, 4))
    assert (inner.label, inner.words) == (Error.INVALID_CAPABILITY, [0])


def test_root_manages_the_whole_tree(world: World) -> None:
    """Root, index and depth name a slot of any CNode below: R4.77, R4.78.

    Placing a capability there needs no right in a rights word: R4.80 is overridden.
    """
    _, _, cnodes = _tree(world)
    root = cnodes[0]
    for depth, index in ((4, 9), (4 + 3 + 6, 2 << 9 | 0x5 << 6 | 9), (28, _address((2, 2, 9)))):
        words = (index & (1 << depth) - 1, depth, InitialCap.TCB, 32, 7)
        assert world.call(root, Label.CNODE_COPY, words, ROOT).label == 0, world.port.logs[-1]
    for cnode, slot in zip(cnodes, (9, 9, 9), strict=True):
        base = world.ks.get(world.slot(cnode), layout.CNODE_POINTER)
        assert world.ks.get(base + 16 * slot, layout.CAP_TYPE) == CapType.TCB


def test_cnode_rights_do_not_exist(world: World) -> None:
    """A CNode capability copied with no rights still takes capabilities (overrides R4.80)."""
    cnode = world.copy(world.make(ObjectType.CNODE, 4), rights=0)
    words = (3, 4, InitialCap.TCB, 32, 7)
    assert world.call(cnode, Label.CNODE_COPY, words, ROOT).label == 0


def test_loops_are_allowed(world: World) -> None:
    """A CNode may hold itself, and an address may go round it until its bits end (R4.72, R4.71)."""
    cnode = world.make(ObjectType.CNODE, 4)
    words = (1, 4, cnode, 32, 7, _guarded(0, 0))
    assert world.call(cnode, Label.CNODE_MINT, words, ROOT).label == 0
    copy = (2, 4, InitialCap.DOMAIN, 32, 7)
    assert world.call(cnode, Label.CNODE_COPY, copy, ROOT).label == 0
    index, tcb = world.thread(255)
    spaces = (cnode, InitialCap.VSPACE)
    assert world.call(index, Label.TCB_SET_SPACE, (0, 0, 0), spaces).label == 0
    world.run(tcb)
    assert world.syscall(Syscall.DEBUG_CAP_IDENTIFY, 0x1111_1112).badge == CapTag.DOMAIN
    assert world.syscall(Syscall.DEBUG_CAP_IDENTIFY, 0x1111_1111).badge == CapTag.CNODE


def test_guard_fields() -> None:
    """A guard value has 16 bits and its size goes up to 31 (R4.69, R4.70)."""
    assert layout.CNODE_GUARD.width == 16
    assert abi.CAPDATA_GUARD_SIZE_MASK == 31


def test_empty_slot(world: World) -> None:
    """An empty slot at the end: error for Call, nothing for Send, fault for Wait (R4.75)."""
    answer = world.call(60000, 1)
    assert (answer.label, answer.words) == (Error.INVALID_CAPABILITY, [0])
    world.syscall(Syscall.SEND, 60000)
    assert thread_state(world.ks, world.root_thread) is ThreadState.RUNNING
    world.syscall(Syscall.WAIT, 60000)
    assert thread_state(world.ks, world.root_thread) is ThreadState.INACTIVE
    assert "capability fault when waiting on capability address 0xea60" in world.port.logs[-1]
