# SPDX-License-Identifier: BSD-2-Clause
"""The guarded lookup in assembly, in CSpaces of one to three levels and in broken ones.

The CNodes of the arena are written by hand: a lookup reads nothing but the capabilities' words.
"""

import random
from dataclasses import dataclass
from typing import Final

import pytest

from kernel import layout
from kernel.abi import Syscall
from kernel.api.errors import LookupFault
from kernel.cspace import lookup_slot
from kernel.layout import CapType
from kernel.object.capability import Cap, cnode_cap, read_cap
from kernel.object.endpoint import has_right
from tests.equivalence.arena import Arena

NODE_RADIX: Final = 4
CASES_A_SEED: Final = 25


@dataclass(frozen=True, slots=True)
class Level:
    """What one CNode of a path consumes: a guard, then an index."""

    guard_size: int
    guard: int
    radix: int
    index: int

    @property
    def bits(self) -> int:
        return self.guard_size + self.radix


def write_slot(arena: Arena, slot: int, cap: Cap) -> None:
    """Put a capability's words into a slot, outside the derivation list."""
    arena.lock.poke(slot, cap.word0)
    arena.lock.poke(slot + 4, cap.word1)


def write_path(arena: Arena, levels: list[Level], last: Cap) -> Cap:
    """Chain the arena's CNodes, put `last` at the end, and give the root capability."""
    cap = last
    for level, node in reversed(list(zip(levels, arena.nodes, strict=False))):
        address = arena.lock.object_at(node)
        write_slot(arena, address + layout.SLOT_BYTES * level.index, cap)
        cap = cnode_cap(address, level.radix, level.guard_size, level.guard)
    return cap


def address_of(levels: list[Level], rest: int) -> int:
    """The capability address that the levels consume; bits behind them come from `rest`."""
    address, left = 0, 32
    for level in levels:
        for value, size in ((level.guard, level.guard_size), (level.index, level.radix)):
            left -= size
            address |= value << left if left >= 0 else value >> -left
    mask = (1 << max(left, 0)) - 1
    return (address | rest & mask) & 0xFFFF_FFFF


def random_level(source: random.Random, guard_size: int) -> Level:
    radix = source.randint(1, NODE_RADIX)
    wide = guard_size > 16
    guard = 0 if wide else source.choice((0, source.getrandbits(guard_size)))
    return Level(guard_size, guard, radix, source.getrandbits(radix))


def random_levels(source: random.Random, total: int) -> list[Level]:
    """Levels that consume exactly `total` bits where that can be done."""
    levels: list[Level] = []
    left = total
    for remaining in range(source.randint(1, 3), 0, -1):
        level = random_level(source, source.randint(0, 16))
        size = max(left - level.radix, 0) if remaining == 1 else level.guard_size
        level = random_level(source, min(size, 31))
        levels.append(level)
        left -= level.bits
    return levels


def _finds(arena: Arena, cptr: int) -> bool:
    """Whether the Python kernel finds an Endpoint with Write at the address."""
    try:
        slot = lookup_slot(arena.lock.ks, arena.lock.root, cptr)
    except LookupFault:
        return False
    cap = read_cap(arena.lock.ks, slot)
    return cap.type is CapType.ENDPOINT and has_right(cap, 1)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("total", [8, 20, 31, 32, 33, 40])
def test_random_cspaces(arena: Arena, seed: int, total: int) -> None:
    """Paths that end with the bits, at an object before them, or not at all; right and wrong."""
    source = random.Random(seed * 100 + total)
    lock = arena.lock
    endpoint = read_cap(lock.ks, lock.slot(arena.caps["badged"]))
    arena.park(arena.peers[0])
    parked = lock.save()
    outcomes = set()
    for _ in range(CASES_A_SEED):
        lock.restore(parked)
        levels = random_levels(source, total)
        write_slot(arena, lock.root, write_path(arena, levels, endpoint))
        cptr = address_of(levels, source.getrandbits(32))
        cptr ^= source.choice((0, 0, 0, 1 << source.randrange(32)))
        expected = _finds(arena, cptr)
        lock.invoke(Syscall.SEND, cptr, (1, 2))
        assert lock.last_was_fast == expected, (levels, hex(cptr))
        assert not expected or sum(level.bits for level in levels) <= 32
        outcomes.add(expected)
    # Above 32 bits only a lone level, whose guard ends at 31 bits, is ever short enough.
    assert outcomes >= ({True, False} if total <= 32 else {False})


@pytest.mark.parametrize("guard_size", range(29))
def test_every_guard_size(arena: Arena, guard_size: int) -> None:
    """One level with guards of all sizes: the right address, and one with a wrong guard bit."""
    source = random.Random(guard_size)
    lock = arena.lock
    endpoint = read_cap(lock.ks, lock.slot(arena.caps["full"]))
    arena.park(arena.peers[0])
    parked = lock.save()
    guard = source.getrandbits(guard_size) if guard_size <= 16 else 0
    levels = [Level(guard_size, guard, NODE_RADIX, 9)]
    for flipped in (None, 31, 32 - guard_size):
        lock.restore(parked)
        write_slot(arena, lock.root, write_path(arena, levels, endpoint))
        cptr = address_of(levels, source.getrandbits(32))
        if flipped is not None and guard_size:
            cptr ^= 1 << flipped
        expected = flipped is None or not guard_size
        lock.invoke(Syscall.SEND, cptr, (1,))
        assert lock.last_was_fast == expected


@pytest.mark.parametrize("kind", [CapType.NULL, CapType.ENDPOINT, CapType.UNTYPED, CapType.ZOMBIE])
def test_root_that_is_no_cnode(arena: Arena, kind: CapType) -> None:
    """A thread whose CSpace root is something else finds nothing."""
    lock = arena.lock
    arena.park(arena.peers[0])
    write_slot(arena, lock.root, Cap(int(kind), 0))
    lock.invoke(Syscall.SEND, arena.caps["full"], (1,))
    assert not lock.last_was_fast


@pytest.mark.parametrize("cptr", [0, 1, 0xFFFF_FFFF])
def test_root_that_is_the_endpoint(arena: Arena, cptr: int) -> None:
    """An endpoint in the place of the CSpace root cannot be invoked by any address."""
    lock = arena.lock
    arena.park(arena.peers[0])
    write_slot(arena, lock.root, read_cap(lock.ks, lock.slot(arena.caps["full"])))
    lock.invoke(Syscall.SEND, cptr, (1,))
    assert not lock.last_was_fast


def test_loop_of_one_cnode(arena: Arena) -> None:
    """A CNode that holds itself is walked until the bits run out, 32 levels of one bit."""
    lock = arena.lock
    arena.park(arena.peers[0])
    parked = lock.save()
    node = lock.object_at(arena.nodes[0])
    own = cnode_cap(node, 1)
    endpoint = read_cap(lock.ks, lock.slot(arena.caps["full"]))
    for cptr, expected in ((1, True), (0, False), (0x8000_0000, True), (0x0001_0000, True)):
        lock.restore(parked)
        write_slot(arena, node, own)
        write_slot(arena, node + layout.SLOT_BYTES, endpoint)
        write_slot(arena, lock.root, own)
        lock.invoke(Syscall.SEND, cptr, (1,))
        assert lock.last_was_fast == expected
