# SPDX-License-Identifier: BSD-2-Clause
"""Whatever a thread asks for, the kernel goes on and its invariants hold."""

import random

import pytest

from kernel import abi, layout
from kernel.abi import InitialCap, Label, ObjectType, Syscall
from kernel.invariants import invs
from kernel.layout import CapType, Trap
from tests.kernel.conftest import World

CALLS = 600
CHECK_EVERY = 10
SLOTS = 24


def _random_word(rng: random.Random, first: int) -> int:
    return rng.choice(
        (
            rng.randrange(first, first + SLOTS),
            rng.randrange(first, first + 2 * SLOTS),
            rng.randrange(13),
            32,
            32,
            32,
            rng.randrange(1, 8),
            0x4000_0000 + (rng.randrange(4) << 12),
            rng.getrandbits(32),
        )
    )


#: First and last label of each type's methods: most random calls should get past this check.
LABELS = {
    CapType.UNTYPED: (Label.UNTYPED_RETYPE, Label.UNTYPED_RETYPE),
    CapType.TCB: (Label.TCB_READ_REGISTERS, Label.TCB_RESUME),
    CapType.CNODE: (Label.CNODE_REVOKE, Label.CNODE_SAVE_CALLER),
    CapType.IRQ_CONTROL: (Label.IRQ_CONTROL_GET, Label.IRQ_CONTROL_GET),
    CapType.FRAME: (Label.PAGE_MAP, Label.PAGE_GET_ADDRESS),
    CapType.PAGE_TABLE: (Label.PAGE_TABLE_MAP, Label.PAGE_TABLE_UNMAP),
    CapType.ASID_POOL: (Label.ASID_POOL_ASSIGN, Label.ASID_POOL_ASSIGN),
    CapType.ASID_CONTROL: (Label.ASID_CONTROL_MAKE_POOL, Label.ASID_CONTROL_MAKE_POOL),
}


def _random_label(rng: random.Random, cap_type: CapType) -> int:
    if cap_type not in LABELS or rng.random() < 0.1:
        return rng.choice(tuple(Label))
    low, high = LABELS[cap_type]
    return rng.randint(low, high)


def _random_call(world: World, rng: random.Random, first: int) -> None:
    kind = rng.choice([Syscall.CALL] * 8 + [Syscall.SEND, Syscall.NB_SEND, Syscall.REPLY])
    cptr = rng.choice((InitialCap.CNODE, rng.randrange(first, first + SLOTS), rng.randrange(20)))
    words = tuple(_random_word(rng, first) for _ in range(rng.randrange(9)))
    caps = tuple(
        rng.choice((InitialCap.CNODE, InitialCap.VSPACE, rng.randrange(first, first + SLOTS)))
        for _ in range(rng.randrange(4))
    )
    world.set_register("r7", kind)
    thread = world.ks.current
    world.set_register("r0", cptr)
    label = _random_label(rng, world.cap_type(cptr))
    size = min(len(words), 8)
    world.set_register("r1", label << 12 | len(caps) << 7 | size)
    for index, word in enumerate(words):
        if index < abi.MSG_REGISTERS:
            world.set_register(f"r{2 + index}", word)
        else:
            world.ks.store(world.buffer + abi.IPC_MSG + 4 * index, word)
    for index, cap in enumerate(caps):
        world.ks.store(world.buffer + abi.IPC_CAPS_OR_BADGES + 4 * index, cap)
    world.ks.store(thread + layout.TCB_RESTART_PC, world.register("pc"))
    world.kernel.handle_trap(Trap.SYSCALL)


@pytest.mark.parametrize("seed", range(3))
def test_hostile_calls_break_nothing(seed: int) -> None:
    """Random invocations of every object with random words keep every invariant."""
    rng = random.Random(seed)
    world = _populated(compat=bool(seed % 2))
    first = world.next_slot(SLOTS)
    for number in range(CALLS):
        if world.ks.current != world.root_thread:
            world = _populated(compat=bool(seed % 2))
            first = world.next_slot(SLOTS)
        _random_call(world, rng, first - SLOTS)
        if number % CHECK_EVERY == 0:
            assert invs(world.ks) == [], (seed, number)
    assert invs(world.ks) == []


def _populated(*, compat: bool) -> World:
    world = World.fresh(compat=compat)
    # The largest first: each takes the largest Untyped that is left.
    for kind in reversed(list(ObjectType)[1:8]):
        world.make(kind, 3, 2)
    world.make(ObjectType.PAGE_DIRECTORY)
    world.split(12, 4)
    world.make(ObjectType.PAGE_TABLE, 10)
    return world
