# SPDX-License-Identifier: BSD-2-Clause
"""Retype and the derivation tree: R4.24 to R4.51, and R4.128."""

import random
from itertools import pairwise

import pytest

from kernel import layout
from kernel.abi import Error, InitialCap, Label, ObjectType
from kernel.invariants import invs
from kernel.layout import CapType
from kernel.object import mdb
from kernel.object.capability import object_address, object_bytes, read_cap, same_object
from kernel.object.mdb import listed_slots
from tests.kernel.conftest import Unchanged, World
from tests.kernel.requirements.accounting import memory_of
from tests.kernel.requirements.stage import ROOT, Stage

SIZED = {ObjectType.UNTYPED: 6, ObjectType.CNODE: 3}
KINDS = [kind for kind in ObjectType if kind is not ObjectType.SUPER_SECTION]


def _depth(world: World, index: int) -> int:
    return mdb.depth(world.ks, world.slot(index))


def _parent(world: World, index: int) -> int:
    """The slot of the nearest entry before this one that is less deep."""
    slot = world.slot(index)
    level = mdb.depth(world.ks, slot)
    while mdb.depth(world.ks, slot) >= level:
        slot = mdb.prev_slot(world.ks, slot)
    return slot


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_one_capability_an_object(world: World, kind: ObjectType) -> None:
    """Retype: one type, one master with all rights an object, in a run of slots, all siblings.

    R4.24, R4.25, R4.26, R4.33, R4.34, R4.128; none overlaps another or leaves the parent: R4.31,
    R4.32.
    """
    untyped = world.untyped()
    first = world.retype(untyped, kind, SIZED.get(kind, 0), 2)
    caps = [read_cap(world.ks, world.slot(first + n)) for n in range(2)]
    assert caps[0].type is caps[1].type
    ranges = [memory_of(cap) for cap in caps]
    assert ranges[0] is not None
    assert ranges[1] is not None
    outer = memory_of(read_cap(world.ks, world.slot(untyped)))
    assert outer is not None
    assert outer[0] <= ranges[0][0] < ranges[0][1] <= ranges[1][0] < ranges[1][1] <= outer[1]
    for n in range(2):
        assert mdb.is_master(world.ks, world.slot(first + n))
        assert _parent(world, first + n) == world.slot(untyped)
        assert _depth(world, first + n) == _depth(world, untyped) + 1
    if caps[0].type is CapType.ENDPOINT:
        assert caps[0].get(layout.ENDPOINT_RIGHTS) == 7
    if caps[0].type is CapType.FRAME:
        assert caps[0].get(layout.FRAME_RIGHTS) == layout.VmRights.READ_WRITE
    assert world.cap_type(first + 2) is CapType.NULL


def test_destination_is_a_cnode_and_an_offset(world: World) -> None:
    """The slots are named by a CNode, found by root, index and depth, and an offset (R4.24)."""
    inner = world.make(ObjectType.CNODE, 4)
    words = (ObjectType.ENDPOINT, 0, inner, 32, 5, 3)
    assert world.call(world.untyped(), Label.UNTYPED_RETYPE, words, ROOT).label == 0
    base = world.ks.get(world.slot(inner), layout.CNODE_POINTER)
    types = [world.ks.get(base + 16 * n, layout.CAP_TYPE) for n in range(16)]
    assert types == [0] * 5 + [CapType.ENDPOINT] * 3 + [0] * 8


def test_occupied_slot_in_the_middle(world: World, unchanged: Unchanged) -> None:
    """One filled slot of the run refuses the whole retype without effect (R4.27)."""
    taken = world.make(ObjectType.ENDPOINT)
    words = (ObjectType.TCB, 0, 0, 0, taken, 4)
    untyped = world.untyped()
    answer = unchanged(world, lambda: world.call(untyped, 1, words, ROOT))
    assert answer.label == Error.DELETE_FIRST


def test_leaf_test_is_three_loads(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaf or not shows in the next entry's depth, in three words of memory (R4.29, R4.30)."""
    untyped = world.untyped()
    slot = world.slot(untyped)
    for expected in (True, False):
        touched: set[int] = set()

        def load(address: int, seen: set[int] = touched) -> int:
            seen.add(address)
            return world.port.load(address)

        monkeypatch.setattr(world.ks, "load", load)
        assert mdb.is_leaf(world.ks, slot) is expected
        monkeypatch.undo()
        assert len(touched) <= 3
        following = mdb.next_slot(world.ks, slot)
        assert (mdb.depth(world.ks, following) <= mdb.depth(world.ks, slot)) is expected
        if expected:
            world.retype(untyped, ObjectType.ENDPOINT)


def test_untypeds_from_untypeds(world: World) -> None:
    """An Untyped gives Untypeds of smaller and of equal size, never of greater (R4.35, R4.6)."""
    untyped = world.untyped()
    bits = world.untyped_bits(untyped)
    same = world.retype(untyped, ObjectType.UNTYPED, bits)
    smaller = world.retype(same, ObjectType.UNTYPED, bits - 1, 2)
    assert object_bytes(read_cap(world.ks, world.slot(smaller))) == 1 << (bits - 1)
    words = (ObjectType.UNTYPED, bits, 0, 0, world.free_slot, 1)
    assert world.call(smaller, 1, words, ROOT).label == Error.NOT_ENOUGH_MEMORY


def test_single_slot_cnode_is_refused(world: World, unchanged: Unchanged) -> None:
    """A CNode has at least two slots (R4.36)."""
    untyped = world.untyped()
    words = (ObjectType.CNODE, 0, 0, 0, world.free_slot, 1)
    answer = unchanged(world, lambda: world.call(untyped, 1, words, ROOT))
    assert (answer.label, answer.words) == (Error.INVALID_ARGUMENT, [1])


def _ancestors(world: World) -> list[tuple[int, set[int]]]:
    """Each listed slot with the slots above it."""
    stack: list[int] = []
    found = []
    for slot in listed_slots(world.ks):
        del stack[mdb.depth(world.ks, slot) :]
        found.append((slot, set(stack)))
        stack.append(slot)
    return found


def test_overlapping_untypeds_are_relatives(stage: Stage) -> None:
    """Two Untypeds that overlap are ancestor and descendant (R4.38), for each pair there is."""
    entries = [
        (slot, above, memory)
        for slot, above in _ancestors(stage)
        if (cap := read_cap(stage.ks, slot)).type is CapType.UNTYPED and (memory := memory_of(cap))
    ]
    overlaps = 0
    for slot, above, (start, end) in entries:
        for other, other_above, (low, high) in entries:
            if slot != other and start < high and low < end:
                overlaps += 1
                assert other in above or slot in other_above
    assert overlaps


def test_every_object_lies_below_its_untyped(stage: Stage) -> None:
    """What takes memory from an Untyped is below that Untyped in the tree (R4.45).

    And each object has a capability: the tree is where it was found (R4.46).
    """
    entries = dict(_ancestors(stage))
    untypeds = [
        (slot, memory)
        for slot in entries
        if (cap := read_cap(stage.ks, slot)).type is CapType.UNTYPED and (memory := memory_of(cap))
    ]
    inside = 0
    for slot, above in entries.items():
        cap = read_cap(stage.ks, slot)
        memory = memory_of(cap)
        if cap.type is CapType.UNTYPED or memory is None:
            continue
        for untyped, (start, end) in untypeds:
            if start <= memory[0] < end:
                inside += 1
                assert untyped in above
    assert inside > 100


def test_list_is_circular_and_doubly_linked(stage: Stage) -> None:
    """The tree is one ring in pre-order inside the slots, and has no other storage (R4.39)."""
    slots = list(listed_slots(stage.ks))
    for slot, following in zip(slots, [*slots[1:], slots[0]], strict=True):
        assert mdb.next_slot(stage.ks, slot) == following
        assert mdb.prev_slot(stage.ks, following) == slot
    depths = [mdb.depth(stage.ks, slot) for slot in slots]
    assert depths[0] == 0
    assert all(low <= high + 1 for high, low in pairwise(depths))
    assert max(depths) == layout.MDB_MAX_DEPTH
    assert layout.MDB_DEPTH.width == 7


def test_rights_never_grow(world: World) -> None:
    """Mint gives the same or fewer rights, as a child; Imitate the same (R4.41, R4.42)."""
    weak = world.mint(world.make(ObjectType.ENDPOINT), 1, rights=3)
    again = world.copy(weak, 7)
    assert world.ks.get(world.slot(again), layout.ENDPOINT_RIGHTS) == 3
    twin = world.copy(weak, label=Label.CNODE_IMITATE)
    assert read_cap(world.ks, world.slot(twin)) == read_cap(world.ks, world.slot(weak))
    assert _parent(world, twin) == _parent(world, weak)


@pytest.mark.parametrize("seed", range(4))
def test_same_object_stays_together(world: World, seed: int) -> None:
    """However they are made, capabilities to one object stay neighbours (R4.44)."""
    rng = random.Random(seed)
    caps = [world.make(ObjectType.ENDPOINT), world.make(ObjectType.SMALL_PAGE)]
    for _ in range(40):
        source = rng.choice(caps)
        how = rng.randrange(4)
        if how == 0:
            caps.append(world.copy(source, label=Label.CNODE_IMITATE))
        elif how == 1 and not world.ks.get(world.slot(source), layout.ENDPOINT_BADGE):
            caps.append(world.mint(source, 0))
        elif how == 2 and len(caps) > 4:
            caps.remove(source)
            world.cnode(Label.CNODE_DELETE, (source, 32))
        else:
            caps.append(world.copy(source))
        assert [p for p in invs(world.ks) if p.startswith("mdb_adjacency")] == []


@pytest.mark.parametrize("seed", range(4))
def test_last_reference_from_two_neighbours(world: World, seed: int) -> None:
    """A look at two neighbours tells whether a capability is its object's last (R4.47, R4.48).

    It is as right as a full count, and no object has a counter (R4.49): its memory is untouched.
    """
    rng = random.Random(seed)
    first = world.make(ObjectType.ENDPOINT, 0, 3)
    caps = [first, first + 1, first + 2]
    base = object_address(read_cap(world.ks, world.slot(first)))
    assert base is not None
    for _ in range(30):
        source = rng.choice(caps)
        if rng.random() < 0.4:
            caps.remove(source)
            world.cnode(Label.CNODE_DELETE, (source, 32))
        else:
            caps.append(world.copy(source, label=rng.choice((Label.CNODE_COPY, 42))))
        for index in caps:
            cap = read_cap(world.ks, world.slot(index))
            count = sum(
                same_object(cap, read_cap(world.ks, slot)) for slot in listed_slots(world.ks)
            )
            loads = world.port.loads
            assert mdb.is_last_reference(world.ks, world.slot(index)) == (count == 1)
            assert world.port.loads - loads <= 12
        assert [world.ks.load(base + 4 * n) for n in range(12)] == [0] * 12
        if not caps:
            break


def test_imitation_takes_constant_time(world: World) -> None:
    """A copy beside its source costs the same however large the source's subtree is (R4.51)."""
    master = world.make(ObjectType.ENDPOINT)
    costs = []
    for children in (0, 100):
        for _ in range(children):
            world.copy(master)
        target = world.next_slot()
        before = world.port.loads + world.port.stores
        words = (target, 32, master, 32)
        assert _quiet_call(world, Label.CNODE_IMITATE, words) == 0
        costs.append(world.port.loads + world.port.stores - before)
    assert costs[0] == costs[1]


def _quiet_call(world: World, label: int, words: tuple[int, ...]) -> int:
    """A call on the root CNode without the invariant checks, which also read memory."""
    world.ks.store(world.buffer + 488, InitialCap.CNODE)
    for index, word in enumerate(words[:4]):
        world.set_register(f"r{2 + index}", word)
    world.set_register("r0", InitialCap.CNODE)
    world.set_register("r1", label << 12 | 1 << 7 | len(words))
    world.set_register("r7", -1)
    world.kernel.handle_trap(layout.Trap.SYSCALL)
    return world.register("r1") >> 12


def test_moved_capability_keeps_its_standing(world: World) -> None:
    """After a Move parent, depth, children and master standing are as before (R4.50)."""
    master = world.make(ObjectType.ENDPOINT)
    child = world.copy(master)
    parent, level = _parent(world, master), _depth(world, master)
    target = world.next_slot()
    assert world.cnode(Label.CNODE_MOVE, (target, 32, master, 32), ROOT).label == 0
    assert (_parent(world, target), _depth(world, target)) == (parent, level)
    assert _parent(world, child) == world.slot(target)
    assert mdb.is_master(world.ks, world.slot(target))


def test_copies_of_an_untyped(world: World) -> None:
    """Imitate of an Untyped is refused; Mint of one is a child, like a retype to it (R4.43)."""
    untyped = world.untyped()
    target = world.next_slot()
    answer = world.cnode(Label.CNODE_IMITATE, (target, 32, untyped, 32), ROOT)
    assert answer.label == Error.ILLEGAL_OPERATION
    minted = world.mint(untyped, 0)
    assert _parent(world, minted) == world.slot(untyped)
    assert world.retype(minted, ObjectType.ENDPOINT)
