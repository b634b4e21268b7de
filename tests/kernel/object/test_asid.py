# SPDX-License-Identifier: BSD-2-Clause
"""ASIDs: the table, its pools, and who gets which (R4.21, R4.89, R4.90)."""

from kernel import layout
from kernel.abi import Error, InitialCap, Label, ObjectType
from kernel.object import vspace
from tests.kernel.conftest import World

POOL = InitialCap.ASID_POOL


def _directories(world: World, count: int) -> int:
    return world.make(ObjectType.PAGE_DIRECTORY, 0, count)


def _assign(world: World, pool: int, directory: int) -> int:
    """The error of Assign."""
    return world.call(pool, Label.ASID_POOL_ASSIGN, (), (directory,)).label


def _asid(world: World, directory: int) -> int:
    return world.ks.get(world.slot(directory), layout.PAGE_DIRECTORY_ASID)


def _pool(world: World) -> tuple[int, int]:
    """A pool of 16 and the Untyped it was made from."""
    untyped, target = world.split(12, 1)[0], world.next_slot()
    caps = (untyped, InitialCap.CNODE)
    answer = world.call(InitialCap.ASID_CONTROL, Label.ASID_CONTROL_MAKE_POOL, (target, 32), caps)
    assert answer.label == 0
    return target, untyped


def test_assign_writes_table_and_capability(world: World) -> None:
    """Assign is invoked on the pool (this overrides R4.89): entry and capability name each other.

    The lowest free ASID is taken: 0 is never used, 1 is the initial thread's.
    """
    first = _directories(world, 2)
    assert _assign(world, POOL, first) == _assign(world, POOL, first + 1) == 0
    assert (_asid(world, first), _asid(world, first + 1)) == (2, 3)
    pointer = world.ks.get(world.slot(first), layout.PAGE_DIRECTORY_POINTER)
    assert vspace.directory_of_asid(world.ks, 2) == pointer


def test_asid_is_taken_until_its_space_is_gone(world: World) -> None:
    """An ASID in use is given to nobody else until delete or recycle (R4.90)."""
    first = _directories(world, 4)
    for n in range(3):
        assert _assign(world, POOL, first + n) == 0
    world.cnode(Label.CNODE_DELETE, (first + 1, 32))
    assert _assign(world, POOL, first + 3) == 0
    assert _asid(world, first + 3) == 3
    assert world.cnode(Label.CNODE_RECYCLE, (first, 32)).label == 0
    assert _asid(world, first) == 0
    assert _assign(world, POOL, first) == 0
    assert _asid(world, first) == 2


def test_full_pool(world: World) -> None:
    """The seventeenth space of a pool of 16 is DeleteFirst until one is deleted (R4.90)."""
    pool, _ = _pool(world)
    first = _directories(world, 17)
    assert [_assign(world, pool, first + n) for n in range(16)] == [0] * 16
    assert _assign(world, pool, first + 16) == Error.DELETE_FIRST
    world.cnode(Label.CNODE_DELETE, (first + 7, 32))
    assert _assign(world, pool, first + 16) == 0
    assert _asid(world, first + 16) == layout.ASID_BOOT_POOL_COUNT + 7


def test_revoked_pool_frees_its_asids(world: World) -> None:
    """With the pool its ASIDs go, by one flush each; the spaces are dead, others are not."""
    pool, untyped = _pool(world)
    first = _directories(world, 3)
    _assign(world, POOL, first)
    _assign(world, pool, first + 1)
    _assign(world, pool, first + 2)
    world.port.flushes.clear()
    world.cnode(Label.CNODE_REVOKE, (untyped, 32))
    assert sorted(world.port.flushes) == [("asid", 0, 192), ("asid", 0, 193)]
    assert vspace.directory_of_asid(world.ks, 192) == 0
    assert vspace.directory_of_asid(world.ks, 2)
    section = world.make(ObjectType.SECTION)
    answer = world.call(section, Label.PAGE_MAP, (0x4000_0000, 3, 3), (first + 1,))
    assert (answer.label, answer.words) == (Error.FAILED_LOOKUP, [0, 1])
    assert "lost its ASID" in world.port.logs[-1]


def test_copied_pool(world: World) -> None:
    """A pool lives as long as any capability to it."""
    pool, _ = _pool(world)
    copy = world.copy(pool)
    first = _directories(world, 2)
    assert _assign(world, pool, first) == 0
    world.cnode(Label.CNODE_DELETE, (pool, 32))
    assert _assign(world, copy, first + 1) == 0
    assert vspace.directory_of_asid(world.ks, 192)
    world.cnode(Label.CNODE_DELETE, (copy, 32))
    assert vspace.directory_of_asid(world.ks, 192) == 0
