# SPDX-License-Identifier: BSD-2-Clause
"""Capabilities as values: what is put in comes out, and which two name the same object."""

from itertools import combinations

import pytest

from kernel import abi, layout
from kernel.layout import CapType
from kernel.object import capability
from kernel.object.capability import NULL_CAP, Cap, make_cap, object_bytes, same_object
from tests.kernel.conftest import World

AT = layout.WINDOW_BASE + 0x40_0000
FRAME_AT = layout.RAM_BASE + 0x40_0000
#: Each names another object, and all but the last ones an object that has an identity.
DISTINCT = [
    capability.endpoint_cap(CapType.ENDPOINT, AT),
    capability.endpoint_cap(CapType.ENDPOINT, AT + 16),
    capability.endpoint_cap(CapType.ASYNC_ENDPOINT, AT),
    capability.cnode_cap(AT, 4),
    capability.tcb_cap(AT),
    capability.tcb_cap(AT + 512),
    capability.frame_cap(FRAME_AT, abi.SMALL_PAGE_BITS),
    capability.frame_cap(FRAME_AT + 0x1000, abi.SMALL_PAGE_BITS),
    capability.page_table_cap(AT, is_4k=False),
    capability.page_directory_cap(AT),
    make_cap(CapType.IRQ_HANDLER, (layout.IRQ_HANDLER_IRQ, 3)),
    make_cap(CapType.IRQ_HANDLER, (layout.IRQ_HANDLER_IRQ, 4)),
    make_cap(CapType.IRQ_CONTROL),
    make_cap(CapType.ASID_CONTROL),
    make_cap(CapType.DOMAIN),
]
#: Two different capabilities to one object.
SAME = [
    (DISTINCT[0], DISTINCT[0].having(layout.ENDPOINT_BADGE, 5).having(layout.ENDPOINT_RIGHTS, 1)),
    (DISTINCT[3], capability.cnode_cap(AT, 4, guard_size=6, guard=9)),
    (DISTINCT[6], DISTINCT[6].having(layout.FRAME_ASID, 4).having(layout.FRAME_VADDR, 0x1000)),
    (DISTINCT[9], DISTINCT[9].having(layout.PAGE_DIRECTORY_ASID, 4)),
]


def _fields() -> list[tuple[CapType, str]]:
    """The names of the fields of each type, as the layout spells them."""
    return [
        (kind, name)
        for kind in CapType
        for name, value in vars(layout).items()
        if isinstance(value, layout.Field)
        and name.startswith(f"{kind.name}_")
        and not name.startswith(f"{kind.name}_POOL")
    ]


@pytest.mark.parametrize(("kind", "name"), _fields())
def test_a_field_changes_nothing_else(kind: CapType, name: str) -> None:
    """Each field can be set and read back, and leaves type and other word alone."""
    field = vars(layout)[name]
    cap = Cap(layout.CAP_TYPE.put(0, kind), 0)
    highest = field.get(field.mask)
    changed = cap.having(field, highest)
    assert changed.get(field) == highest and changed.type is kind
    assert changed[1 - field.word] == cap[1 - field.word]
    assert changed.having(field, cap.get(field)) == cap


def test_slots(world: World) -> None:
    """A capability is two words of a slot; the other two are not touched."""
    slot = world.slot(world.next_slot())
    assert capability.is_empty(world.ks, slot)
    for offset in (8, 12):
        world.ks.store(slot + offset, 0x1234 + offset)
    cap = capability.cnode_cap(AT, 4, guard_size=6, guard=9)
    capability.write_cap(world.ks, slot, cap)
    assert capability.read_cap(world.ks, slot) == cap
    assert capability.cap_type(world.ks, slot) is CapType.CNODE
    assert not capability.is_empty(world.ks, slot)
    assert [world.ks.load(slot + offset) for offset in (8, 12)] == [0x123C, 0x1240]


@pytest.mark.parametrize("radix", [1, 4, 12])
@pytest.mark.parametrize("guard_size", [0, 1, 16, 20])
def test_cnode(radix: int, guard_size: int) -> None:
    """Radix and guard come back, and the size is that of the slots."""
    guard = (1 << min(guard_size, 16)) - 1
    cap = capability.cnode_cap(AT, radix, guard_size, guard)
    assert capability.cnode_radix(cap) == radix
    assert capability.cnode_guard_size(cap) == guard_size
    assert cap.get(layout.CNODE_GUARD) == guard
    assert object_bytes(cap) == 16 << radix


@pytest.mark.parametrize("size_bits", layout.FRAME_SIZE_BITS)
def test_frame(size_bits: int) -> None:
    """The size of a Frame is one of four; it is named by its physical address."""
    cap = capability.frame_cap(0x8100_0000, size_bits, device=True)
    assert (capability.frame_size_bits(cap), object_bytes(cap)) == (size_bits, 1 << size_bits)
    assert capability.object_address(cap) == 0x8100_0000 and cap.get(layout.FRAME_DEVICE)


@pytest.mark.parametrize(("one", "other"), SAME, ids=lambda cap: cap.type.name)
def test_same_object(one: Cap, other: Cap) -> None:
    """Badge, rights, guard and mapping say nothing about the object."""
    assert one != other and same_object(one, other) and same_object(other, one)


def test_different_objects() -> None:
    """Neither two places nor two types at one place are the same object."""
    assert all(same_object(cap, cap) for cap in DISTINCT)
    assert not any(same_object(one, other) for one, other in combinations(DISTINCT, 2))


@pytest.mark.parametrize("cap", [NULL_CAP, capability.untyped_cap(AT, 12), make_cap(CapType.REPLY)])
def test_nothing_is_ever_the_same(cap: Cap) -> None:
    """An Untyped may cover its parent exactly, so two of them never count as one object."""
    assert capability.object_identity(cap) is None and not same_object(cap, cap)


def test_no_memory_of_their_own() -> None:
    """Capabilities to no memory have neither address nor size."""
    for cap in (NULL_CAP, *DISTINCT[10:]):
        assert (capability.object_address(cap), object_bytes(cap)) == (None, 0)


def test_description() -> None:
    """A log names the type, and the object's address where there is one."""
    assert capability.describe(capability.tcb_cap(AT)) == f"tcb capability (0x{AT:08x})"
    assert capability.describe(make_cap(CapType.IRQ_CONTROL)) == "irq control capability"
