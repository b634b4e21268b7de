# SPDX-License-Identifier: BSD-2-Clause
"""The guarded lookup (R4.64 to R4.76)."""

import pytest

from kernel.api.errors import LookupFault
from kernel.cspace import resolve_address_bits
from kernel.layout import SLOT_BYTES, WINDOW_BASE, CapType
from kernel.object.capability import Cap, cnode_cap, endpoint_cap, write_cap
from tests.kernel.conftest import World

FIRST = WINDOW_BASE + 0x80_0000
SECOND = WINDOW_BASE + 0x80_1000


def test_two_levels_end_at_the_last_bit(world: World) -> None:
    """Guard, index, guard, index consume all 32 bits: the slot reached is the answer (R4.73)."""
    root = cnode_cap(FIRST, 8, 8, 0xAB)
    write_cap(world.ks, FIRST + SLOT_BYTES * 0x12, cnode_cap(SECOND, 4, 12, 0x345))
    answer = resolve_address_bits(world.ks, root, 0xAB12_3456, 32)
    assert answer == (SECOND + SLOT_BYTES * 6, 0)


def test_lookup_ends_early_at_another_object(world: World) -> None:
    """A capability other than a CNode ends the lookup with bits left over (R4.74)."""
    slot = FIRST + SLOT_BYTES * 0x12
    write_cap(world.ks, slot, endpoint_cap(CapType.ENDPOINT, SECOND))
    assert resolve_address_bits(world.ks, cnode_cap(FIRST, 8, 8, 0xAB), 0xAB12_3456, 32) == (
        slot,
        16,
    )


def test_one_bit_loop_terminates(world: World) -> None:
    """A two-slot CNode that contains itself is left after 32 steps (R4.71)."""
    root = cnode_cap(FIRST, 1)
    for index in (0, 1):
        write_cap(world.ks, FIRST + SLOT_BYTES * index, root)
    assert resolve_address_bits(world.ks, root, 0x5555_5555, 32) == (FIRST + SLOT_BYTES, 0)


def test_31_bit_zero_guard(world: World) -> None:
    """A two-slot CNode with 31 zero guard bits decodes a whole index (R4.76)."""
    root = cnode_cap(FIRST, 1, 31)
    assert resolve_address_bits(world.ks, root, 1, 32) == (FIRST + SLOT_BYTES, 0)


@pytest.mark.parametrize(
    ("cap", "index", "bits", "words"),
    [
        (endpoint_cap(CapType.ENDPOINT, SECOND), 0, 32, (1,)),
        (cnode_cap(FIRST, 8, 8, 0xAB), 0xAC00_0000, 32, (4, 32, 0xAB, 8)),
        (cnode_cap(FIRST, 8, 8), 0, 4, (4, 4, 0, 8)),
        (cnode_cap(FIRST, 8, 8), 0, 12, (3, 12, 16)),
    ],
)
def test_failures(world: World, cap: Cap, index: int, bits: int, words: tuple[int, ...]) -> None:
    """Each failure carries its type and the address bits at which the lookup stopped."""
    with pytest.raises(LookupFault) as caught:
        resolve_address_bits(world.ks, cap, index, bits)
    assert caught.value.words == words
