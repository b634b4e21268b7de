# SPDX-License-Identifier: BSD-2-Clause
"""Object types: sizes, the capabilities of several new objects, and a thread's initial state."""

import pytest

from kernel import abi, layout, limits
from kernel.abi import ObjectType
from kernel.layout import CapType, ThreadState, VmRights
from kernel.object.capability import object_address, object_bytes, read_cap
from kernel.object.objecttype import create_objects, init_tcb, object_bits
from tests.kernel.conftest import World

#: Type, size argument, log2 of the bytes (ABI 4.1), type of the capability.
ROWS = [
    (ObjectType.UNTYPED, 4, 4, CapType.UNTYPED),
    (ObjectType.UNTYPED, 17, 17, CapType.UNTYPED),
    (ObjectType.TCB, 0, 9, CapType.TCB),
    (ObjectType.ENDPOINT, 0, 4, CapType.ENDPOINT),
    (ObjectType.ASYNC_ENDPOINT, 0, 4, CapType.ASYNC_ENDPOINT),
    (ObjectType.CNODE, 1, 5, CapType.CNODE),
    (ObjectType.CNODE, 8, 12, CapType.CNODE),
    (ObjectType.SMALL_PAGE, 0, 12, CapType.FRAME),
    (ObjectType.LARGE_PAGE, 0, 16, CapType.FRAME),
    (ObjectType.SECTION, 0, 20, CapType.FRAME),
    (ObjectType.SUPER_SECTION, 0, 24, CapType.FRAME),
    (ObjectType.PAGE_TABLE, 0, 10, CapType.PAGE_TABLE),
    (ObjectType.PAGE_TABLE, 10, 10, CapType.PAGE_TABLE),
    (ObjectType.PAGE_TABLE, 12, 12, CapType.PAGE_TABLE),
    (ObjectType.PAGE_DIRECTORY, 0, 14, CapType.PAGE_DIRECTORY),
]
IDS = [f"{kind.name} {size_bits}" for kind, size_bits, _, _ in ROWS]
#: Aligned to every size of the table that fits, in the middle of the free memory.
AT = layout.WINDOW_BASE + 0x80_0000


def test_every_type_has_a_row() -> None:
    """No type is left out below."""
    assert {kind for kind, _, _, _ in ROWS} == set(ObjectType)


@pytest.mark.parametrize(("kind", "size_bits", "bits", "cap_type"), ROWS, ids=IDS)
def test_sizes(kind: ObjectType, size_bits: int, bits: int, cap_type: CapType) -> None:
    """Only Untyped, CNode and PageTable look at the size argument."""
    assert object_bits(kind, size_bits) == bits
    if cap_type not in (CapType.UNTYPED, CapType.CNODE, CapType.PAGE_TABLE):
        assert {object_bits(kind, other) for other in range(32)} == {bits}


@pytest.mark.parametrize(("kind", "size_bits", "bits", "cap_type"), ROWS, ids=IDS)
def test_new_objects_lie_side_by_side(
    world: World, kind: ObjectType, size_bits: int, bits: int, cap_type: CapType
) -> None:
    """Each capability is of its type, names the next piece of memory, and knows its size."""
    count = 1 if bits > 20 else 3
    caps = create_objects(world.ks, kind, size_bits, AT, count)
    assert [cap.type for cap in caps] == [cap_type] * count
    base = layout.physical_address(AT) if cap_type is CapType.FRAME else AT
    assert [object_address(cap) for cap in caps] == [base + (n << bits) for n in range(count)]
    assert {object_bytes(cap) for cap in caps} == {1 << bits}


def test_new_frames_are_unmapped_and_writable(world: World) -> None:
    """A new Frame is RAM that its holder may read and write, and is mapped nowhere."""
    (cap,) = create_objects(world.ks, ObjectType.SMALL_PAGE, 0, AT, 1)
    fields = (layout.FRAME_ASID, layout.FRAME_VADDR, layout.FRAME_DEVICE)
    assert [cap.get(field) for field in fields] == [0, 0, 0]
    assert cap.get(layout.FRAME_RIGHTS) == VmRights.READ_WRITE


def test_initial_state_of_a_thread(world: World) -> None:
    """Inactive, in user mode, with a whole slice, in the domain of its creator."""
    tcb = AT
    world.port.clear(tcb, 1 << abi.TCB_BITS)
    world.ks.store(layout.KV_CURRENT_DOMAIN, 3)
    init_tcb(world.ks, tcb)
    words = {
        at - tcb: word
        for at in range(tcb, tcb + (1 << abi.TCB_BITS), 4)
        if (word := world.ks.load(at))
    }
    assert ThreadState.INACTIVE == 0
    assert words == {
        layout.TCB_CPSR: abi.USER_CPSR,
        layout.TCB_TIME_SLICE: limits.TIME_SLICE_TICKS,
        layout.TCB_DOMAIN: 3,
    }


def test_retype_gives_these_objects(world: World) -> None:
    """The system call makes the same capabilities in memory that it has cleared."""
    first = world.make(ObjectType.TCB, 0, 2)
    tcbs = [read_cap(world.ks, world.slot(first + n)).get(layout.TCB_POINTER) for n in range(2)]
    assert tcbs[1] - tcbs[0] == 1 << abi.TCB_BITS
    assert create_objects(world.ks, ObjectType.TCB, 0, tcbs[0], 2) == [
        read_cap(world.ks, world.slot(first + n)) for n in range(2)
    ]
