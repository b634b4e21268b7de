# SPDX-License-Identifier: BSD-2-Clause
"""Saved machines as protection states: which entities, what they hold, and hostile memory."""

import random
import struct
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from kernel import abi, layout
from kernel.abi import InitialCap, Label, ObjectType
from kernel.layout import CapType
from kernel.options import KernelOptions
from kernel.policy.decide import Policy
from kernel.policy.saved import KINDS, SavedEntity, SavedState, read_saved
from kernel.policy.savedfile import SavedMachine, pack
from sel4emu.errors import InputError
from tests.kernel.conftest import World

READ, WRITE, GRANT = 1, 2, 4


def take(ram: bytes | bytearray) -> SavedState:
    """The state of a machine with this RAM."""
    return read_saved(pack(SavedMachine("test", KernelOptions(), bytes(ram))), "it")


@dataclass(frozen=True)
class Seen:
    """A saved state and a look at it by TCB address."""

    saved: SavedState

    def thread(self, tcb: int) -> SavedEntity:
        """The entity that a thread is part of."""
        (found,) = [each for each in self.saved.entities if tcb in each.threads]
        return found

    def rights(self, holder: int, target: int) -> int:
        """What one entity holds over another, -1 for nothing."""
        policy = Policy(self.saved.state)
        found = [c.rights for c in policy.held_by(holder) if c.target == target]
        assert len(found) <= 1
        return found[0] if found else -1

    def kinds(self) -> list[CapType]:
        """The kinds of all entities in their order."""
        return [each.entity.kind for each in self.saved.entities]


@pytest.fixture
def see(world: World) -> Callable[[], Seen]:
    """The world at present, saved and read."""
    return lambda: Seen(take(world.port.ram))


def object_of(world: World, index: int) -> int:
    """Window address of the TCB that a slot of the initial CNode names."""
    return world.ks.get(world.slot(index), layout.TCB_POINTER)


def give_space(world: World, tcb: int, cnode: int) -> None:
    """Set a thread's CSpace; its VSpace is that of the initial thread."""
    words, caps = (0, 0, 0), (cnode, InitialCap.VSPACE)
    assert world.call(tcb, Label.TCB_SET_SPACE, words, caps).label == 0


def test_the_initial_thread_is_one_entity(world: World, see: Callable[[], Seen]) -> None:
    """Its CNode and VSpace are part of it; the capability to its own CNode is Grant over itself."""
    seen = see()
    me = seen.thread(world.root_thread)
    assert me.number == 0 and me.entity.kind is CapType.TCB
    assert not {CapType.CNODE, CapType.PAGE_DIRECTORY, CapType.PAGE_TABLE} & set(seen.kinds())
    assert seen.rights(0, 0) & GRANT
    assert {each.number for each in seen.saved.entities} == set(range(len(seen.saved.entities)))


def test_entities_are_in_the_order_of_kind_and_address(see: Callable[[], Seen]) -> None:
    """The same machine gives the same numbers."""
    entities = see().saved.entities
    order = [(KINDS.index(e.entity.kind), e.entity.address, e.entity.bits) for e in entities]
    assert order == sorted(order)
    assert see().saved.entities == entities


def test_threads_with_one_cspace_are_one(world: World, see: Callable[[], Seen]) -> None:
    """R5.34: a second thread in the CSpace of the first adds no entity."""
    tcb = world.make(ObjectType.TCB)
    assert see().thread(object_of(world, tcb)).number != see().thread(world.root_thread).number
    give_space(world, tcb, InitialCap.CNODE)
    one, other = see().thread(object_of(world, tcb)), see().thread(world.root_thread)
    assert one == other and len(one.threads) == 2


def test_another_cspace_is_another_entity(world: World, see: Callable[[], Seen]) -> None:
    """Its CNode is part of it, though the manager holds a capability to it.

    The VSpace that they share is an entity of its own, over which both hold Grant.
    """
    tcb, cnode = world.make(ObjectType.TCB), world.make(ObjectType.CNODE, 4)
    give_space(world, tcb, cnode)
    seen = see()
    child, manager = (seen.thread(at).number for at in (object_of(world, tcb), world.root_thread))
    assert CapType.CNODE not in seen.kinds()
    assert seen.rights(manager, child) == READ | WRITE | GRANT
    assert seen.rights(child, manager) == seen.rights(child, child) == -1
    shared = seen.kinds().index(CapType.PAGE_DIRECTORY)
    assert seen.rights(child, shared) == seen.rights(manager, shared) == GRANT


def test_a_cnode_in_two_cspaces_is_an_entity(world: World, see: Callable[[], Seen]) -> None:
    """R5.35: over what two CSpaces lead to, both hold Grant; one alone has it as its part."""
    shared, tcb = world.make(ObjectType.CNODE, 4), world.make(ObjectType.TCB)
    assert CapType.CNODE not in see().kinds()
    root = world.make(ObjectType.CNODE, 4)
    words = (1, 4, shared, abi.WORD_BITS, abi.RIGHTS_ALL)
    assert world.call(root, Label.CNODE_COPY, words, (InitialCap.CNODE,)).label == 0
    give_space(world, tcb, root)
    seen = see()
    number = seen.kinds().index(CapType.CNODE)
    for holder in (object_of(world, tcb), world.root_thread):
        assert seen.rights(seen.thread(holder).number, number) == GRANT


def test_a_machine_that_has_not_booted(world: World) -> None:
    """One sentence, and not a word about damage."""
    with pytest.raises(InputError, match=r"^it: the kernel in this machine had not booted yet$"):
        take(bytes(len(world.port.ram)))


def word_at(world: World, address: int, value: int) -> bytearray:
    """The RAM with one word changed."""
    ram = bytearray(world.port.ram)
    struct.pack_into("<I", ram, address - layout.WINDOW_BASE, value)
    return ram


def test_a_ring_that_does_not_close(world: World) -> None:
    """A ring with a loop that the first slot is no part of ends the reading."""
    slot = world.slot(InitialCap.VSPACE)
    word = layout.MDB_NEXT.put(world.ks.load(slot + 8), slot)
    with pytest.raises(InputError, match="at most 1048576 capabilities"):
        take(word_at(world, slot + 8, word))


@pytest.mark.parametrize("root", [3, 0x1000, 0xFFFF_FFF0, layout.WINDOW_BASE - 16])
def test_a_pointer_out_of_ram(world: World, root: int) -> None:
    """It is named."""
    with pytest.raises(InputError, match=f"damaged: a pointer leads to 0x{root + 8:08x}|leads to"):
        take(word_at(world, layout.KV_MDB_ROOT, root))


@pytest.mark.parametrize("shift", [0, 3, 32, 33, 255])
def test_a_cnode_of_impossible_size(world: World, shift: int) -> None:
    """Neither memory nor time is spent on it."""
    slot = world.slot(InitialCap.CNODE)
    word = layout.CNODE_INDEX_SHIFT.put(world.ks.load(slot + 4), shift)
    with pytest.raises(InputError, match=r"^it: expected a saved machine, but it is damaged: "):
        take(word_at(world, slot + 4, word))


def test_a_thread_in_no_state(world: World) -> None:
    """A state word that the kernel does not know."""
    with pytest.raises(InputError, match="is in no possible state"):
        take(word_at(world, world.root_thread + layout.TCB_STATE, 8))


def test_two_objects_in_one_place(world: World) -> None:
    """A page directory inside a CNode."""
    slot = world.slot(InitialCap.VSPACE)
    inside = world.root_cnode & -(1 << abi.PAGE_DIRECTORY_BITS)
    word = layout.PAGE_DIRECTORY_POINTER.put(world.ks.load(slot), inside)
    with pytest.raises(InputError, match="two objects overlap"):
        take(word_at(world, slot, word))


@pytest.mark.parametrize("seed", range(150))
def test_hostile_memory_is_read_or_refused(world: World, seed: int) -> None:
    """Words changed at random in slots, threads, tables and kernel data: a state or a sentence."""
    source = random.Random(seed)
    ram = bytearray(world.port.ram)
    places = (
        (world.root_cnode, 0x1000),
        (world.root_thread, 1 << abi.TCB_BITS),
        (layout.KERNEL_DATA, 0x400),
        (layout.IRQ_NODE, 0x400),
        (world.ks.get(world.slot(InitialCap.VSPACE), layout.PAGE_DIRECTORY_POINTER), 0x3C00),
    )
    for _ in range(source.choice((1, 1, 4, 40))):
        start, size = source.choice(places)
        at = start - layout.WINDOW_BASE + source.randrange(size // 4) * 4
        old = struct.unpack_from("<I", ram, at)[0]
        new = source.choice((source.getrandbits(32), old ^ 1 << source.randrange(32), 0))
        struct.pack_into("<I", ram, at, new)
    refusal, saved = "", None
    try:
        saved = take(ram)
    except InputError as error:
        refusal = str(error)
    assert (saved is None) == (refusal.startswith("it: ") and "\n" not in refusal)
    if saved is not None:
        assert saved.state.entities == len(saved.entities)
        assert all(0 <= each < saved.state.entities for each in saved.state.targets.tolist())
