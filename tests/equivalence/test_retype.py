# SPDX-License-Identifier: BSD-2-Clause
"""Untyped_Retype: whatever succeeds is done by assembly alone, whatever fails by Python.

PageDirectories, objects of so many bytes that they are cleared in pieces, and callers whose IPC
buffer lies in anything but a small page, are Python's.
"""

import random
from collections.abc import Callable
from typing import Final

import pytest

from kernel import abi, layout, limits
from kernel.abi import InitialCap, Label, ObjectType, Syscall
from kernel.layout import VmRights
from kernel.object.capability import cnode_cap
from kernel.object.objecttype import object_bits
from tests.equivalence.arena import Arena
from tests.equivalence.lockstep import Lockstep
from tests.equivalence.test_cspace import (
    address_of,
    random_levels,
    write_path,
    write_slot,
)

SIZES: Final = (0, 1, 3, 4, 5, 10, 11, 12, 13, 16, 19, 20, 21, 28, 30, 31, 32, 0xFFFF_FFFF)
COUNTS: Final = (0, 1, 2, 3, 16, 255, 256, 257, 0xFFFF_FFFF)


def _is_pythons(kind: int, size_bits: int, count: int) -> bool:
    """Whether a retype that succeeds is none of the assembly's."""
    if kind == ObjectType.UNTYPED:
        return False
    size = count << object_bits(ObjectType(kind), size_bits)
    return kind == ObjectType.PAGE_DIRECTORY or size > limits.RETYPE_AT_ONCE_BYTES


def _retype(arena: Arena, untyped: int, words: tuple[int, ...], root: int = 2) -> int:
    """A Retype; the error label. Checks that success and fast path are the same."""
    error = arena.lock.call(untyped, Label.UNTYPED_RETYPE, words, (root,))
    by_python = error == 0 and _is_pythons(words[0], words[1], words[5])
    assert arena.lock.last_was_fast == (error == 0 and not by_python), (words, error)
    return error


@pytest.mark.parametrize("kind", range(12))
def test_types_sizes_and_counts(arena: Arena, kind: int) -> None:
    """Every type (and one that does not exist) with all edges of size_bits and num_objects."""
    done = 0
    for size_bits in SIZES:
        for count in COUNTS:
            arena.reset()
            words = (kind, size_bits, 0, 0, arena.next_slot, count)
            done += _retype(arena, arena.big, words) == 0
    # A supersection does not fit into this board, and type 11 does not exist.
    assert (done > 0) == (kind not in (ObjectType.SUPER_SECTION, abi.OBJECT_TYPE_COUNT))


@pytest.mark.parametrize("kind", list(ObjectType))
@pytest.mark.parametrize(("size_bits", "count"), [(4, 1), (5, 3), (9, 2), (12, 2)])
def test_memory_that_was_used(arena: Arena, kind: ObjectType, size_bits: int, count: int) -> None:
    """Objects come out cleared whatever was in the memory; an Untyped leaves it as it is."""
    for side in arena.lock.sides:
        start = (arena.lock.object_at(arena.big) - layout.WINDOW_BASE) >> 2
        side.ram[start : start + (1 << 18)] = 0xA5A5_5A5A
    slot = arena.next_slot
    error = _retype(arena, arena.big, (kind, size_bits, 0, 0, slot, count))
    if error == 0 and kind is ObjectType.UNTYPED:
        assert arena.lock.ks.load(arena.lock.object_at(slot)) == 0xA5A5_5A5A
    elif error == 0 and kind is ObjectType.CNODE:
        last = arena.lock.object_at(slot + count - 1) + (16 << size_bits)
        assert (arena.lock.ks.load(last - 4), arena.lock.ks.load(last)) == (0, 0xA5A5_5A5A)


@pytest.mark.parametrize("untyped_bits", range(13, 18))
def test_exactly_full(arena: Arena, untyped_bits: int) -> None:
    """Objects that fill an Untyped to the last byte fit, and one more does not."""
    lock = arena.lock
    for bits in range(4, untyped_bits + 1):
        count = 1 << (untyped_bits - bits)
        if count > abi.RETYPE_MAX_OBJECTS - 1:
            continue
        for extra, error in ((0, 0), (1, abi.Error.NOT_ENOUGH_MEMORY)):
            arena.reset()
            untyped = arena.retype(arena.big, ObjectType.UNTYPED, untyped_bits)[0]
            words = (ObjectType.UNTYPED, bits, 0, 0, arena.next_slot, count + extra)
            assert _retype(arena, untyped, words) == error
    assert lock.fast["retype"]


@pytest.mark.parametrize("place", ["first", "middle", "last", "behind"])
def test_occupied_slots(arena: Arena, place: str) -> None:
    """One occupied slot anywhere in the row refuses all; one behind it does no harm."""
    first = arena.slots(10)
    offset = {"first": 0, "middle": 4, "last": 8, "behind": 9}[place]
    node = (first + offset, 32, arena.endpoints[0], 32, abi.RIGHTS_ALL)
    arena.lock.must(InitialCap.CNODE, Label.CNODE_COPY, node, (InitialCap.CNODE,))
    words = (ObjectType.ENDPOINT, 0, 0, 0, first, 9)
    error = 0 if place == "behind" else abi.Error.DELETE_FIRST
    assert _retype(arena, arena.big, words) == error


@pytest.mark.parametrize("offset", [0, 1, 14, 15, 16, 17, 0x7FFF_FFFF, 0xFFFF_FFFF])
@pytest.mark.parametrize("count", [1, 2, 15, 16, 17])
def test_windows_in_a_small_cnode(arena: Arena, offset: int, count: int) -> None:
    """Offsets and counts around the end of a CNode of 16 slots."""
    words = (ObjectType.ASYNC_ENDPOINT, 0, arena.nodes[1], 32, offset, count)
    error = _retype(arena, arena.big, words)
    assert (error == 0) == (offset + count <= 16)


@pytest.mark.parametrize("depth", [*range(35), 0x1_0000, 0xFFFF_FFFF])
def test_node_depths(arena: Arena, depth: int) -> None:
    """Every node_depth, with an index for the root's way of reading it and with others."""
    for index in (arena.nodes[0], arena.endpoints[0], 0, 0xFFFF_FFFF, arena.next_slot):
        arena.reset()
        offset = arena.next_slot if depth == 0 else 0
        words = (ObjectType.ENDPOINT, 0, index, depth, offset, 1)
        error = _retype(arena, arena.big, words)
        assert (error == 0) == (depth == 0 or (depth == 32 and index == arena.nodes[0]))


@pytest.mark.parametrize("seed", range(4))
def test_random_destinations(arena: Arena, seed: int) -> None:
    """The destination CNode behind random paths of guards and levels, and wrong depths."""
    source = random.Random(seed)
    lock = arena.lock
    done = 0
    for _ in range(60):
        arena.reset()
        total = source.randint(3, 32)
        levels = random_levels(source, total)
        target = cnode_cap(lock.object_at(arena.nodes[3]), 4, source.randint(0, 8))
        root_slot = arena.slots()
        write_slot(arena, lock.slot(root_slot), write_path(arena, levels, target))
        depth = sum(level.bits for level in levels) + source.choice((0, 0, 0, 0, -1, 1))
        address = address_of(levels, 0) >> max(32 - depth, 0)
        address ^= source.choice((0, 0, 0, 1 << source.randrange(32)))
        words = (ObjectType.UNTYPED, 4, address, depth, source.randrange(16), 1)
        done += _retype(arena, arena.big, words, root_slot) == 0
    assert done > 10


def test_non_leaf(arena: Arena) -> None:
    """By default an Untyped with objects is refused; in compat mode it goes on above them."""
    rows = (
        (ObjectType.ENDPOINT, 0, 3),
        (ObjectType.SMALL_PAGE, 0, 2),
        (ObjectType.TCB, 0, 5),
        (ObjectType.LARGE_PAGE, 0, 1),
        (ObjectType.CNODE, 3, 7),
        (ObjectType.UNTYPED, 4, 1),
        (ObjectType.PAGE_TABLE, 12, 1),
        (ObjectType.PAGE_TABLE, 0, 1),
    )
    for number, (kind, size_bits, count) in enumerate(rows):
        words = (kind, size_bits, 0, 0, arena.slots(count), count)
        error = _retype(arena, arena.big, words)
        refused = number > 0 and not arena.lock.compat
        assert error == (abi.Error.REVOKE_FIRST if refused else 0)


def test_until_it_is_full(arena: Arena) -> None:
    """Pages are taken one after the other until nothing is left (compat), or once (default)."""
    untyped = arena.retype(arena.big, ObjectType.UNTYPED, 16)[0]
    done = 0
    for _ in range(17):
        words = (ObjectType.SMALL_PAGE, 0, 0, 0, arena.slots(), 1)
        done += _retype(arena, untyped, words) == 0
    assert done == (16 if arena.lock.compat else 1)


def test_after_revoke(arena: Arena) -> None:
    """A revoked Untyped is a leaf again and starts at its base."""
    for _ in range(3):
        first = arena.slots(8)
        assert _retype(arena, arena.big, (ObjectType.TCB, 0, 0, 0, first, 8)) == 0
        assert arena.lock.object_at(first) == arena.lock.object_at(arena.big)
        words = (arena.big, 32)
        arena.lock.must(InitialCap.CNODE, Label.CNODE_REVOKE, words)


@pytest.mark.parametrize("depth", [0, 1, 125, 126, 127])
def test_derivation_depth(arena: Arena, depth: int) -> None:
    """The deepest level has no children."""
    slot = arena.lock.slot(arena.big)
    word = arena.lock.ks.load(slot + 8)
    arena.lock.poke(slot + 8, layout.MDB_DEPTH.put(word, depth))
    error = _retype(arena, arena.big, (ObjectType.ENDPOINT, 0, 0, 0, arena.next_slot, 4))
    assert error == (abi.Error.RANGE_ERROR if depth == 127 else 0)


def test_next_entry_at_the_deepest_level(arena: Arena) -> None:
    """An entry of the deepest level, as a deletion under way has it, is left to Python."""
    lock = arena.lock
    following = layout.MDB_NEXT.get(lock.ks.load(lock.slot(arena.big) + 8))
    word = lock.ks.load(following + 8)
    lock.poke(following + 8, layout.MDB_DEPTH.put(word, layout.MDB_MAX_DEPTH))
    words = (ObjectType.ENDPOINT, 0, 0, 0, arena.next_slot, 1)
    error = lock.call(arena.big, Label.UNTYPED_RETYPE, words, (InitialCap.CNODE,))
    assert not lock.last_was_fast
    assert error == (0 if lock.compat else abi.Error.REVOKE_FIRST)


def _alone(arena: Arena) -> None:
    slot = arena.lock.slot(arena.big)
    word = arena.lock.ks.load(slot + 8)
    arena.lock.poke(slot + 8, layout.MDB_NEXT.put(word, slot))
    arena.lock.poke(slot + 12, layout.MDB_MASTER.put(slot, 1))
    arena.lock.poke(layout.KV_MDB_ROOT, slot)


def _first(arena: Arena) -> None:
    arena.lock.poke(layout.KV_MDB_ROOT, arena.lock.slot(arena.big))


def _last(arena: Arena) -> None:
    following = layout.MDB_NEXT.get(arena.lock.ks.load(arena.lock.slot(arena.big) + 8))
    arena.lock.poke(layout.KV_MDB_ROOT, following)


@pytest.mark.parametrize("place", [_alone, _first, _last])
@pytest.mark.parametrize("count", [1, 2, 200])
def test_neighbours_in_the_list(arena: Arena, place: Callable[[Arena], None], count: int) -> None:
    """An Untyped that is the only entry of the ring, its first, or its last."""
    place(arena)
    words = (ObjectType.ENDPOINT, 0, 0, 0, arena.next_slot, count)
    assert _retype(arena, arena.big, words) == 0


@pytest.mark.parametrize("rights", list(VmRights))
@pytest.mark.parametrize("offset", [0, 0x200, 0xE00, 0x1000, 0xF_E200])
@pytest.mark.parametrize("frame", ["small", "large", "none"])
def test_ipc_buffers(arena: Arena, rights: VmRights, offset: int, frame: str) -> None:
    """The arguments come from a small readable frame; any other buffer is Python's."""
    lock = arena.lock
    slot = lock.root + layout.TCB_BUFFER
    if frame == "large":
        cap = lock.ks.load(lock.slot(arena.large_frame[0]))
    else:
        cap = lock.ks.load(slot) if frame == "small" else 0
    lock.poke(slot, layout.FRAME_RIGHTS.put(cap, rights) if cap else 0)
    lock.poke(lock.root + layout.TCB_IPC_BUFFER, 0x8000_0000 + offset)
    words = (ObjectType.ENDPOINT, 0, 0, 0, arena.next_slot, 2)
    error = lock.call(arena.big, Label.UNTYPED_RETYPE, words, (InitialCap.CNODE,))
    readable = rights != VmRights.KERNEL_ONLY and frame != "none"
    assert (error == 0) == readable
    assert lock.last_was_fast == (readable and frame == "small")


@pytest.mark.parametrize("number", [Syscall.CALL, Syscall.SEND, Syscall.NB_SEND])
@pytest.mark.parametrize("caps", [0, 1, 2, 3])
@pytest.mark.parametrize("length", [0, 4, 5, 6, 7, 120, 127])
def test_shapes_of_the_message(arena: Arena, number: int, caps: int, length: int) -> None:
    """Lengths and numbers of capabilities around what the path takes."""
    lock = arena.lock
    words = (ObjectType.ENDPOINT, 0, 0, 0, arena.next_slot, 2)
    registers = {f"r{2 + n}": word for n, word in enumerate(words[:4])}
    info = int(Label.UNTYPED_RETYPE) << 12 | 5 << 9 | caps << 7 | length
    registers |= {"r0": arena.big, "r1": info, "r7": number & abi.WORD_MASK}
    buffer = {abi.IPC_MSG + 16: words[4], abi.IPC_MSG + 20: words[5]}
    buffer |= {abi.IPC_CAPS_OR_BADGES + 4 * n: InitialCap.CNODE for n in range(3)}
    lock.step(registers, buffer)
    assert lock.last_was_fast == (number == Syscall.CALL and caps == 1 and length >= 6)
    made = lock.ks.load(lock.slot(arena.next_slot)) != 0
    assert made == (caps >= 1 and length >= 6)


@pytest.mark.parametrize("invoked", ["full", "async", "node", "empty", "outside"])
def test_retype_of_something_else(arena: Arena, invoked: str) -> None:
    """A Retype sent to what is no Untyped, or to nothing, is Python's business."""
    words = (ObjectType.ENDPOINT, 0, 0, 0, arena.next_slot, 1)
    arena.lock.invoke(
        Syscall.CALL, arena.caps[invoked], words, label=Label.UNTYPED_RETYPE, caps=(2,)
    )
    assert not arena.lock.last_was_fast


@pytest.mark.parametrize("root", ["full", "async", "empty", "outside"])
def test_destination_that_is_no_cnode(arena: Arena, root: str) -> None:
    """The destination root must be a CNode."""
    words = (ObjectType.ENDPOINT, 0, 0, 0, arena.next_slot, 1)
    arena.lock.invoke(
        Syscall.CALL, arena.big, words, label=Label.UNTYPED_RETYPE, caps=(arena.caps[root],)
    )
    assert not arena.lock.last_was_fast


def test_every_capability_as_a_destination(arena: Arena) -> None:
    """Only a CNode is taken, named as the root or found by index, whatever the words of the cap."""
    lock, slots = arena.lock, arena.next_slot
    done = 0
    for index in range(slots):
        kind = lock.ks.get(lock.slot(index), layout.CAP_TYPE)
        for root, depth in ((index, 0), (int(InitialCap.CNODE), 32)):
            # In the initial CNode only the slots behind are free, in a small one the first.
            offset = slots if index == InitialCap.CNODE else 0
            error = _retype(
                arena, arena.big, (ObjectType.UNTYPED, 4, index, depth, offset, 1), root
            )
            assert kind == layout.CapType.CNODE or error
            done += error == 0
            if error == 0:
                arena.reset()
    assert done > 2 * len(arena.nodes)


def test_labels_near_retype(arena: Arena) -> None:
    """Only the exact label is a Retype."""
    words = (ObjectType.ENDPOINT, 0, 0, 0, arena.next_slot, 1)
    for label in (0, 2, 0x8_0001, 0xF_FFFF):
        assert arena.lock.call(arena.big, label, words, (InitialCap.CNODE,))
        assert not arena.lock.last_was_fast


def test_large_objects(board_file: Callable[[int], str]) -> None:
    """Sections and supersections, where there is memory for them."""
    lock = Lockstep.both(board_file(64))
    first, end = lock.info(abi.BI_UNTYPED), lock.info(abi.BI_UNTYPED + 4)
    sizes = {lock.ks.get(lock.slot(n), layout.UNTYPED_SIZE_BITS): n for n in range(first, end)}
    slot = lock.info(abi.BI_EMPTY)
    assert max(sizes) >= 24
    for bits, kind, count in (
        (24, ObjectType.SUPER_SECTION, 1),
        (23, ObjectType.SECTION, 8),
        (22, ObjectType.SECTION, 3),
    ):
        words = (kind, 0, 0, 0, slot, count)
        lock.must(sizes[bits], Label.UNTYPED_RETYPE, words, (InitialCap.CNODE,))
        assert not lock.last_was_fast
        slot += count


@pytest.mark.parametrize("extra", [0, 1])
def test_bound_of_the_assembly(arena: Arena, extra: int) -> None:
    """The assembly clears as much as the bound on work allows; one page more is Python's."""
    count = limits.RETYPE_AT_ONCE_BYTES // 4096 + extra
    words = (ObjectType.SMALL_PAGE, 0, 0, 0, arena.next_slot, count)
    arena.lock.must(arena.big, Label.UNTYPED_RETYPE, words, (InitialCap.CNODE,))
    assert arena.lock.last_was_fast == (extra == 0)


@pytest.mark.parametrize("count", [1, 5])
def test_commit_forgets_what_was_prepared(arena: Arena, count: int) -> None:
    """Both kernels forget how far a preempted retype came once objects are made."""
    lock = arena.lock
    lock.poke(layout.KV_PREPARED_START, lock.object_at(arena.big) + 0x1_0000)
    lock.poke(layout.KV_PREPARED_END, lock.object_at(arena.big) + 0x2_0000)
    words = (ObjectType.SMALL_PAGE, 0, 0, 0, arena.next_slot, count)
    lock.must(arena.big, Label.UNTYPED_RETYPE, words, (InitialCap.CNODE,))
    assert [side.ks.load(layout.KV_PREPARED_END) for side in lock.sides] == [0, 0]
