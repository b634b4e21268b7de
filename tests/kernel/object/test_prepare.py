# SPDX-License-Identifier: BSD-2-Clause
"""Memory is made ready for a retype in pieces, and a preempted retype has made nothing."""

import pytest

from kernel import abi, layout, limits
from kernel.abi import InitialCap, Label, ObjectType
from kernel.invariants import invs
from tests.kernel.conftest import Answer, World

ROOT = (InitialCap.CNODE,)
BITS = 20
DIRT = 0xA5
IRQ = 33


class Dirty:
    """A world with an Untyped of 1 MB full of dirt, and every byte that is cleared counted."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.untyped = world.split(BITS, 2)[0]
        self.base = world.ks.get(world.slot(self.untyped), layout.UNTYPED_POINTER)
        start = self.base - layout.WINDOW_BASE
        world.port.ram[start : start + (1 << BITS)] = bytes([DIRT]) * (1 << BITS)
        self.cleared = 0
        self.target = world.next_slot(abi.RETYPE_MAX_OBJECTS)
        self._clear = world.port.clear
        vars(world.port)["clear"] = self._count

    def _count(self, address: int, size: int) -> None:
        self.cleared += size
        self._clear(address, size)

    def retype(self, kind: ObjectType, size_bits: int, count: int, *, irq: bool) -> Answer:
        """One Retype call; with an interrupt it comes back at its first look."""
        world = self.world
        world.port.pending_irq = IRQ if irq else None
        words = (kind, size_bits, 0, 0, self.target, count)
        return world.call(self.untyped, Label.UNTYPED_RETYPE, words, ROOT)

    def words(self) -> tuple[int, int, int]:
        """The kernel's words about prepared memory."""
        load = self.world.ks.load
        start, end = load(layout.KV_PREPARED_START), load(layout.KV_PREPARED_END)
        return start, end, load(layout.KV_PREPARED_KIND)

    def memory(self, size: int) -> bytes:
        """The first bytes of the Untyped."""
        start = self.base - layout.WINDOW_BASE
        return bytes(self.world.port.ram[start : start + size])

    @property
    def is_made(self) -> bool:
        return self.world.cap_type(self.target) is not layout.CapType.NULL


@pytest.fixture
def dirty(world: World) -> Dirty:
    """The default mode."""
    return Dirty(world)


def _all_but_progress(dirty: Dirty, size: int) -> bytes:
    """RAM without what a preempted retype may change: free memory, its own words and thread."""
    ram = bytearray(dirty.world.port.ram)
    thread = dirty.world.root_thread
    for at, length in (
        (layout.KV_PREPARED_START, 12),
        (layout.KV_WORK_UNITS, 4),
        (dirty.base, size),
        (thread + layout.TCB_RESTART_PC, layout.TCB_STATE + 4 - layout.TCB_RESTART_PC),
        (dirty.world.buffer, 1 << abi.IPC_BUFFER_BITS),
    ):
        start = at - layout.WINDOW_BASE
        ram[start : start + length] = bytes(length)
    return bytes(ram)


@pytest.mark.parametrize(
    ("kind", "size_bits", "count"),
    [
        (ObjectType.CNODE, 12, 1),
        (ObjectType.SMALL_PAGE, 0, 16),
        (ObjectType.SECTION, 0, 1),
        (ObjectType.PAGE_DIRECTORY, 0, 3),
        (ObjectType.TCB, 0, 100),
    ],
)
def test_preempted_retype(dirty: Dirty, kind: ObjectType, size_bits: int, count: int) -> None:
    """It has changed nothing but free memory, and goes on where it was until it is done."""
    dirty.retype(ObjectType.SMALL_PAGE, 0, 1000, irq=False)  # refused; it fills the buffer
    dirty.cleared = 0
    before = _all_but_progress(dirty, 1 << BITS)
    calls = 0
    while True:
        dirty.retype(kind, size_bits, count, irq=True)
        if dirty.is_made:
            break
        calls += 1
        assert _all_but_progress(dirty, 1 << BITS) == before
        start, end, made = dirty.words()
        assert (start, made) == (dirty.base, kind)
        assert end == dirty.base + dirty.cleared
        assert invs(dirty.world.ks) == []
    size = dirty.world.ks.get(dirty.world.slot(dirty.untyped), layout.UNTYPED_WATERMARK)
    assert dirty.cleared == size
    is_directory = kind is ObjectType.PAGE_DIRECTORY
    assert calls == (count if is_directory else size // limits.CLEAR_PIECE_BYTES)
    assert dirty.words()[1] == 0


def test_result_is_that_of_one_call(dirty: Dirty) -> None:
    """PageDirectories that were made in many steps are as those that were made in one."""
    size = 4 << abi.PAGE_DIRECTORY_BITS
    memory = []
    for irq in (True, False):
        while not dirty.is_made:
            dirty.retype(ObjectType.PAGE_DIRECTORY, 0, 4, irq=irq)
        memory.append(dirty.memory(size))
        dirty.world.port.pending_irq = None
        assert dirty.world.cnode(Label.CNODE_REVOKE, (dirty.untyped, 32)).label == 0
    assert memory[0] == memory[1]
    assert any(memory[0])


def test_what_another_retype_used_is_cleared_again(dirty: Dirty) -> None:
    """Objects made and destroyed in between leave dirt, so the repeated call starts again."""
    dirty.retype(ObjectType.SECTION, 0, 1, irq=True)
    dirty.retype(ObjectType.SMALL_PAGE, 0, 2, irq=False)
    world = dirty.world
    assert dirty.words()[1] == 0
    world.ks.store(dirty.base + 8, 0x1234)
    assert world.cnode(Label.CNODE_REVOKE, (dirty.untyped, 32)).label == 0
    dirty.retype(ObjectType.SECTION, 0, 1, irq=False)
    assert dirty.is_made
    assert dirty.memory(1 << BITS) == bytes(1 << BITS)


def test_memory_prepared_for_another_type(dirty: Dirty) -> None:
    """What is ready for PageDirectories is not taken for cleared memory."""
    dirty.retype(ObjectType.PAGE_DIRECTORY, 0, 4, irq=True)
    assert any(dirty.memory(1 << abi.PAGE_DIRECTORY_BITS))
    dirty.retype(ObjectType.LARGE_PAGE, 0, 1, irq=False)
    assert dirty.is_made
    assert dirty.memory(1 << 16) == bytes(1 << 16)


def test_pool_forgets_prepared_memory(dirty: Dirty) -> None:
    """MakePool takes memory too, so nothing is known of free memory any more."""
    world = dirty.world
    (page,) = world.split(12, 1)
    dirty.retype(ObjectType.SECTION, 0, 1, irq=True)
    assert dirty.words()[1] != 0
    world.port.pending_irq = None
    words, caps = (world.next_slot(), 32), (page, InitialCap.CNODE)
    assert world.call(InitialCap.ASID_CONTROL, Label.ASID_CONTROL_MAKE_POOL, words, caps).label == 0
    assert dirty.words()[1] == 0


def test_small_retype_takes_no_look(dirty: Dirty) -> None:
    """Up to the bound of the assembly a waiting interrupt does not come between."""
    count = limits.RETYPE_AT_ONCE_BYTES // 4096
    assert dirty.retype(ObjectType.SMALL_PAGE, 0, count, irq=True).label == 0
    assert dirty.is_made


def test_invariant_sees_an_object_in_prepared_memory(dirty: Dirty) -> None:
    """The invariant about prepared memory fails where a typed object lies in it."""
    dirty.retype(ObjectType.SMALL_PAGE, 0, 2, irq=False)
    ks = dirty.world.ks
    ks.store(layout.KV_PREPARED_START, dirty.base + 0x1FFC)
    ks.store(layout.KV_PREPARED_END, dirty.base + 0x3000)
    (problem,) = invs(ks)
    assert problem.startswith("prepared_memory_is_free")
