# SPDX-License-Identifier: BSD-2-Clause
"""Mapping and unmapping of Frames and PageTables, and their refusals."""

import pytest

from kernel import abi, layout
from kernel.abi import Error, InitialCap, Label, ObjectType
from kernel.object import vspace
from tests.kernel.conftest import World

PD = (InitialCap.VSPACE,)
AT = 0x4000_0000


def _world(request: pytest.FixtureRequest, mode: str) -> World:
    world = request.getfixturevalue(mode)
    assert isinstance(world, World)
    return world


def _map_table(world: World, size_bits: int = 10, vaddr: int = AT) -> int:
    table = world.make(ObjectType.PAGE_TABLE, size_bits)
    answer = world.call(table, Label.PAGE_TABLE_MAP, (vaddr, 3), PD)
    assert answer.label == 0, world.port.logs
    return table


def _entry(world: World, vaddr: int) -> int:
    directory = vspace.directory_of_asid(world.ks, abi.INITIAL_ASID)
    table = vspace.table_of(world.ks, directory, vaddr)
    return world.ks.load(vspace.table_entry(table, vaddr)) if table else 0


def test_map_and_unmap_a_page(world: World) -> None:
    """Map writes the descriptor, Unmap clears it and flushes one address of one ASID."""
    _map_table(world)
    frame = world.make(ObjectType.SMALL_PAGE)
    base = world.ks.get(world.slot(frame), layout.FRAME_BASE)
    assert world.call(frame, Label.PAGE_MAP, (AT, 3, 3), PD).label == 0
    assert _entry(world, AT) == base | 0b10 | 3 << 4 | 5 << 6 | 1 << 2 | 1 << 11
    world.port.flushes.clear()
    assert world.call(frame, Label.PAGE_UNMAP).label == 0
    assert _entry(world, AT) == 0
    assert world.port.flushes == [("address", AT, abi.INITIAL_ASID)]
    assert world.port.cleaned_frames == [(base, 4096)]
    assert world.call(frame, Label.PAGE_UNMAP).label == 0


def test_missing_table_and_kernel_address(world: World) -> None:
    """A page needs its table; nothing can be mapped at the kernel's addresses."""
    frame = world.make(ObjectType.SMALL_PAGE)
    answer = world.call(frame, Label.PAGE_MAP, (AT, 3, 3), PD)
    assert (answer.label, answer.words) == (Error.FAILED_LOOKUP, [0, 2, 20])
    answer = world.call(frame, Label.PAGE_MAP, (0xF000_0000, 3, 3), PD)
    assert (answer.label, answer.words) == (Error.INVALID_ARGUMENT, [0])
    answer = world.call(frame, Label.PAGE_MAP, (AT + 4, 3, 3), PD)
    assert answer.label == Error.ALIGNMENT_ERROR


def test_mapped_capability_cannot_be_mapped_again(world: World) -> None:
    """A second mapping needs a copy of the capability (R4.102)."""
    _map_table(world)
    frame = world.make(ObjectType.SMALL_PAGE)
    assert world.call(frame, Label.PAGE_MAP, (AT, 3, 3), PD).label == 0
    answer = world.call(frame, Label.PAGE_MAP, (AT + 4096, 3, 3), PD)
    assert (answer.label, answer.words) == (Error.INVALID_CAPABILITY, [0])
    copy = world.copy(frame)
    assert world.call(copy, Label.PAGE_MAP, (AT + 4096, 3, 3), PD).label == 0
    world.cnode(Label.CNODE_DELETE, (copy, 32))
    assert _entry(world, AT + 4096) == 0
    assert _entry(world, AT) != 0


@pytest.mark.parametrize(
    ("rights", "ap"), [(3, 3), (2, 2), (1, 1), (0, 1)], ids=["rw", "r", "w", "none"]
)
def test_rights_become_access_permissions(world: World, rights: int, ap: int) -> None:
    """Write without Read gives the user no access."""
    _map_table(world)
    frame = world.make(ObjectType.SMALL_PAGE)
    world.call(frame, Label.PAGE_MAP, (AT, rights, 3), PD)
    assert _entry(world, AT) >> 4 & 3 == ap
    assert world.call(frame, Label.PAGE_REMAP, (3, 3), PD).label == 0
    assert _entry(world, AT) >> 4 & 3 == 3


def test_conflicts(world: World) -> None:
    """Another kind of mapping in the way is DeleteFirst, in both directions."""
    _map_table(world)
    small, large = world.make(ObjectType.SMALL_PAGE), world.make(ObjectType.LARGE_PAGE)
    section = world.make(ObjectType.SECTION)
    assert world.call(small, Label.PAGE_MAP, (AT + 0x3000, 3, 3), PD).label == 0
    assert world.call(large, Label.PAGE_MAP, (AT, 3, 3), PD).label == Error.DELETE_FIRST
    assert world.call(section, Label.PAGE_MAP, (AT, 3, 3), PD).label == Error.DELETE_FIRST
    assert world.call(large, Label.PAGE_MAP, (AT + 0x10000, 3, 3), PD).label == 0
    copy = world.copy(small)
    answer = world.call(copy, Label.PAGE_MAP, (AT + 0x13000, 3, 3), PD)
    assert answer.label == Error.DELETE_FIRST


def test_4k_table_serves_four_megabytes(world: World) -> None:
    """The 4 KB PageTable is installed as four neighbours of an aligned 4 MB."""
    table = _map_table(world, 12, AT + 0x30_0000)
    base = world.ks.get(world.slot(table), layout.PAGE_TABLE_POINTER)
    directory = vspace.directory_of_asid(world.ks, abi.INITIAL_ASID)
    found = [vspace.table_of(world.ks, directory, AT + (n << 20)) for n in range(4)]
    assert found == [base + 1024 * n for n in range(4)]
    world.cnode(Label.CNODE_DELETE, (table, 32))
    assert vspace.table_of(world.ks, directory, AT) == 0


@pytest.mark.parametrize(("mode", "error"), [("world", 2), ("compat_world", 0)])
def test_reuse_of_an_unmapped_table(request: pytest.FixtureRequest, mode: str, error: int) -> None:
    """By default an unmapped PageTable stays used (R4.101); in compat mode it can be mapped."""
    world = _world(request, mode)
    table = _map_table(world)
    assert world.call(table, Label.PAGE_TABLE_UNMAP).label == 0
    assert world.call(table, Label.PAGE_TABLE_MAP, (AT, 3), PD).label == error
    if error:
        assert world.cnode(Label.CNODE_RECYCLE, (table, 32)).label == 0
        assert world.call(table, Label.PAGE_TABLE_MAP, (AT, 3), PD).label == 0


def test_unused_objects_cannot_be_copied(world: World) -> None:
    """Copy, Mint and Imitate of an unused PageTable or PageDirectory are refused."""
    for kind in (ObjectType.PAGE_TABLE, ObjectType.PAGE_DIRECTORY):
        index = world.make(kind)
        for label in (Label.CNODE_COPY, Label.CNODE_MINT, Label.CNODE_IMITATE):
            words = (world.free_slot, 32, index, 32, 7, 0)
            answer = world.cnode(label, words, (InitialCap.CNODE,))
            assert answer.label == Error.ILLEGAL_OPERATION


def test_map_with_table(world: World) -> None:
    """One call installs the missing table and the page (R4.105)."""
    table, frame = world.make(ObjectType.PAGE_TABLE), world.make(ObjectType.SMALL_PAGE)
    caps = (InitialCap.VSPACE, table)
    assert world.call(frame, Label.PAGE_MAP_WITH_TABLE, (AT, 3, 3), caps).label == 0
    assert _entry(world, AT) != 0


def test_assigned_directory_and_weak_links(world: World) -> None:
    """A deleted VSpace frees its ASID; unmapping its pages afterwards succeeds (R4.95, R4.96)."""
    directory = world.make(ObjectType.PAGE_DIRECTORY)
    pool = InitialCap.ASID_POOL
    assert world.call(pool, Label.ASID_POOL_ASSIGN, (), (directory,)).label == 0
    answer = world.call(pool, Label.ASID_POOL_ASSIGN, (), (directory,))
    assert (answer.label, answer.words) == (Error.INVALID_CAPABILITY, [1])
    section = world.make(ObjectType.SECTION)
    assert world.call(section, Label.PAGE_MAP, (AT, 3, 3), (directory,)).label == 0
    world.port.flushes.clear()
    world.cnode(Label.CNODE_DELETE, (directory, 32))
    assert world.port.flushes == [("asid", 0, 2)]
    assert world.call(section, Label.PAGE_UNMAP).label == 0


def test_get_address(world: World) -> None:
    """GetAddress puts the physical address in r2 and announces no words."""
    frame = world.make(ObjectType.SMALL_PAGE)
    answer = world.call(frame, Label.PAGE_GET_ADDRESS)
    assert (answer.label, answer.length) == (0, 0)
    assert answer.words == [world.ks.get(world.slot(frame), layout.FRAME_BASE)]


def test_pools(world: World) -> None:
    """MakePool hands out four pools of 16 ASIDs; the fifth is DeleteFirst."""
    untypeds = world.split(12, 5)
    labels = []
    for untyped in untypeds:
        words, caps = (world.next_slot(), 32), (untyped, InitialCap.CNODE)
        labels.append(world.call(5, Label.ASID_CONTROL_MAKE_POOL, words, caps).label)
    assert labels == [0, 0, 0, 0, Error.DELETE_FIRST]
    world.cnode(Label.CNODE_REVOKE, (untypeds[1], 32))
    words, caps = (world.next_slot(), 32), (untypeds[4], InitialCap.CNODE)
    assert world.call(5, Label.ASID_CONTROL_MAKE_POOL, words, caps).label == 0
    pool = world.free_slot - 1
    assert world.ks.get(world.slot(pool), layout.ASID_POOL_BASE) == 208
