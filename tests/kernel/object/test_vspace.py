# SPDX-License-Identifier: BSD-2-Clause
"""Address spaces: mappings, weak links, TLB and cache work (R4.86 to R4.106, R4.113)."""

import pytest

from kernel import abi, layout
from kernel.abi import Error, InitialCap, Label, ObjectType
from kernel.api.errors import SyscallError
from kernel.object import mdb, vspace
from kernel.object.capability import frame_cap, page_table_cap, read_cap
from tests.kernel.conftest import World

AT = 0x4000_0000
SPACE = (InitialCap.VSPACE,)


def _space(world: World) -> int:
    """A PageDirectory with an ASID."""
    index = world.make(ObjectType.PAGE_DIRECTORY)
    assert world.call(InitialCap.ASID_POOL, Label.ASID_POOL_ASSIGN, (), (index,)).label == 0
    return index


def _asid(world: World, directory: int) -> int:
    return world.ks.get(world.slot(directory), layout.PAGE_DIRECTORY_ASID)


def _table(world: World, vaddr: int, directory: int = InitialCap.VSPACE) -> int:
    index = world.make(ObjectType.PAGE_TABLE)
    assert world.call(index, Label.PAGE_TABLE_MAP, (vaddr, 3), (directory,)).label == 0
    return index


def _map(world: World, frame: int, vaddr: int, directory: int = InitialCap.VSPACE) -> None:
    answer = world.call(frame, Label.PAGE_MAP, (vaddr, 3, 3), (directory,))
    assert answer.label == 0, world.port.logs[-1]


def _entry(world: World, vaddr: int, directory: int = InitialCap.VSPACE) -> int:
    pointer = world.ks.get(world.slot(directory), layout.PAGE_DIRECTORY_POINTER)
    table = vspace.table_of(world.ks, pointer, vaddr)
    return world.ks.load(vspace.table_entry(table, vaddr)) if table else 0


def test_walked_tables_have_two_levels(world: World) -> None:
    """The tables are those of ARMv6, and an ASID has 8 bits (R4.86)."""
    table = _table(world, AT)
    directory = world.ks.get(world.slot(InitialCap.VSPACE), layout.PAGE_DIRECTORY_POINTER)
    entry = world.ks.load(directory + 4 * (AT >> 20))
    pointer = world.ks.get(world.slot(table), layout.PAGE_TABLE_POINTER)
    assert entry == layout.physical_address(pointer) | 0b01 | 1 << 9
    assert layout.PAGE_DIRECTORY_ASID.width == layout.FRAME_ASID.width == 8


def test_deleted_capability_ends_its_mapping_only(world: World) -> None:
    """A translation lives as long as its own capability (R4.87), each copy has its own (R4.102)."""
    _table(world, AT)
    frame = world.make(ObjectType.SMALL_PAGE)
    copy = world.copy(frame)
    _map(world, frame, AT)
    _map(world, copy, AT + 0x1000)
    world.cnode(Label.CNODE_DELETE, (frame, 32))
    assert _entry(world, AT) == 0
    assert _entry(world, AT + 0x1000)


def test_frame_shared_by_two_spaces(world: World) -> None:
    """Copies map one Frame in two spaces; revoking it takes all mappings away (R4.102)."""
    other = _space(world)
    _table(world, AT)
    _table(world, AT, other)
    frame = world.make(ObjectType.SMALL_PAGE)
    copies = [world.copy(frame), world.copy(frame, rights=abi.RIGHT_READ)]
    _map(world, copies[0], AT)
    _map(world, copies[1], AT, other)
    base = world.ks.get(world.slot(frame), layout.FRAME_BASE)
    assert _entry(world, AT) & 0xFFFF_F000 == _entry(world, AT, other) & 0xFFFF_F000 == base
    assert _entry(world, AT, other) >> 4 & 3 == layout.VmRights.READ_ONLY
    world.cnode(Label.CNODE_REVOKE, (frame, 32))
    assert _entry(world, AT) == _entry(world, AT, other) == 0


def test_fresh_directory_is_no_vspace(world: World) -> None:
    """Until it has an ASID a PageDirectory takes no mapping and serves no thread (R4.88)."""
    index = world.make(ObjectType.PAGE_DIRECTORY)
    section, tcb = world.make(ObjectType.SECTION), world.make(ObjectType.TCB)
    answer = world.call(section, Label.PAGE_MAP, (AT, 3, 3), (index,))
    assert (answer.label, answer.words) == (Error.INVALID_CAPABILITY, [1])
    spaces = (InitialCap.CNODE, index)
    answer = world.call(tcb, Label.TCB_SET_SPACE, (0, 0, 0), spaces)
    assert answer.label == Error.ILLEGAL_OPERATION


def test_threads_share_a_space(world: World) -> None:
    """Any number of threads may have one VSpace; a switch between them loads nothing (R4.91)."""
    directory = _space(world)
    threads = []
    for _ in range(3):
        index, tcb = world.thread(100)
        spaces = (InitialCap.CNODE, directory)
        assert world.call(index, Label.TCB_SET_SPACE, (0, 0, 0), spaces).label == 0
        threads.append(tcb)
    world.run(threads[0])
    world.port.spaces.clear()
    world.run(threads[1])
    world.run(threads[2])
    assert world.port.spaces == []
    assert world.ks.load(layout.KV_LOADED_ASID) == _asid(world, directory)


def test_capabilities_remember_asid_and_address(world: World) -> None:
    """Map stores ASID and address in the PageTable's and the Frame's capability.

    The method is invoked on the mapped object: this overrides R4.92 and R4.93.
    """
    table = _table(world, AT + 0x1234)
    frame = world.make(ObjectType.SMALL_PAGE)
    _map(world, frame, AT + 0x5000)
    cap = read_cap(world.ks, world.slot(table))
    assert (cap.get(layout.PAGE_TABLE_ASID), cap.get(layout.PAGE_TABLE_VADDR)) == (1, AT)
    cap = read_cap(world.ks, world.slot(frame))
    assert (cap.get(layout.FRAME_ASID), cap.get(layout.FRAME_VADDR)) == (1, AT + 0x5000)


SIZES = {
    ObjectType.SMALL_PAGE: (12, 1),
    ObjectType.LARGE_PAGE: (16, 16),
    ObjectType.SECTION: (20, 1),
}


@pytest.mark.parametrize("kind", list(SIZES), ids=lambda kind: kind.name)
def test_one_flush_by_address(world: World, kind: ObjectType) -> None:
    """Unmapping clears each entry and drops one TLB entry, never more (R4.94, R4.103).

    The first mapping of a place needs no flush at all. Only sizes of the hardware exist (R4.104).
    """
    bits, _ = SIZES[kind]
    if bits < 20:
        _table(world, AT)
    frame = world.make(kind)
    world.port.flushes.clear()
    _map(world, frame, AT)
    assert world.port.flushes == []
    assert world.call(frame, Label.PAGE_UNMAP).label == 0
    assert world.port.flushes == [("address", AT, abi.INITIAL_ASID)]
    directory = vspace.directory_of_asid(world.ks, abi.INITIAL_ASID)
    count = 16 if bits == 16 else 1
    first = vspace.place_for(world.ks, directory, AT, bits).entry
    assert [world.ks.load(first + 4 * n) for n in range(count)] == [0] * count
    assert bits in layout.FRAME_SIZE_BITS


def test_revoke_of_many_frames_flushes_each_address(world: World) -> None:
    """Taking back many mapped frames is one flush by address each (R4.103)."""
    _table(world, AT)
    frames = world.make(ObjectType.SMALL_PAGE, 0, 8)
    for n in range(8):
        _map(world, frames + n, AT + 0x1000 * n)
    untyped = next(
        n
        for n in range(world.free_slot)
        if world.cap_type(n) is layout.CapType.UNTYPED
        and mdb.next_slot(world.ks, world.slot(n)) == world.slot(frames)
    )
    world.port.flushes.clear()
    world.port.cleaned_frames.clear()
    world.cnode(Label.CNODE_REVOKE, (untyped, 32))
    assert sorted(world.port.flushes) == [("address", AT + 0x1000 * n, 1) for n in range(8)]
    assert len(world.port.cleaned_frames) == 8


def test_deleted_space_flushes_its_asid_only(world: World) -> None:
    """Deleting a PageDirectory empties its ASID entry and flushes that ASID (R4.95)."""
    directory = _space(world)
    asid = _asid(world, directory)
    world.port.flushes.clear()
    world.cnode(Label.CNODE_DELETE, (directory, 32))
    assert vspace.directory_of_asid(world.ks, asid) == 0
    assert world.port.flushes == [("asid", 0, asid)]


def test_weak_link(world: World) -> None:
    """Frames and tables of a dead space can be unmapped and deleted; nothing happens (R4.96)."""
    directory = _space(world)
    table = _table(world, AT, directory)
    frame = world.make(ObjectType.SMALL_PAGE)
    section = world.make(ObjectType.SECTION)
    _map(world, frame, AT, directory)
    _map(world, section, AT + (1 << 20), directory)
    world.cnode(Label.CNODE_DELETE, (directory, 32))
    world.port.flushes.clear()
    for index, label in (
        (frame, Label.PAGE_UNMAP),
        (section, Label.PAGE_UNMAP),
        (table, Label.PAGE_TABLE_UNMAP),
    ):
        assert world.call(index, label).label == 0
        assert world.cnode(Label.CNODE_DELETE, (index, 32)).label == 0
    assert world.port.flushes == []


def test_stale_capability_does_not_touch_a_new_space(world: World) -> None:
    """A mapping of a dead space whose ASID has a new owner leaves the owner's alone (R4.96)."""
    directory = _space(world)
    section, other = world.make(ObjectType.SECTION), world.make(ObjectType.SECTION)
    _map(world, section, AT, directory)
    asid = _asid(world, directory)
    world.cnode(Label.CNODE_DELETE, (directory, 32))
    owner = _space(world)
    assert _asid(world, owner) == asid
    _map(world, other, AT, owner)
    pointer = world.ks.get(world.slot(owner), layout.PAGE_DIRECTORY_POINTER)
    before = world.ks.load(vspace.directory_entry(pointer, AT))
    world.cnode(Label.CNODE_DELETE, (section, 32))
    assert world.ks.load(vspace.directory_entry(pointer, AT)) == before != 0


def test_directory_is_initialised_once(world: World) -> None:
    """An initialised PageDirectory keeps its ASID, and so do its copies (R4.97, R4.98)."""
    directory = _space(world)
    copies = [world.copy(directory), world.copy(directory, label=Label.CNODE_IMITATE)]
    assert {_asid(world, index) for index in (directory, *copies)} == {_asid(world, directory)}
    for index in (directory, *copies):
        answer = world.call(InitialCap.ASID_POOL, Label.ASID_POOL_ASSIGN, (), (index,))
        assert (answer.label, answer.words) == (Error.INVALID_CAPABILITY, [1])
    fresh = world.make(ObjectType.PAGE_DIRECTORY)
    for label in (Label.CNODE_COPY, Label.CNODE_MINT, Label.CNODE_IMITATE):
        words = (world.free_slot, 32, fresh, 32, 7, 0)
        answer = world.cnode(label, words, (InitialCap.CNODE,))
        assert answer.label == Error.ILLEGAL_OPERATION


def test_used_table_stays_used(world: World) -> None:
    """Installing sets the used tag for good; a copy of a used one is used as well (R4.99)."""
    table = _table(world, AT)
    copy = world.copy(table)
    for index in (table, copy):
        assert world.ks.get(world.slot(index), layout.PAGE_TABLE_USED) == 1
        answer = world.call(index, Label.PAGE_TABLE_MAP, (AT + (1 << 20), 3), SPACE)
        assert (answer.label, answer.words) == (Error.INVALID_CAPABILITY, [0])


def _places(world: World, table: int) -> int:
    """In how many entries of the initial directory a table is."""
    directory = vspace.directory_of_asid(world.ks, abi.INITIAL_ASID)
    return sum(vspace.table_of(world.ks, directory, n << 20) == table for n in range(0xF00))


def test_hole_in_the_thesis_rule(world: World) -> None:
    """The thesis lets an unused PageTable be minted; then one table gets in twice (R4.100).

    Its rule (R4.99) asks for an unused leaf and refuses only Imitate: mint a child, install it,
    delete it, install the master elsewhere. Hence our Copy and Mint of an unused one are refused.
    """
    master, child = world.make(ObjectType.PAGE_TABLE), world.next_slot()
    table = world.ks.get(world.slot(master), layout.PAGE_TABLE_POINTER)
    words = (child, 32, master, 32, 7, 0)
    for label in (Label.CNODE_MINT, Label.CNODE_COPY, Label.CNODE_IMITATE):
        refused = world.cnode(label, words, (InitialCap.CNODE,))
        assert refused.label == Error.ILLEGAL_OPERATION
    # What the thesis's mint would do:
    unused = page_table_cap(table, is_4k=False)
    mdb.insert_child(world.ks, world.slot(master), world.slot(child), unused)
    assert world.call(child, Label.PAGE_TABLE_MAP, (AT, 3), SPACE).label == 0
    assert world.cnode(Label.CNODE_DELETE, (child, 32)).label == 0
    assert mdb.is_leaf(world.ks, world.slot(master))
    assert world.call(master, Label.PAGE_TABLE_MAP, (AT + (1 << 20), 3), SPACE).label == 0
    assert _places(world, table) == 2


def test_table_is_in_one_place(world: World) -> None:
    """By calls alone a table is never in two places or two spaces (R4.100)."""
    other = _space(world)
    table = world.make(ObjectType.PAGE_TABLE)
    pointer = world.ks.get(world.slot(table), layout.PAGE_TABLE_POINTER)
    assert world.call(table, Label.PAGE_TABLE_MAP, (AT, 3), SPACE).label == 0
    copy = world.copy(table)
    for index in (table, copy):
        for directory in (InitialCap.VSPACE, other):
            words = (AT + (2 << 20), 3)
            answer = world.call(index, Label.PAGE_TABLE_MAP, words, (directory,))
            assert answer.label == Error.INVALID_CAPABILITY
    assert world.call(table, Label.PAGE_TABLE_UNMAP).label == Error.REVOKE_FIRST
    assert _places(world, pointer) == 1


def test_table_of_a_dead_space_needs_recycle(world: World) -> None:
    """A table used in a deleted space serves again after recycle only, cleared (R4.101)."""
    directory = _space(world)
    table = _table(world, AT, directory)
    frame = world.make(ObjectType.SMALL_PAGE)
    _map(world, frame, AT, directory)
    world.cnode(Label.CNODE_DELETE, (directory, 32))
    assert world.call(table, Label.PAGE_TABLE_MAP, (AT, 3), SPACE).label != 0
    assert world.cnode(Label.CNODE_RECYCLE, (table, 32)).label == 0
    assert world.call(table, Label.PAGE_TABLE_MAP, (AT, 3), SPACE).label == 0
    assert _entry(world, AT) == 0


def test_changed_rights_replace_the_entry(world: World) -> None:
    """Remap, and Map of a copy, write over the entry and drop one TLB entry (R4.106)."""
    _table(world, AT)
    frame = world.make(ObjectType.SMALL_PAGE)
    copy = world.copy(frame)
    _map(world, frame, AT)
    world.port.flushes.clear()
    assert world.call(frame, Label.PAGE_REMAP, (abi.RIGHT_READ, 3), SPACE).label == 0
    assert world.port.flushes == [("address", AT, 1)]
    assert _entry(world, AT) >> 4 & 3 == layout.VmRights.READ_ONLY
    _map(world, copy, AT)
    assert world.port.flushes == [("address", AT, 1)] * 2
    assert _entry(world, AT) >> 4 & 3 == layout.VmRights.READ_WRITE


def test_reclaimed_frame_is_cleaned(world: World) -> None:
    """The kernel cleans the cache where it unmaps a Frame that is taken back (R4.113)."""
    _table(world, AT)
    frame = world.make(ObjectType.SMALL_PAGE)
    copy = world.copy(frame)
    _map(world, copy, AT)
    base = world.ks.get(world.slot(frame), layout.FRAME_BASE)
    world.cnode(Label.CNODE_REVOKE, (frame, 32))
    assert world.port.cleaned_frames == [(base, 4096)]


def test_devices_need_no_cache_work(world: World) -> None:
    """A device frame is mapped, flushed and unmapped without touching the cache."""
    _table(world, AT)
    device = world.info(abi.BI_DEVICES + 8)
    _map(world, device, AT)
    assert world.call(device, Label.PAGE_CLEAN_DATA, (0, 4096)).label == 0
    words = (AT, AT + 4096)
    assert world.call(InitialCap.VSPACE, Label.PD_CLEAN_DATA, words).label == 0
    assert world.call(device, Label.PAGE_UNMAP).label == 0
    assert world.port.cleaned_frames == []


CONFLICTS = {
    "small under large": (12, vspace.L2_LARGE),
    "large over small": (16, vspace.L2_SMALL),
    "section over table": (20, vspace.L1_COARSE),
    "section over supersection": (20, vspace.L1_SECTION | vspace.L1_SUPERSECTION_BIT),
    "supersection over table": (24, vspace.L1_COARSE),
    "supersection over section": (24, vspace.L1_SECTION),
}


@pytest.mark.parametrize("name", list(CONFLICTS))
def test_conflicts(world: World, name: str) -> None:
    """A mapping of another kind is in the way; one of the same kind is not."""
    bits, entry = CONFLICTS[name]
    _table(world, AT)
    directory = vspace.directory_of_asid(world.ks, abi.INITIAL_ASID)
    place = vspace.place_for(world.ks, directory, AT, bits) if bits < 20 else None
    at = place.entry if place else vspace.directory_entry(directory, AT)
    world.ks.store(at, entry)
    with pytest.raises(SyscallError) as caught:
        vspace.place_for(world.ks, directory, AT, bits)
    assert caught.value.error is Error.DELETE_FIRST
    same = vspace.descriptor(bits, layout.RAM_BASE, 3, 3)
    count = 16 if bits in (16, 24) else 1
    vspace.write_entries(world.ks, at, count, same)
    assert vspace.place_for(world.ks, directory, AT, bits).count == count


def test_descriptors() -> None:
    """Attributes become TEX, C, B, S, P and nG as the interface says, for each size."""
    base = 0x8100_0000
    assert vspace.descriptor(12, base, 3, 1) == base | 2 | 3 << 4 | 5 << 6 | 4 | 1 << 11
    assert vspace.descriptor(16, base, 2, 0) == base | 1 | 2 << 4 | 1 << 10 | 1 << 11
    assert vspace.descriptor(20, base, 3, 3) == (
        base | 2 | 3 << 10 | 5 << 12 | 4 | 1 << 9 | 1 << 17
    )
    assert vspace.descriptor(24, base, 1, 1, is_global=True) == (
        base | 2 | 1 << 18 | 1 << 10 | 5 << 12 | 4
    )


def test_stale_copy_of_a_frame_cap(world: World) -> None:
    """A mapping that was overwritten by another frame's is not undone by the old capability."""
    _table(world, AT)
    frames = world.make(ObjectType.SMALL_PAGE, 0, 2)
    _map(world, frames, AT)
    _map(world, frames + 1, AT)
    base = world.ks.get(world.slot(frames + 1), layout.FRAME_BASE)
    world.cnode(Label.CNODE_DELETE, (frames, 32))
    assert _entry(world, AT) & 0xFFFF_F000 == base
    assert frame_cap(base, 12).get(layout.FRAME_BASE) == base
