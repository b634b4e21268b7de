# SPDX-License-Identifier: BSD-2-Clause
"""Zombies: which sort each is, what work it says is left, and what it was (R4.81)."""

import pytest

from kernel import layout
from kernel.layout import CapType, VmRights, ZombieKind
from kernel.object import zombie
from kernel.object.capability import (
    NULL_CAP,
    Cap,
    cnode_cap,
    endpoint_cap,
    frame_cap,
    make_cap,
    page_directory_cap,
    tcb_cap,
    untyped_cap,
)

AT = layout.WINDOW_BASE + 0x40_0000
LIVE = [
    NULL_CAP,
    untyped_cap(AT, 20, 0x40),
    endpoint_cap(CapType.ENDPOINT, AT).having(layout.ENDPOINT_BADGE, 0xFFF_FFFF),
    endpoint_cap(CapType.ASYNC_ENDPOINT, AT),
    cnode_cap(AT, 5, guard_size=3, guard=5),
    tcb_cap(AT),
    frame_cap(layout.RAM_BASE + 0x10_0000, 20).having(layout.FRAME_ASID, 7),
    page_directory_cap(AT).having(layout.PAGE_DIRECTORY_ASID, 7),
    make_cap(CapType.IRQ_CONTROL),
]
OBJECTS = [cap for cap in LIVE if cap.type not in {CapType.NULL, *zombie.CONTAINERS}]


@pytest.mark.parametrize("cap", LIVE, ids=lambda cap: cap.type.name)
def test_live_capabilities_are_no_zombies(cap: Cap) -> None:
    """A capability that is alive is of no sort, and was nothing else before."""
    assert zombie.kind(cap) is None
    assert not zombie.is_tombstone(cap) and not zombie.is_container(cap)
    assert zombie.former(cap) == cap


@pytest.mark.parametrize("radix", [1, 4, 12, 23])
def test_cnode(radix: int) -> None:
    """A dying CNode knows its memory and how many slots are left, and loses its guard."""
    cap = cnode_cap(AT, radix, guard_size=3, guard=5)
    dead = zombie.of_container(cap)
    assert (zombie.kind(dead), zombie.is_container(dead)) == (ZombieKind.CNODE, True)
    assert dead.get(layout.ZOMBIE_NEXT) == zombie.slot_count(cap) == 1 << radix
    assert dead.get(layout.ZOMBIE_POINTER) == AT
    assert zombie.former(dead) == cnode_cap(AT, radix)


def test_tcb() -> None:
    """A dying TCB has the five slots of a thread to be emptied."""
    dead = zombie.of_container(tcb_cap(AT))
    assert (zombie.kind(dead), zombie.is_container(dead)) == (ZombieKind.TCB, True)
    assert dead.get(layout.ZOMBIE_NEXT) == zombie.slot_count(tcb_cap(AT)) == 5
    assert zombie.former(dead) == tcb_cap(AT)


@pytest.mark.parametrize("cap", [cnode_cap(AT, 6), tcb_cap(AT)], ids=lambda cap: cap.type.name)
def test_progress_changes_nothing_else(cap: Cap) -> None:
    """However far the work is, the container stays the same one."""
    dead = zombie.of_container(cap)
    for left in range(zombie.slot_count(cap), -1, -1):
        dead = dead.having(layout.ZOMBIE_NEXT, left)
        assert dead.get(layout.ZOMBIE_NEXT) == left
        assert zombie.is_container(dead) and zombie.former(dead) == cap


@pytest.mark.parametrize("cap", OBJECTS, ids=lambda cap: cap.type.name)
@pytest.mark.parametrize("pieces", [0, 1, 1 << 14])
def test_other_objects(cap: Cap, pieces: int) -> None:
    """An object under way is no container; it was of its type, at its place, with no extras."""
    dead = zombie.of_object(cap, pieces)
    assert dead.type is CapType.ZOMBIE and zombie.kind(dead) is ZombieKind.OBJECT
    assert not zombie.is_container(dead) and not zombie.is_tombstone(dead)
    assert dead.get(layout.ZOMBIE_NEXT) == pieces
    fresh = zombie.former(dead)
    assert fresh.type is cap.type and fresh.word0 == cap.word0


def test_recycled_frame_is_unmapped() -> None:
    """What a Frame was, is the Frame without its mapping, but with its size and rights."""
    base = layout.RAM_BASE + 0x10_0000
    mapped = frame_cap(base, 20).having(layout.FRAME_ASID, 7).having(layout.FRAME_VADDR, 0x10_0000)
    fresh = zombie.former(zombie.of_object(mapped, 3))
    assert (fresh.get(layout.FRAME_BASE), fresh.get(layout.FRAME_RIGHTS)) == (
        base,
        VmRights.READ_WRITE,
    )
    assert fresh.get(layout.FRAME_ASID) == fresh.get(layout.FRAME_VADDR) == 0


@pytest.mark.parametrize("cap", LIVE, ids=lambda cap: cap.type.name)
@pytest.mark.parametrize("level", [0, 1, layout.MDB_MAX_DEPTH])
def test_tombstones(cap: Cap, level: int) -> None:
    """A tombstone names no object; it keeps the depth at which the capability was."""
    stone = zombie.tombstone(cap, level)
    assert stone.type is CapType.ZOMBIE and zombie.is_tombstone(stone)
    assert not zombie.is_container(stone)
    assert stone.get(layout.TOMBSTONE_LEVEL) == level
