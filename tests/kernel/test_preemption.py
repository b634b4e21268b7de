# SPDX-License-Identifier: BSD-2-Clause
"""How long the kernel works without looking for an interrupt, and how work grows with size.

Work is counted in words touched through the port, the unit of the modelled cycles.
"""

import sys
from collections.abc import Callable
from typing import Final

import pytest

from kernel import abi, layout, limits
from kernel.abi import InitialCap, Label, ObjectType
from kernel.boot import boot
from kernel.entry import Kernel
from kernel.layout import QueueState, ThreadState, Trap
from kernel.object import mdb, queue
from kernel.object.capability import read_cap
from kernel.object.delete import delete, revoke
from kernel.object.derive import insert_copy, insert_mint
from kernel.object.recycle import decode_recycle
from kernel.object.untyped import RetypeRequest, retype
from kernel.options import KernelOptions
from kernel.state import State
from tests.kernel.conftest import RAM_BYTES, FakePort, World

MANY = 100_000
BIG_CNODE_BITS = 16


class MeasuringPort(FakePort):
    """Measures the words touched between two looks for an interrupt."""

    def __init__(self, ram_bytes: int = RAM_BYTES) -> None:
        super().__init__(ram_bytes)
        self.cleared = 0
        self.mark = 0
        self.longest = 0

    @property
    def touched(self) -> int:
        return self.loads + self.stores + self.cleared

    def clear(self, address: int, size: int) -> None:
        super().clear(address, size)
        self.cleared += size // 4

    def interrupt_pending(self) -> bool:
        self.look()
        return super().interrupt_pending()

    def look(self) -> None:
        self.longest = max(self.longest, self.touched - self.mark)
        self.mark = self.touched


class Unchecked(World):
    """A world in which only the kernel itself touches memory during a call."""

    def trap(self, trap: Trap) -> None:
        self.kernel.handle_trap(trap)


class Bench:
    """A booted kernel whose operations are done directly, without the checks after each entry."""

    def __init__(self, world: World) -> None:
        self.port = MeasuringPort()
        boot(self.port, world.parameters, KernelOptions())
        self.ks: State = Kernel(self.port, KernelOptions()).state
        self.world = world
        sizes = sorted(
            (index for index in range(world.info(abi.BI_UNTYPED), world.info(abi.BI_UNTYPED + 4))),
            key=lambda index: self.ks.get(world.slot(index), layout.UNTYPED_SIZE_BITS),
        )
        self.untypeds = [world.slot(index) for index in sizes]
        self.free = world.slot(world.free_slot)

    def slot(self) -> int:
        self.free += layout.SLOT_BYTES
        return self.free - layout.SLOT_BYTES

    def make(self, kind: ObjectType, size_bits: int = 0) -> int:
        """One object from an Untyped of its own, the largest first; the slot of its master."""
        slot = self.slot()
        retype(self.ks, self.untypeds.pop(), RetypeRequest(kind, size_bits, 0, [slot]))
        return slot

    def measure(self, operation: Callable[[], object]) -> int:
        """The longest stretch of an operation from its start to its end."""
        self.port.mark, self.port.longest = self.port.touched, 0
        operation()
        self.port.look()
        return self.port.longest

    def words(self, operation: Callable[[], object]) -> int:
        before = self.port.touched
        operation()
        return self.port.touched - before


@pytest.fixture
def bench(world: World) -> Bench:
    """A measured kernel with the same layout as `world`."""
    return Bench(world)


def _slots_of(bench: Bench, cnode: int) -> range:
    start = bench.ks.get(cnode, layout.CNODE_POINTER)
    return range(start, start + (layout.SLOT_BYTES << BIG_CNODE_BITS), layout.SLOT_BYTES)


def _fill(bench: Bench, parent: int, slots: list[int]) -> None:
    """One child of `parent` in each slot."""
    cap = read_cap(bench.ks, parent)
    for slot in slots:
        mdb.insert_child(bench.ks, parent, slot, cap)


def _many_slots(bench: Bench) -> tuple[list[int], list[int]]:
    """Two CNodes of 64 K slots: their masters, and MANY of their slots."""
    masters = [bench.make(ObjectType.CNODE, BIG_CNODE_BITS) for _ in range(2)]
    return masters, [slot for cnode in masters for slot in _slots_of(bench, cnode)][:MANY]


def _deepest_chain(bench: Bench) -> list[int]:
    """A chain of mints down to the deepest level."""
    ks, chain = bench.ks, [bench.make(ObjectType.ENDPOINT)]
    while mdb.depth(ks, chain[-1]) < layout.MDB_MAX_DEPTH:
        chain.append(bench.slot())
        insert_mint(ks, chain[-2], chain[-1], read_cap(ks, chain[-2]))
    return chain


def _stones(bench: Bench) -> Callable[[], None]:
    """Revoke above a row of as many tombstones as there can be."""
    chain = _deepest_chain(bench)
    for slot in chain[1:-1]:
        mdb.bury(bench.ks, slot)
    return lambda: revoke(bench.ks, chain[0])


def _waiters(bench: Bench) -> Callable[[], None]:
    """Delete of an endpoint at which 256 threads wait."""
    ks, end = bench.ks, bench.make(ObjectType.ENDPOINT)
    address = ks.get(end, layout.ENDPOINT_POINTER)
    slots = [bench.slot() for _ in range(256)]
    retype(ks, bench.untypeds.pop(), RetypeRequest(ObjectType.TCB, 0, 0, slots))
    for slot in slots:
        tcb = ks.get(slot, layout.TCB_POINTER)
        ks.store(tcb + layout.TCB_STATE, ThreadState.BLOCKED_ON_RECEIVE)
        queue.append(ks, address, tcb, QueueState.RECEIVING)
    return lambda: delete(ks, end)


#: The biggest objects of each type, and as many as one call can make: kind, size_bits, count.
BIG_RETYPES: Final = (
    (ObjectType.SUPER_SECTION, 0, 1),
    (ObjectType.CNODE, BIG_CNODE_BITS, 2),
    (ObjectType.PAGE_DIRECTORY, 0, 256),
    (ObjectType.PAGE_TABLE, 12, 256),
    (ObjectType.PAGE_TABLE, 0, 256),
    (ObjectType.SMALL_PAGE, 0, 256),
    (ObjectType.LARGE_PAGE, 0, 64),
    (ObjectType.SECTION, 0, 4),
    (ObjectType.TCB, 0, 256),
    (ObjectType.TCB, 0, 32),
    (ObjectType.CNODE, 2, 256),
    (ObjectType.ENDPOINT, 0, 256),
    (ObjectType.UNTYPED, 4, 256),
)


def _retypes(bench: Bench) -> dict[str, int]:
    """The longest stretch of whole calls, checks and all, on a board of 64 MB."""
    port = MeasuringPort(64 << 20)
    world = Unchecked(KernelOptions(), port)
    untyped = {world.untyped_bits(index): index for index in world.untypeds_by_size()}
    found = {}
    for kind, size_bits, count in BIG_RETYPES:
        first = world.next_slot(count)
        words = (kind, size_bits, 0, 0, first, count)
        source = untyped[24 if kind is ObjectType.SUPER_SECTION else 22]
        port.mark, port.longest = port.touched, 0
        answer = world.call(source, Label.UNTYPED_RETYPE, words, (InitialCap.CNODE,))
        port.look()
        assert answer.label == 0, (kind, world.port.logs[-1:])
        found[f"retype of {count} {kind.name} of size_bits {size_bits}"] = port.longest
        assert world.cnode(Label.CNODE_REVOKE, (source, 32)).label == 0
    return found


def test_longest_stretch(bench: Bench, capsys: pytest.CaptureFixture[str]) -> None:
    """No long operation goes on for more than the bound without looking for an interrupt."""
    ks, found = bench.ks, {}
    masters, slots = _many_slots(bench)
    end = bench.make(ObjectType.ENDPOINT)
    _fill(bench, end, slots)
    found[f"revoke of {MANY} descendants"] = bench.measure(lambda: revoke(ks, end))
    assert mdb.is_leaf(ks, end)
    _fill(bench, end, slots)
    found[f"delete above {MANY} descendants"] = bench.measure(lambda: delete(ks, end))
    found["recycle of a full CNode of 64 K slots"] = bench.measure(decode_recycle(ks, masters[1]))
    found["delete of a full CNode of 64 K slots"] = bench.measure(lambda: delete(ks, masters[0]))
    chain = _deepest_chain(bench)
    found["revoke of the deepest chain"] = bench.measure(lambda: revoke(ks, chain[0]))
    for kind in (ObjectType.SECTION, ObjectType.PAGE_DIRECTORY, ObjectType.PAGE_TABLE):
        master = bench.make(kind, 12)
        found[f"recycle of a {kind.name}"] = bench.measure(decode_recycle(ks, master))
    pool = bench.world.slot(InitialCap.ASID_POOL)
    found["delete of the ASID pool"] = bench.measure(lambda: delete(ks, pool))
    found["revoke of the deepest chain, all tombstones"] = bench.measure(_stones(bench))
    found["delete of an endpoint with 256 waiting threads"] = bench.measure(_waiters(bench))
    found |= _retypes(bench)
    found["the bound"] = limits.PREEMPTION_BOUND_WORDS
    with capsys.disabled():
        sys.stdout.writelines(f"\n{longest:6} words  {name}" for name, longest in found.items())
        sys.stdout.write("\n")
    assert max(found.values()) == limits.PREEMPTION_BOUND_WORDS


def _short_operations(bench: Bench, parent: int) -> dict[str, int]:
    """Words touched by each operation that must not depend on how many capabilities exist."""
    ks = bench.ks
    new, minted, copied = bench.slot(), bench.slot(), bench.slot()
    request = RetypeRequest(ObjectType.ENDPOINT, 0, 0, [new])
    untyped = bench.untypeds.pop(0)
    cap = read_cap(ks, parent)
    return {
        "retype": bench.words(lambda: retype(ks, untyped, request)),
        "mint": bench.words(lambda: insert_mint(ks, parent, minted, cap)),
        "copy": bench.words(lambda: insert_copy(ks, parent, copied, cap)),
        "last reference": bench.words(lambda: mdb.is_last_reference(ks, parent)),
        "leaf": bench.words(lambda: mdb.is_leaf(ks, parent)),
        "delete": bench.words(lambda: delete(ks, copied)),
    }


def test_short_operations_do_not_depend_on_size(bench: Bench) -> None:
    """Retype, mint, copy, the two tests and a leaf's delete touch as many words among 20,000."""
    end = bench.make(ObjectType.ENDPOINT)
    few = _short_operations(bench, end)
    cnode = bench.make(ObjectType.CNODE, BIG_CNODE_BITS)
    _fill(bench, end, list(_slots_of(bench, cnode))[:20_000])
    assert _short_operations(bench, end) == few
    assert max(few.values()) < 60


def test_revoke_is_linear(bench: Bench) -> None:
    """Ten times the descendants are ten times the work, wide or nested."""
    end = bench.make(ObjectType.ENDPOINT)
    slots = list(_slots_of(bench, bench.make(ObjectType.CNODE, BIG_CNODE_BITS)))
    work = {}
    for count in (1_000, 10_000):
        _fill(bench, end, slots[:count])
        work[count] = bench.words(lambda: revoke(bench.ks, end))
    assert 9.5 < work[10_000] / work[1_000] < 10.5


def test_leaf_test_takes_three_words(bench: Bench) -> None:
    """The leaf test touches at most three words (R4.30)."""
    end = bench.make(ObjectType.ENDPOINT)
    assert bench.words(lambda: mdb.is_leaf(bench.ks, end)) <= 3
