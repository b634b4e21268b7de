# SPDX-License-Identifier: BSD-2-Clause
"""The derivation list while deletions are under way, against a tree with explicit parents."""

import random
from collections import Counter
from collections.abc import Callable

import pytest

from kernel import layout, limits
from kernel.api.errors import SyscallError
from kernel.layout import CapType
from kernel.object import mdb, zombie
from kernel.object.capability import endpoint_cap, read_cap, untyped_cap
from kernel.object.delete import delete, revoke
from kernel.preemption import Preempted
from tests.kernel.conftest import World

Parents = dict[int, int | None]


class Forest:
    """Random derivations and half-done deletions on a kernel, and what they must amount to."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.ks = world.ks
        self.random = random.Random(seed)
        self.untyped = world.slot(world.untyped())
        self.memory = self.ks.get(self.untyped, layout.UNTYPED_POINTER)
        self.parents = self.parents_in_list()
        self.usable = [self.untyped]
        self.under_way: list[tuple[Callable[[], None], set[int], int | None]] = []

    def parents_in_list(self) -> Parents:
        """Parent of each capability as the depths of the list say."""
        parents: Parents = {}
        above: list[int] = []
        for slot, level in mdb.entries(self.ks):
            assert level <= len(above)
            del above[level:]
            parents[slot] = above[-1] if above else None
            above.append(slot)
        return parents

    def descendants(self, slot: int) -> set[int]:
        found = {slot}
        while True:
            more = {child for child, parent in self.parents.items() if parent in found}
            if more <= found:
                return found - {slot}
            found |= more

    def new_slot(self) -> int:
        return self.world.slot(self.world.next_slot())

    def pick(self) -> int:
        """Some capability, often one of the latest."""
        self.usable = [slot for slot in self.usable if slot in self.parents]
        recent = self.usable[-4:] if self.random.random() < 0.6 else self.usable
        return self.random.choice(recent) if recent else self.untyped

    def derive(self) -> None:
        source, target = self.pick(), self.new_slot()
        if source not in self.parents:
            return
        cap = read_cap(self.ks, source)
        is_leaf = mdb.is_leaf(self.ks, source)
        assert is_leaf == (source not in self.parents.values())
        try:
            mdb.check_child(self.ks, source)
        except SyscallError:
            return
        if cap.type is CapType.UNTYPED:
            self._retype(source, target, is_leaf)
        elif self.random.random() < 0.6:
            mdb.insert_child(self.ks, source, target, cap, revocable=self.random.random() < 0.5)
            self.parents[target] = source
        else:
            mdb.insert_imitation(self.ks, source, target, cap)
            self.parents[target] = self.parents[source]
        if target in self.parents:
            self.usable.append(target)

    def _retype(self, untyped: int, first: int, is_leaf: bool) -> None:
        if not is_leaf:
            return
        slots = [first, *(self.new_slot() for _ in range(self.random.randrange(3)))]
        caps = []
        for _ in slots:
            self.memory += 16
            object_cap = endpoint_cap(CapType.ENDPOINT, self.memory)
            nested = untyped_cap(self.memory, 4)
            caps.append(nested if self.random.random() < 0.4 else object_cap)
        mdb.insert_children(self.ks, untyped, list(zip(slots, caps, strict=True)))
        self.parents.update(dict.fromkeys(slots, untyped))
        self.usable += slots[1:]

    def begin(self) -> None:
        slot = self.pick()
        if self.random.random() < 0.75:
            self.under_way.append((lambda: delete(self.ks, slot), set(), slot))
        else:
            self.under_way.append((lambda: revoke(self.ks, slot), {slot}, None))

    def go_on(self) -> None:
        """One step of one of the deletions that are under way."""
        if not self.under_way:
            return
        operation = self.random.choice(self.under_way)
        call, revoked, deleted = operation
        allowed = set().union(*(self.descendants(slot) for slot in revoked)) | {deleted}
        try:
            call()
        except Preempted:
            pass
        else:
            self.under_way.remove(operation)
        self._account(allowed)

    def _account(self, allowed: set[int | None]) -> None:
        gone = self.parents.keys() - self.parents_in_list().keys()
        for slot in gone:
            assert slot in allowed, "a capability went that nobody deleted"
            parent = self.parents.pop(slot)
            for child, its_parent in self.parents.items():
                if its_parent == slot:
                    self.parents[child] = parent

    def check(self) -> None:
        assert self.parents_in_list() == self.parents
        caps = {slot: read_cap(self.ks, slot) for slot in self.parents}
        count = Counter(cap.word0 for cap in caps.values() if cap.type is CapType.ENDPOINT)
        for slot, cap in caps.items():
            if cap.type is CapType.ENDPOINT:
                assert mdb.is_last_reference(self.ks, slot) == (count[cap.word0] == 1)


@pytest.fixture
def one_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A preemption point after every unit of work."""
    monkeypatch.setattr(limits, "WORK_UNITS_PER_CHECK", 1)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.usefixtures("one_unit")
def test_tree_is_right_at_every_preemption(world: World, seed: int) -> None:
    """Whatever is deleted by how many at once, parents, leaves and last references are exact."""
    forest = Forest(world, seed)
    world.port.pending_irq = 45
    chooser = forest.random
    tombstones = 0
    for _ in range(300):
        step = chooser.choices((forest.derive, forest.begin, forest.go_on), (5, 2, 4))[0]
        step()
        forest.check()
        tombstones = max(tombstones, _count_tombstones(world))
    assert tombstones >= 2
    while forest.under_way:
        forest.go_on()
        forest.check()
    assert _count_tombstones(world) == 0


def _count_tombstones(world: World) -> int:
    return sum(zombie.is_tombstone(read_cap(world.ks, slot)) for slot in mdb.listed_slots(world.ks))


def test_every_slot_is_listed_once(world: World) -> None:
    """The walk begins at the root, visits nothing twice, and sees a new capability and its copy."""
    before = list(mdb.listed_slots(world.ks))
    assert before[0] == world.ks.load(layout.KV_MDB_ROOT)
    index, _ = world.thread(100)
    copy = world.slot(world.copy(index))
    slots = list(mdb.listed_slots(world.ks))
    assert len(slots) == len(set(slots))
    assert {world.slot(index), copy} <= set(slots) - set(before)
    assert slots == [slot for slot, _ in mdb.entries(world.ks)]


def test_no_root_means_no_slot(world: World) -> None:
    """Before boot has made a capability the list is empty."""
    world.ks.store(layout.KV_MDB_ROOT, 0)
    assert list(mdb.listed_slots(world.ks)) == list(mdb.entries(world.ks)) == []
