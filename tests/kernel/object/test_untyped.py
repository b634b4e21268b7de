# SPDX-License-Identifier: BSD-2-Clause
"""Untyped_Retype: what it makes, and every refusal in the order of checking."""

import pytest

from kernel import layout
from kernel.abi import Error, InitialCap, Label, ObjectType
from kernel.object import mdb
from tests.kernel.conftest import Refusal, Unchanged, World

ROOT = (InitialCap.CNODE,)
SIZED = {ObjectType.UNTYPED: 6, ObjectType.CNODE: 3}


def _world(request: pytest.FixtureRequest, mode: str) -> World:
    world = request.getfixturevalue(mode)
    assert isinstance(world, World)
    return world


@pytest.mark.parametrize("kind", list(ObjectType)[:8])
def test_every_type_can_be_made(world: World, kind: ObjectType) -> None:
    """Two objects of a type become two masters, children of the Untyped, in slot order."""
    untyped = world.untyped()
    first = world.retype(untyped, kind, SIZED.get(kind, 0), 2)
    parent = world.slot(untyped)
    assert mdb.next_slot(world.ks, parent) == world.slot(first)
    assert mdb.next_slot(world.ks, world.slot(first)) == world.slot(first + 1)
    for index in (first, first + 1):
        assert mdb.is_master(world.ks, world.slot(index))
        assert mdb.depth(world.ks, world.slot(index)) == mdb.depth(world.ks, parent) + 1


REFUSALS = [
    ("label", Label.TCB_RESUME, (0, 0, 0, 0, 0, 1), ROOT, Error.ILLEGAL_OPERATION, ()),
    ("short", 1, (2, 0, 0, 0, 100), ROOT, Error.TRUNCATED_MESSAGE, ()),
    ("no root", 1, (2, 0, 0, 0, 100, 1), (), Error.TRUNCATED_MESSAGE, ()),
    ("type", 1, (11, 99, 0, 0, 100, 1), ROOT, Error.INVALID_ARGUMENT, (0,)),
    ("size", 1, (2, 31, 0, 0, 100, 1), ROOT, Error.RANGE_ERROR, (0, 30)),
    ("one slot", 1, (4, 0, 0, 0, 100, 1), ROOT, Error.INVALID_ARGUMENT, (1,)),
    ("tiny untyped", 1, (0, 3, 0, 0, 100, 1), ROOT, Error.INVALID_ARGUMENT, (1,)),
    ("root type", 1, (2, 0, 0, 0, 100, 1), (InitialCap.TCB,), Error.FAILED_LOOKUP, (0, 2, 0)),
    ("depth", 1, (2, 0, 2, 33, 100, 1), ROOT, Error.RANGE_ERROR, (1, 32)),
    ("guard", 1, (2, 0, 2, 16, 100, 1), ROOT, Error.FAILED_LOOKUP, (0, 4, 16, 0, 16)),
    ("not a cnode", 1, (2, 0, 1, 32, 100, 1), ROOT, Error.FAILED_LOOKUP, (0, 2, 32)),
    ("offset", 1, (2, 0, 0, 0, 65536, 1), ROOT, Error.RANGE_ERROR, (0, 65535)),
    ("no objects", 1, (2, 0, 0, 0, 1000, 0), ROOT, Error.RANGE_ERROR, (1, 256)),
    ("257 objects", 1, (2, 0, 0, 0, 1000, 257), ROOT, Error.RANGE_ERROR, (1, 256)),
    ("too many", 1, (2, 0, 0, 0, 65535, 2), ROOT, Error.RANGE_ERROR, (1, 1)),
    ("in use", 1, (2, 0, 0, 0, 1, 1), ROOT, Error.DELETE_FIRST, ()),
    ("memory", 1, (8, 0, 0, 0, 60000, 5), ROOT, Error.NOT_ENOUGH_MEMORY, (1 << 22,)),
]


@pytest.mark.parametrize("case", REFUSALS, ids=[case[0] for case in REFUSALS])
def test_refusals(world: World, unchanged: Unchanged, case: Refusal) -> None:
    """Each check answers with its error and details, and nothing has changed."""
    _, label, words, caps, error, details = case
    untyped = next(n for n in world.untypeds_by_size() if world.untyped_bits(n) == 22)
    answer = unchanged(world, lambda: world.call(untyped, label, words, caps))
    assert answer.label == error
    if details:
        assert tuple(answer.words) == details
    assert world.port.logs


def test_non_leaf_is_refused_by_default(world: World) -> None:
    """A second retype of one Untyped answers RevokeFirst and the log names --compat (R4.28)."""
    untyped = world.untyped()
    world.retype(untyped, ObjectType.ENDPOINT)
    words = (ObjectType.ENDPOINT, 0, 0, 0, world.next_slot(), 1)
    assert world.call(untyped, 1, words, ROOT).label == Error.REVOKE_FIRST
    assert "--compat" in world.port.logs[-1]


def test_compat_goes_on_above_the_watermark(compat_world: World) -> None:
    """In compat mode the second retype takes the next aligned memory."""
    world = compat_world
    untyped = world.untyped()
    first = world.retype(untyped, ObjectType.ENDPOINT)
    second = world.retype(untyped, ObjectType.TCB)
    base = world.ks.get(world.slot(first), layout.ENDPOINT_POINTER)
    assert world.ks.get(world.slot(second), layout.TCB_POINTER) == base + 512
    assert world.ks.get(world.slot(untyped), layout.UNTYPED_WATERMARK) == 1024


def test_compat_is_exhausted(compat_world: World) -> None:
    """A full Untyped answers NotEnoughMemory with the bytes that are left."""
    world = compat_world
    untyped = world.split(10, 1)[0]
    world.retype(untyped, ObjectType.TCB)
    words = (ObjectType.TCB, 0, 0, 0, 60000, 2)
    answer = world.call(untyped, 1, words, ROOT)
    assert (answer.label, answer.words) == (Error.NOT_ENOUGH_MEMORY, [512])


@pytest.mark.parametrize("mode", ["world", "compat_world"])
def test_memory_is_reused_after_revoke(request: pytest.FixtureRequest, mode: str) -> None:
    """After a revoke the Untyped starts at its base again, in both modes (R4.56)."""
    world = _world(request, mode)
    untyped = world.untyped()
    first = world.retype(untyped, ObjectType.TCB, 0, 4)
    base = world.ks.get(world.slot(first), layout.TCB_POINTER)
    assert world.cnode(Label.CNODE_REVOKE, (untyped, 32)).label == 0
    assert world.cap_type(first) is layout.CapType.NULL
    second = world.retype(untyped, ObjectType.TCB)
    assert world.ks.get(world.slot(second), layout.TCB_POINTER) == base


def test_new_objects_are_cleared_and_untyped_memory_is_not(world: World) -> None:
    """Retype zeroes typed objects and leaves the memory of new Untypeds alone (R4.37)."""
    untyped = world.untyped()
    base = world.ks.get(world.slot(untyped), layout.UNTYPED_POINTER)
    world.ks.store(base + 4096, 0x1234)
    inner = world.retype(untyped, ObjectType.UNTYPED, 16)
    assert world.ks.load(base + 4096) == 0x1234
    world.retype(inner, ObjectType.SMALL_PAGE, 0, 4)
    assert world.ks.load(base + 4096) == 0


def test_4k_page_table(world: World) -> None:
    """size_bits 12 makes the 4 KB PageTable, any other the 1 KB one."""
    big = world.make(ObjectType.PAGE_TABLE, 12)
    small = world.make(ObjectType.PAGE_TABLE, 10)
    assert world.ks.get(world.slot(big), layout.PAGE_TABLE_IS_4K) == 1
    assert world.ks.get(world.slot(small), layout.PAGE_TABLE_IS_4K) == 0
