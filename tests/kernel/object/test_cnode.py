# SPDX-License-Identifier: BSD-2-Clause
"""CNode methods: where copies stand in the derivation list, and what is refused."""

import pytest

from kernel import layout
from kernel.abi import Error, InitialCap, Label, ObjectType
from kernel.object import mdb
from tests.kernel.conftest import Refusal, Unchanged, World

ROOT = (InitialCap.CNODE,)


def test_copy_of_a_master_is_a_child_behind_it(world: World) -> None:
    """The master is revocable, so its copy is its child, directly behind it."""
    master = world.make(ObjectType.ENDPOINT)
    copy = world.copy(master)
    ks, parent, child = world.ks, world.slot(master), world.slot(copy)
    assert mdb.next_slot(ks, parent) == child
    assert mdb.depth(ks, child) == mdb.depth(ks, parent) + 1
    assert not mdb.is_revocable(ks, child)
    assert not mdb.is_master(ks, child)


def test_copy_of_a_copy_is_a_sibling_before_it(world: World) -> None:
    """A plain copy is not revocable: the next copy stands directly before it, at its depth."""
    copy = world.copy(world.make(ObjectType.ENDPOINT))
    second = world.copy(copy)
    assert mdb.prev_slot(world.ks, world.slot(copy)) == world.slot(second)
    assert mdb.depth(world.ks, world.slot(copy)) == mdb.depth(world.ks, world.slot(second))


def test_imitation_keeps_the_tags(world: World) -> None:
    """Imitate gives a sibling directly before its source with the same standing (R4.42)."""
    master = world.make(ObjectType.ENDPOINT)
    twin = world.copy(master, label=Label.CNODE_IMITATE)
    assert mdb.prev_slot(world.ks, world.slot(master)) == world.slot(twin)
    assert mdb.is_master(world.ks, world.slot(twin))
    assert mdb.depth(world.ks, world.slot(twin)) == mdb.depth(world.ks, world.slot(master))


def test_mint_is_always_a_child(world: World) -> None:
    """Mint of a copy gives a child, which is revocable because its badge is new (R4.41)."""
    copy = world.copy(world.make(ObjectType.ENDPOINT))
    minted = world.mint(copy, 77)
    assert mdb.next_slot(world.ks, world.slot(copy)) == world.slot(minted)
    assert mdb.depth(world.ks, world.slot(minted)) == mdb.depth(world.ks, world.slot(copy)) + 1
    assert mdb.is_revocable(world.ks, world.slot(minted))
    assert world.ks.get(world.slot(minted), layout.ENDPOINT_BADGE) == 77


def test_badge_cannot_be_changed(world: World) -> None:
    """Mint of a badged capability and Mutate of any endpoint are illegal."""
    minted = world.mint(world.make(ObjectType.ENDPOINT), 5)
    words = (world.next_slot(), 32, minted, 32, 7, 6)
    assert world.cnode(Label.CNODE_MINT, words, ROOT).label == Error.ILLEGAL_OPERATION
    assert world.cnode(Label.CNODE_MUTATE, words[:5], ROOT).label == Error.ILLEGAL_OPERATION


def test_depth_overflow_is_refused(world: World, unchanged: Unchanged) -> None:
    """The 128th level is the last: the next Mint is a RangeError(0, 127) without effect."""
    cap = world.make(ObjectType.ENDPOINT)
    while mdb.depth(world.ks, world.slot(cap)) < 127:
        cap = world.mint(cap, 0)
    words = (world.next_slot(), 32, cap, 32, 7, 0)
    answer = unchanged(world, lambda: world.cnode(Label.CNODE_MINT, words, ROOT))
    assert (answer.label, answer.words) == (Error.RANGE_ERROR, [0, 127])


def test_delete_hands_children_to_the_parent(world: World) -> None:
    """Deleting a capability with descendants lifts them by one level."""
    master = world.make(ObjectType.ENDPOINT)
    middle = world.mint(master, 1)
    leaf = world.copy(middle)
    assert world.cnode(Label.CNODE_DELETE, (middle, 32)).label == 0
    level = mdb.depth(world.ks, world.slot(master))
    assert mdb.depth(world.ks, world.slot(leaf)) == level + 1
    world.cnode(Label.CNODE_REVOKE, (master, 32))
    assert world.cap_type(leaf) is layout.CapType.NULL


def test_revoke_removes_descendants_only(world: World) -> None:
    """Revoke leaves the capability and its siblings (R4.53)."""
    first = world.make(ObjectType.ENDPOINT, 0, 2)
    copies = [world.mint(first, badge) for badge in (1, 2, 3)]
    copies += [world.copy(copies[0]), world.copy(copies[1])]
    world.cnode(Label.CNODE_REVOKE, (first, 32))
    assert all(world.cap_type(index) is layout.CapType.NULL for index in copies)
    assert world.cap_type(first) is world.cap_type(first + 1) is layout.CapType.ENDPOINT


def test_move_keeps_the_place(world: World) -> None:
    """Move keeps list position, depth and tags (R4.50)."""
    master = world.make(ObjectType.ENDPOINT)
    copy = world.copy(master)
    target = world.next_slot()
    assert world.cnode(Label.CNODE_MOVE, (target, 32, master, 32), ROOT).label == 0
    assert world.cap_type(master) is layout.CapType.NULL
    assert mdb.next_slot(world.ks, world.slot(target)) == world.slot(copy)
    assert mdb.is_master(world.ks, world.slot(target))


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_rotate_swaps_neighbours(world: World, order: tuple[int, int]) -> None:
    """Rotate with source = destination exchanges two neighbours of the list, either way round."""
    pair = [world.make(ObjectType.CNODE, 2)]
    pair.append(world.copy(pair[0]))
    source, pivot = pair[order[0]], pair[order[1]]
    guard = 1 << 31 | 3 << 8 | 4 << 3
    words = (source, 32, 0, pivot, 32, guard, source, 32)
    assert world.cnode(Label.CNODE_ROTATE, words, ROOT * 2).label == 0
    ks = world.ks
    old, new = world.slot(pair[0]), world.slot(pair[1])
    assert mdb.is_master(ks, new)
    assert mdb.next_slot(ks, new) == old
    assert mdb.depth(ks, old) == mdb.depth(ks, new) + 1
    assert ks.get(world.slot(pivot), layout.CNODE_GUARD) == 3


def test_rotate_of_three(world: World) -> None:
    """The pivot goes to the destination and the source to the pivot."""
    first = world.make(ObjectType.ENDPOINT, 0, 2)
    target = world.next_slot()
    words = (target, 32, 0, first, 32, 0, first + 1, 32)
    assert world.cnode(Label.CNODE_ROTATE, words, ROOT * 2).label == Error.ILLEGAL_OPERATION
    frames = world.make(ObjectType.SMALL_PAGE, 0, 2)
    base = world.ks.get(world.slot(frames), layout.FRAME_BASE)
    words = (target, 32, 0, frames, 32, 0, frames + 1, 32)
    assert world.cnode(Label.CNODE_ROTATE, words, ROOT * 2).label == 0
    assert world.ks.get(world.slot(target), layout.FRAME_BASE) == base
    assert world.ks.get(world.slot(frames), layout.FRAME_BASE) == base + 4096
    assert world.cap_type(frames + 1) is layout.CapType.NULL


def test_untyped_copy_takes_over(world: World) -> None:
    """Only the copy of an Untyped can be retyped; Imitate is refused (R4.43)."""
    untyped = world.untyped()
    copy = world.copy(untyped)
    words = (ObjectType.ENDPOINT, 0, 0, 0, world.next_slot(), 1)
    assert world.call(untyped, 1, words, ROOT).label == Error.REVOKE_FIRST
    assert world.call(copy, 1, words, ROOT).label == 0
    imitation = (world.next_slot(), 32, world.untyped(), 32)
    assert world.cnode(Label.CNODE_IMITATE, imitation, ROOT).label == Error.ILLEGAL_OPERATION


REFUSALS = [
    ("label", 30, (9, 32), (), Error.ILLEGAL_OPERATION, ()),
    ("short", Label.CNODE_DELETE, (9,), (), Error.TRUNCATED_MESSAGE, ()),
    ("depth", Label.CNODE_DELETE, (9, 0), (), Error.RANGE_ERROR, (1, 32)),
    ("guard", Label.CNODE_DELETE, (9, 16), (), Error.FAILED_LOOKUP, (0, 4, 16, 0, 16)),
    ("no source", Label.CNODE_COPY, (50000, 32, 1, 32, 7), (), Error.TRUNCATED_MESSAGE, ()),
    ("occupied", Label.CNODE_COPY, (1, 32, 1, 32, 7), ROOT, Error.DELETE_FIRST, ()),
    ("source depth", Label.CNODE_COPY, (50000, 32, 1, 40, 7), ROOT, Error.RANGE_ERROR, (1, 32)),
    ("null", Label.CNODE_COPY, (50000, 32, 50001, 32, 7), ROOT, Error.FAILED_LOOKUP, (1, 2, 32)),
    ("late length", Label.CNODE_COPY, (50000, 32, 1, 32), ROOT, Error.TRUNCATED_MESSAGE, ()),
    ("irq control", Label.CNODE_COPY, (50000, 32, 4, 32, 7), ROOT, Error.ILLEGAL_OPERATION, ()),
    ("recycle", Label.CNODE_RECYCLE, (50000, 32), (), Error.ILLEGAL_OPERATION, ()),
]


@pytest.mark.parametrize("case", REFUSALS, ids=[case[0] for case in REFUSALS])
def test_refusals(world: World, unchanged: Unchanged, case: Refusal) -> None:
    """Each check answers with its error and details, and nothing has changed."""
    _, label, words, caps, error, details = case
    answer = unchanged(world, lambda: world.cnode(label, words, caps))
    assert answer.label == error
    if details:
        assert tuple(answer.words) == details


def test_wide_guard_is_refused(world: World) -> None:
    """A guard that is not zero has at most 16 bits (R4.69), a zero guard up to 31 (R4.70)."""
    cnode = world.make(ObjectType.CNODE, 1)
    target = world.next_slot()
    wide = 1 << 31 | 1 << 8 | 17 << 3
    words = (target, 32, cnode, 32, 7, wide)
    answer = world.cnode(Label.CNODE_MINT, words, ROOT)
    assert (answer.label, answer.words) == (Error.RANGE_ERROR, [0, 16])
    zero = (target, 32, cnode, 32, 7, 1 << 31 | 31 << 3)
    assert world.cnode(Label.CNODE_MINT, zero, ROOT).label == 0


def test_recycle_of_an_imitated_master_is_refused(world: World) -> None:
    """While an imitated copy exists a master cannot be recycled (R4.61)."""
    master = world.make(ObjectType.ENDPOINT)
    twin = world.copy(master, label=Label.CNODE_IMITATE)
    assert world.cnode(Label.CNODE_RECYCLE, (master, 32)).label == Error.ILLEGAL_OPERATION
    world.cnode(Label.CNODE_DELETE, (twin, 32))
    copy = world.copy(master)
    assert world.cnode(Label.CNODE_RECYCLE, (copy, 32)).label == Error.ILLEGAL_OPERATION
    assert world.cnode(Label.CNODE_RECYCLE, (master, 32)).label == 0
    assert world.cap_type(copy) is layout.CapType.NULL
