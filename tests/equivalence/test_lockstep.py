# SPDX-License-Identifier: BSD-2-Clause
"""The comparison itself notices a difference, and says in which word of which object it is."""

from collections.abc import Callable, Iterator

import pytest

from kernel import abi, layout
from kernel.abi import Syscall
from tests.equivalence.arena import Arena
from tests.equivalence.lockstep import Lockstep, Side
from tests.equivalence.script import Script, World


def _flip(side: Side, address: int) -> None:
    side.ram[(address - layout.WINDOW_BASE) >> 2] ^= 0x10


@pytest.fixture
def spoiled(arena: Arena) -> Iterator[Arena]:
    """An arena of which one side may be changed."""
    yield arena
    arena.reset()


_PLACES: tuple[tuple[str, Callable[[Arena], int]], ...] = (
    ("TCB_PRIORITY", lambda arena: arena.peers[2].tcb + layout.TCB_PRIORITY),
    ("r9", lambda arena: arena.peers[0].tcb + layout.REGISTER_OFFSETS["r9"]),
    ("CALLER derivation prev", lambda arena: arena.peers[0].tcb + layout.TCB_CALLER + 12),
    ("KV_READY_SUMMARY", lambda arena: layout.KV_READY_SUMMARY),
    ("READY_QUEUES word 7", lambda arena: layout.READY_QUEUES + 28),
    ("ASID_TABLE word 255", lambda arena: layout.ASID_TABLE + 255 * 4),
    ("slot 2: derivation next", lambda arena: arena.lock.object_at(arena.nodes[0]) + 40),
    ("ENDPOINT", lambda arena: arena.lock.object_at(arena.endpoints[2]) + 4),
    ("interrupt 63: capability 0", lambda arena: layout.IRQ_NODE + 63 * 16),
    ("UNTYPED", lambda arena: arena.lock.object_at(arena.big) + 0x8_0000),
)


@pytest.mark.parametrize(("name", "place"), _PLACES)
def test_one_word_is_noticed_and_named(
    spoiled: Arena, name: str, place: Callable[[Arena], int]
) -> None:
    """A single bit that differs fails the check, and the report names its place."""
    address = place(spoiled)
    _flip(spoiled.lock.quick, address)
    with pytest.raises(AssertionError) as failure:
        spoiled.lock.check()
    assert name in str(failure.value)
    assert f"0x{address:08x}" in str(failure.value)


def test_one_register_is_noticed(spoiled: Arena) -> None:
    """A register that differs fails the check, after the next system call too."""
    spoiled.lock.quick.machine.registers["r11"] = 0x1234_5678
    with pytest.raises(AssertionError, match="register r11"):
        spoiled.lock.invoke(Syscall.YIELD, 0)


def test_text_and_scratch_may_differ(spoiled: Arena) -> None:
    """What the layout sets aside is not compared."""
    lock = spoiled.lock
    for address in (layout.KV_FAULT_ADDRESS, layout.STACK_TOP - 4, layout.WINDOW_BASE + 0x100):
        _flip(lock.quick, address)
        lock.check()
        _flip(lock.quick, address)


def test_a_reset_brings_back_everything(arena: Arena) -> None:
    """After system calls and a reset, RAM and registers are those after building."""
    before = arena.lock.plain.ram.copy(), arena.lock.plain.registers()
    arena.park(arena.peers[0])
    arena.retype(arena.big, abi.ObjectType.SMALL_PAGE, 0, 5)
    arena.reset()
    assert (arena.lock.plain.ram == before[0]).all()
    assert arena.lock.plain.registers() == before[1]
    arena.lock.check()


def test_scripts_at_timing_full(board_file: Callable[[int], str]) -> None:
    """With the cycle model both kernels agree as well."""
    arena = Arena(Lockstep.both(board_file(4), timing="full"))
    world = World(arena, 0)
    made = 0
    for seed in range(12):
        world.reset()
        made += Script(world, seed).run(200)
    assert made > 100
    assert all(arena.lock.fast[path] for path in ("call", "send", "wait", "reply_wait"))
