# SPDX-License-Identifier: BSD-2-Clause
"""What copies of capabilities look like (ABI 7.4)."""

import pytest

from kernel import abi, layout
from kernel.api.errors import SyscallError
from kernel.layout import CapType, VmRights
from kernel.object.capability import (
    NULL_CAP,
    Cap,
    cnode_cap,
    cnode_guard_size,
    endpoint_cap,
    frame_cap,
    make_cap,
    page_directory_cap,
    page_table_cap,
    tcb_cap,
)
from kernel.object.derive import derive, is_new_revocable, mask_rights, update_data
from tests.kernel.conftest import World

AT = layout.WINDOW_BASE + 0x40_0000
ENDPOINT = endpoint_cap(CapType.ENDPOINT, AT)
SIGNAL = endpoint_cap(CapType.ASYNC_ENDPOINT, AT)
FRAME = frame_cap(layout.RAM_BASE, 12)
CNODE = cnode_cap(AT, 8)


@pytest.mark.parametrize("rights", range(8))
def test_endpoint_rights_are_masked(rights: int) -> None:
    """Each right survives if it is in the word; an AsyncEndpoint never had Grant."""
    assert mask_rights(ENDPOINT, rights).get(layout.ENDPOINT_RIGHTS) == rights
    assert mask_rights(SIGNAL, rights).get(layout.ENDPOINT_RIGHTS) == rights & 3


@pytest.mark.parametrize(
    ("have", "word", "get"),
    [
        (VmRights.READ_WRITE, 3, VmRights.READ_WRITE),
        (VmRights.READ_WRITE, 2, VmRights.READ_ONLY),
        (VmRights.READ_WRITE, 1, VmRights.KERNEL_ONLY),
        (VmRights.READ_ONLY, 3, VmRights.READ_ONLY),
        (VmRights.READ_ONLY, 5, VmRights.KERNEL_ONLY),
        (VmRights.KERNEL_ONLY, 7, VmRights.KERNEL_ONLY),
    ],
)
def test_frame_rights_are_masked(have: VmRights, word: int, get: VmRights) -> None:
    """Write without Read gives nothing, and what is lost does not come back."""
    cap = FRAME.having(layout.FRAME_RIGHTS, have)
    assert mask_rights(cap, word).get(layout.FRAME_RIGHTS) == get


def test_other_capabilities_have_no_rights() -> None:
    """A mask changes nothing on types without a rights word."""
    for cap in (CNODE, tcb_cap(AT), page_directory_cap(AT)):
        assert mask_rights(cap, 0) == cap


def test_badge_is_set_once() -> None:
    """An unbadged endpoint takes 28 bits of badge, a badged one none, and Mutate never any."""
    badged = update_data(ENDPOINT, 0xFFFF_FFFF, preserve=False)
    assert badged is not None
    assert badged.get(layout.ENDPOINT_BADGE) == abi.BADGE_MASK
    assert update_data(badged, 1, preserve=False) is None
    assert update_data(SIGNAL, 1, preserve=True) is None


@pytest.mark.parametrize(("size", "fits"), [(0, True), (16, True), (24, True), (25, False)])
def test_guard_size(size: int, fits: bool) -> None:
    """Guard and slots are at most 32 bits together; a zero guard may be wide."""
    changed = update_data(CNODE, 1 << 31 | size << 3, preserve=True)
    assert (changed is not None) == fits
    if changed is not None:
        assert cnode_guard_size(changed) == size


def test_guard_is_masked_to_its_size() -> None:
    """Bits of the value above the guard's size do not count."""
    changed = update_data(CNODE, 1 << 31 | 0x3FF05 << 8 | 4 << 3, preserve=False)
    assert changed is not None
    assert changed.get(layout.CNODE_GUARD) == 5


@pytest.mark.parametrize(
    "cap", [NULL_CAP, *(make_cap(kind) for kind in (CapType.IRQ_CONTROL, CapType.REPLY))]
)
def test_never_copied(world: World, cap: Cap) -> None:
    """Empty slots, interrupt control and replies have no copy."""
    assert derive(world.ks, world.slot(1), cap) is None


def test_copy_of_a_frame_is_unmapped(world: World) -> None:
    """The copy forgets address and ASID and keeps rights and size."""
    mapped = FRAME.having(layout.FRAME_ASID, 3).having(layout.FRAME_VADDR, 0x4000)
    assert derive(world.ks, world.slot(1), mapped) == FRAME


def test_unused_tables_and_directories(world: World) -> None:
    """A PageTable can be copied once it is used, a PageDirectory once it has an ASID."""
    table = page_table_cap(AT, is_4k=False)
    directory = page_directory_cap(AT)
    for cap in (table, directory):
        with pytest.raises(SyscallError):
            derive(world.ks, world.slot(1), cap)
    used = table.having(layout.PAGE_TABLE_USED, 1)
    named = directory.having(layout.PAGE_DIRECTORY_ASID, 9)
    assert derive(world.ks, world.slot(1), used) == used
    assert derive(world.ks, world.slot(1), named) == named


def test_new_badge_makes_revocable() -> None:
    """A badge that differs from the source's makes a copy revocable, a mere copy is not."""
    badged = ENDPOINT.having(layout.ENDPOINT_BADGE, 4)
    assert is_new_revocable(ENDPOINT, badged)
    assert not is_new_revocable(badged, badged)
    assert not is_new_revocable(FRAME, FRAME)
