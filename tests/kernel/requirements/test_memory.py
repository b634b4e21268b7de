# SPDX-License-Identifier: BSD-2-Clause
"""Where memory is and who has it: the principles, the objects, the kernel's window, boot."""

import random
from itertools import pairwise

import pytest

from kernel import abi, layout
from kernel.abi import Error, InitialCap, Label, ObjectType, Syscall
from kernel.boot import BootParameters, boot, map_kernel
from kernel.devices import DEVICE_REGIONS
from kernel.invariants import invs
from kernel.layout import FRAME_BASE, CapType, Trap, physical_address, window_address
from kernel.object import mdb, vspace
from kernel.object.capability import (
    cnode_radix,
    object_address,
    object_bytes,
    read_cap,
)
from kernel.object.mdb import listed_slots
from kernel.options import KernelOptions
from kernel.state import State
from tests.kernel.conftest import KERNEL_END, FakePort, World
from tests.kernel.requirements.accounting import accounting_errors, claims, memory_of
from tests.kernel.requirements.refusals import SUCCESSES
from tests.kernel.requirements.stage import MAPPED_AT, ROOT, Stage

SIZED = {ObjectType.UNTYPED: 6, ObjectType.CNODE: 3}
IMAGE_END = layout.WINDOW_BASE + layout.IMAGE_BYTES


def _ram_end(world: World) -> int:
    return layout.WINDOW_BASE + len(world.port.ram)


def _assert_partition(world: World) -> None:
    assert accounting_errors(world.ks, IMAGE_END, _ram_end(world)) == []


class _QuickWorld(World):
    """A world that checks its invariants only when it is asked to."""

    def trap(self, trap: Trap) -> None:
        self.kernel.handle_trap(trap)


def _workload(world: World, seed: int) -> None:
    """Objects of every type made, copied, minted, deleted, revoked and recycled at random."""
    rng = random.Random(seed)
    pieces = world.split(17, 16)
    firsts = [world.retype(piece, ObjectType.UNTYPED, 14, 8) for piece in pieces]
    made = [first + n for first in firsts for n in range(8)]
    for _ in range(250):
        kind = rng.choice([kind for kind in ObjectType if kind not in (6, 7, 8)])
        # A message to an endpoint would block the only thread.
        target = rng.choice([cap for cap in made if world.cap_type(cap) is CapType.UNTYPED])
        words = (kind, rng.choice((4, 5, 9, 10, 12)), 0, 0, world.free_slot, rng.randrange(1, 9))
        if world.call(target, Label.UNTYPED_RETYPE, words, ROOT).label == 0:
            made += range(world.free_slot, world.free_slot + words[5])
            world.next_slot(words[5])
        label = rng.choice((Label.CNODE_COPY, Label.CNODE_MINT, Label.CNODE_IMITATE))
        copy = (world.free_slot, 32, rng.choice(made), 32, 7, 0)
        if world.cnode(label, copy, ROOT).label == 0:
            made.append(world.next_slot())
        if rng.random() < 0.3:
            label = rng.choice((Label.CNODE_DELETE, Label.CNODE_REVOKE, Label.CNODE_RECYCLE))
            world.cnode(label, (rng.choice(made), 32))


def test_every_byte_after_boot(world: World) -> None:
    """After boot every byte outside the kernel image is in one object or one Untyped (R4.125)."""
    _assert_partition(world)
    assert world.root_cnode in {claim.start for claim in claims(world.ks)}


@pytest.mark.parametrize("seed", range(3))
def test_every_byte_after_a_workload(seed: int) -> None:
    """After any calls every byte is still in exactly one place (R4.1, R4.6, R4.7, R4.8)."""
    world = _QuickWorld(KernelOptions(compat=bool(seed % 2)))
    _workload(world, seed)
    assert invs(world.ks) == []
    _assert_partition(world)
    assert len(claims(world.ks)) > 100


def test_accounting_sees_a_lost_and_a_doubled_byte(world: World) -> None:
    """The count notices memory that belongs to nothing, and memory that belongs to two things."""
    slot = world.slot(world.untyped())
    bits = world.ks.get(slot, layout.UNTYPED_SIZE_BITS)
    world.ks.put(slot, layout.UNTYPED_SIZE_BITS, bits - 1)
    assert accounting_errors(world.ks, IMAGE_END, _ram_end(world))
    world.ks.put(slot, layout.UNTYPED_SIZE_BITS, bits + 1)
    assert accounting_errors(world.ks, IMAGE_END, _ram_end(world))


@pytest.mark.parametrize("label", list(SUCCESSES), ids=lambda label: label.name)
def test_only_retype_takes_memory(stage: Stage, label: Label) -> None:
    """No other method makes an object or moves a watermark (R4.1), or can lack memory (R4.5)."""
    if label in (Label.UNTYPED_RETYPE, Label.ASID_CONTROL_MAKE_POOL):
        return
    before = claims(stage.ks)
    marks = _watermarks(stage)
    call = SUCCESSES[label]
    stage.named_call(call.target, label, call.words, call.caps)
    assert {claim.owner for claim in claims(stage.ks)} <= {claim.owner for claim in before}
    assert _watermarks(stage) == marks


def _watermarks(stage: Stage) -> dict[int, int]:
    return {
        slot: stage.ks.get(slot, layout.UNTYPED_WATERMARK)
        for slot in listed_slots(stage.ks)
        if stage.ks.get(slot, layout.CAP_TYPE) == CapType.UNTYPED
    }


def test_a_thread_without_capabilities_can_do_nothing(world: World) -> None:
    """With an empty CSpace every invocation and wait fails: there is no ambient right (R4.4)."""
    index, tcb = world.thread(255)
    empty = world.make(ObjectType.CNODE, 4)
    guard = 1 << 31 | 28 << 3
    spaces = (empty, InitialCap.VSPACE)
    assert world.call(index, Label.TCB_SET_SPACE, (0, guard, 0), spaces).label == 0
    world.run(tcb)
    before = claims(world.ks)
    for cptr in range(16):
        answer = world.syscall(Syscall.CALL, cptr, (0,) * 4, label=1)
        assert (answer.label, answer.words) == (Error.INVALID_CAPABILITY, [0])
    world.syscall(Syscall.WAIT, 1)
    assert world.ks.current == world.root_thread
    assert claims(world.ks) == before


def test_capabilities_are_out_of_reach(stage: Stage) -> None:
    """No user mapping leads to a slot: Frames and objects with slots never overlap (R4.3)."""
    frames, containers = [], []
    for slot in listed_slots(stage.ks):
        cap = read_cap(stage.ks, slot)
        memory = memory_of(cap)
        if memory and cap.type is CapType.FRAME:
            frames.append(memory)
        elif memory and cap.type in (CapType.CNODE, CapType.TCB):
            containers.append(memory)
    assert frames
    assert containers
    for low, high in containers:
        assert not [1 for start, end in frames if start < high and low < end]
    assert min(start for start, _ in frames) >= IMAGE_END


def test_user_translations_lead_to_frames(stage: Stage) -> None:
    """Each second-level entry of a user space is the base of a Frame that has a cap (R4.9)."""
    ks = stage.ks
    bases = {
        cap.get(layout.FRAME_BASE)
        for cap in (read_cap(ks, slot) for slot in listed_slots(ks))
        if cap.type is CapType.FRAME
    }
    found = set()
    for asid in range(layout.ASID_COUNT):
        directory = vspace.directory_of_asid(ks, asid)
        for megabyte in range(layout.WINDOW_BASE >> 20) if directory else ():
            table = vspace.table_of(ks, directory, megabyte << 20)
            entries = (ks.load(table + 4 * n) for n in range(256)) if table else iter(())
            found |= {entry & 0xFFFF_F000 for entry in entries if entry & 3 == vspace.L2_SMALL}
    assert found
    assert found <= bases


def test_hardware_structures_are_objects(world: World) -> None:
    """Tables of the MMU are made by retype and named by capabilities, also boot's own (R4.10)."""
    types = {read_cap(world.ks, slot).type for slot in listed_slots(world.ks)}
    assert {CapType.PAGE_DIRECTORY, CapType.PAGE_TABLE} <= types
    directory = vspace.directory_of_asid(world.ks, abi.INITIAL_ASID)
    named = world.ks.get(world.slot(InitialCap.VSPACE), layout.PAGE_DIRECTORY_POINTER)
    assert directory == named


SIZES = {
    ObjectType.UNTYPED: (64, "R4.11"),
    ObjectType.TCB: (512, "R4.12"),
    ObjectType.ENDPOINT: (16, "R4.13"),
    ObjectType.ASYNC_ENDPOINT: (16, "R4.14"),
    ObjectType.CNODE: (16 << 3, "R4.15"),
    ObjectType.SMALL_PAGE: (4 << 10, "R4.18"),
    ObjectType.LARGE_PAGE: (64 << 10, "R4.18"),
    ObjectType.SECTION: (1 << 20, "R4.18"),
    ObjectType.PAGE_DIRECTORY: (16 << 10, "R4.16"),
    ObjectType.PAGE_TABLE: (1 << 10, "R4.17"),
}


@pytest.mark.parametrize("kind", list(SIZES), ids=lambda kind: kind.name)
def test_sizes(world: World, kind: ObjectType) -> None:
    """Sizes and alignment of all types: R4.11, R4.12, R4.13, R4.14, R4.15, R4.16, R4.17, R4.18."""
    index = world.make(kind, SIZED.get(kind, 0), 2)
    first, second = (read_cap(world.ks, world.slot(index + n)) for n in range(2))
    at, following = object_address(first), object_address(second)
    assert at is not None
    assert following is not None
    size, _ = SIZES[kind]
    assert following - at == object_bytes(first) == size
    assert at % size == 0


def test_thesis_page_table_is_4k(world: World) -> None:
    """The thesis's PageTable of 4 KB is made by size_bits 12; the other is 1 KB (R4.17)."""
    big = read_cap(world.ks, world.slot(world.make(ObjectType.PAGE_TABLE, 12)))
    assert object_bytes(big) == 4096
    assert vspace.page_table_megabytes(big) == 4


def test_tcb_holds_the_interfaces_capabilities(world: World) -> None:
    """A TCB has slots for CSpace, VSpace, reply, caller and buffer; the handler is an address.

    This overrides R4.12 and R4.23: the fault handler is looked up when it is needed.
    """
    index, tcb = world.thread(100, fault_handler=0x1234)
    types = [world.ks.get(tcb + slot, layout.CAP_TYPE) for slot in layout.TCB_SLOTS]
    assert types == [CapType.CNODE, CapType.PAGE_DIRECTORY, CapType.REPLY, 0, 0]
    assert world.ks.load(tcb + layout.TCB_FAULT_HANDLER) == 0x1234
    assert world.cap_type(index) is CapType.TCB


def test_cnode_size_never_changes(world: World) -> None:
    """A CNode has the slots it was made with, whatever is done to its capability (R4.15)."""
    index = world.make(ObjectType.CNODE, 5)
    copy = world.mint(index, 1 << 31 | 4 << 3)
    for slot in (index, copy):
        assert cnode_radix(read_cap(world.ks, world.slot(slot))) == 5
    assert layout.SLOT_BYTES == 16


def test_interrupt_objects_take_no_memory(world: World) -> None:
    """One endpoint slot a line is in the kernel image; handlers take nothing (R4.19, R4.20)."""
    assert layout.IRQ_NODE + abi.IRQ_COUNT * layout.SLOT_BYTES <= IMAGE_END
    before = claims(world.ks)
    words = (45, world.next_slot(), 32)
    assert world.call(InitialCap.IRQ_CONTROL, Label.IRQ_CONTROL_GET, words, ROOT).label == 0
    handler = read_cap(world.ks, world.slot(words[1]))
    assert (handler.type, object_bytes(handler)) == (CapType.IRQ_HANDLER, 0)
    assert claims(world.ks) == before


def test_asid_table(world: World) -> None:
    """One table of 256 entries, made at boot, with the PageDirectory's address each (R4.21)."""
    assert layout.ASID_COUNT == 256
    assert layout.ASID_TABLE + 4 * 256 <= IMAGE_END
    directory = world.ks.get(world.slot(InitialCap.VSPACE), layout.PAGE_DIRECTORY_POINTER)
    entry = layout.ASID_TABLE + layout.ASID_TABLE_ENTRY_BYTES * abi.INITIAL_ASID
    assert world.ks.load(entry) == directory
    assert world.cap_type(InitialCap.ASID_POOL) is CapType.ASID_POOL


def test_signals_are_combined_by_or(world: World) -> None:
    """A second signal is combined with the first by OR, word and badge (R4.14; overrides R4.22)."""
    endpoint = world.make(ObjectType.ASYNC_ENDPOINT)
    for badge, word in ((1, 0x11), (2, 0x11), (4, 0x40)):
        world.syscall(Syscall.SEND, world.mint(endpoint, badge), (word,))
    answer = world.syscall(Syscall.WAIT, endpoint)
    assert (answer.badge, answer.words) == (7, [0x51])


def test_endpoint_queue_goes_through_the_tcbs(world: World) -> None:
    """Blocked threads are chained in both directions through their TCBs (R4.13)."""
    endpoint = world.make(ObjectType.ENDPOINT)
    at = world.ks.get(world.slot(endpoint), layout.ENDPOINT_POINTER)
    tcbs = []
    for _ in range(3):
        _, tcb = world.thread()
        world.run(tcb)
        world.syscall(Syscall.WAIT, endpoint)
        tcbs.append(tcb)
    assert world.ks.get(at, layout.EP_HEAD) == tcbs[0]
    assert world.ks.load(at + layout.EP_TAIL_OFFSET) == tcbs[2]
    assert [world.ks.load(tcb + layout.TCB_EP_NEXT) for tcb in tcbs] == [*tcbs[1:], 0]
    assert [world.ks.load(tcb + layout.TCB_EP_PREV) for tcb in tcbs] == [0, *tcbs[:2]]


# The kernel's window -------------------------------------------------------------------------


def test_window_maps_all_untypeds_for_the_kernel_only(world: World) -> None:
    """Each Untyped is in the window at the fixed offset, closed to users (R4.108, R4.109)."""
    directory = vspace.directory_of_asid(world.ks, abi.INITIAL_ASID)
    for index in world.untypeds_by_size():
        cap = read_cap(world.ks, world.slot(index))
        address = cap.get(layout.UNTYPED_POINTER)
        entry = world.ks.load(vspace.directory_entry(directory, address))
        size_mask = 0xFF00_0000 if entry & vspace.L1_SUPERSECTION_BIT else 0xFFF0_0000
        shown = entry & size_mask | address & ~size_mask
        assert shown == physical_address(address)
        assert entry >> 10 & 3 == layout.VmRights.KERNEL_ONLY


def test_window_never_changes(stage: Stage) -> None:
    """No method changes a kernel entry of any directory (R4.108); no address is physical (R4.107).

    The port of these tests knows addresses of the window and of kernel devices only.
    """
    kernel = _kernel_entries(stage, layout.KERNEL_PD)
    for label, call in SUCCESSES.items():
        stage.restore()
        stage.named_call(call.target, label, call.words, call.caps)
        assert _kernel_entries(stage, layout.KERNEL_PD) == kernel
        directory = vspace.directory_of_asid(stage.ks, abi.INITIAL_ASID)
        assert _kernel_entries(stage, directory) == kernel


def _kernel_entries(stage: Stage, directory: int) -> list[int]:
    first = layout.WINDOW_BASE >> abi.SECTION_BITS
    return [stage.ks.load(directory + 4 * n) for n in range(first, 4096)]


def test_window_size() -> None:
    """The window is 256 MB at 0xF0000000 (this overrides R4.110), less the kernel's last MB."""
    assert (layout.WINDOW_BASE, layout.WINDOW_BYTES) == (0xF000_0000, 256 << 20)
    state = State(FakePort(1 << 20), KernelOptions())
    map_kernel(state, 1 << 30)
    entries = [
        state.load(layout.KERNEL_PD + 4 * (0xF00 + n)) & vspace.L1_TYPE_MASK for n in range(256)
    ]
    assert entries == [vspace.L1_SECTION] * 255 + [vspace.L1_COARSE]


def test_no_kernel_object_on_devices(world: World) -> None:
    """Device registers are Frames outside RAM, and no Untyped reaches them (R4.112)."""
    first = world.info(abi.BI_DEVICES + 8)
    total = sum(region.frames for region in DEVICE_REGIONS)
    for index in range(first, first + total):
        cap = read_cap(world.ks, world.slot(index))
        assert (cap.type, cap.get(layout.FRAME_DEVICE)) == (CapType.FRAME, 1)
        assert not vspace.is_ram(cap.get(layout.FRAME_BASE))
    answer = world.call(first, Label.UNTYPED_RETYPE, (2, 0, 0, 0, 60000, 1), ROOT)
    assert answer.label == Error.ILLEGAL_OPERATION


def test_retype_leaves_cleaning_to_the_manager(world: World) -> None:
    """Memory of dead objects that becomes Frames is not cleaned by the kernel (R4.114)."""
    untyped = world.untyped()
    world.retype(untyped, ObjectType.TCB, 0, 4)
    world.cnode(Label.CNODE_REVOKE, (untyped, 32))
    world.port.cleaned_frames.clear()
    world.retype(untyped, ObjectType.SMALL_PAGE, 0, 4)
    assert world.port.cleaned_frames == []


# Boot ----------------------------------------------------------------------------------------


def test_what_is_left_comes_as_distinct_untypeds(world: World) -> None:
    """The rest of memory is given out as Untypeds that do not overlap, all roots (R4.126)."""
    ranges = []
    for index in world.untypeds_by_size():
        assert mdb.depth(world.ks, world.slot(index)) == 0
        memory = memory_of(read_cap(world.ks, world.slot(index)))
        assert memory is not None
        ranges.append(memory)
    ordered = sorted(ranges)
    assert all(one[1] <= two[0] for one, two in pairwise(ordered))
    assert sum(end - start for start, end in ranges) > len(world.port.ram) // 2


def test_managers_below_managers(world: World) -> None:
    """Each manager hands part of its memory on, to the depth of the tree (R4.127, R4.40)."""
    untyped = world.split(20, 1)[0]
    levels = 0
    while mdb.depth(world.ks, world.slot(untyped)) < layout.MDB_MAX_DEPTH - 1:
        untyped = world.retype(untyped, ObjectType.UNTYPED, 20)
        levels += 1
    last = world.retype(untyped, ObjectType.ENDPOINT)
    assert levels == layout.MDB_MAX_DEPTH - 2
    assert world.cap_type(last) is CapType.ENDPOINT
    _assert_partition(world)


def _boot_slot(state: State, index: int) -> int:
    root = state.get(state.current + layout.TCB_CTABLE, layout.CNODE_POINTER)
    return root + layout.SLOT_BYTES * index


def test_more_ram_than_the_window_shows() -> None:
    """RAM beyond the window comes as Frames, and the kernel never touches it (R4.111)."""
    port = FakePort(255 << 20)
    image = KERNEL_END
    boot(
        port,
        BootParameters(
            ram_bytes=512 << 20,
            image_physical_start=image,
            image_physical_end=image + 0x1000,
            image_vaddr_start=0x1_0000,
            entry=0x1_0000,
            kernel_end=KERNEL_END,
            idle_entry=layout.WINDOW_BASE,
        ),
    )
    state = State(port, KernelOptions())
    window_end = window_address(layout.RAM_BASE) + (255 << 20)
    assert accounting_errors(state, window_address(image), window_end) == []
    info = window_address(state.get(_boot_slot(state, InitialCap.BOOTINFO_FRAME), FRAME_BASE))
    count = state.load(info + abi.BI_NUM_DEVICES)
    assert count == len(DEVICE_REGIONS) + 1
    region = info + abi.BI_DEVICES + abi.BI_DEVICE_BYTES * (count - 1)
    base, bits, start, end = (state.load(region + 4 * n) for n in range(4))
    assert (base, bits, end - start) == (layout.RAM_BASE + (255 << 20), 20, 257)
    frame = read_cap(state, _boot_slot(state, start))
    assert (frame.get(FRAME_BASE), frame.get(layout.FRAME_DEVICE)) == (base, 1)


def test_mapped_frames_are_shown_by_their_own_capability(stage: Stage) -> None:
    """A translation exists only while its capability does: deleting that ends it (R4.87)."""
    directory = vspace.directory_of_asid(stage.ks, abi.INITIAL_ASID)
    entry = vspace.table_entry(vspace.table_of(stage.ks, directory, MAPPED_AT), MAPPED_AT)
    assert stage.ks.load(entry)
    assert stage.cnode(Label.CNODE_DELETE, (stage.slots["mapped"], 32)).label == 0
    assert stage.ks.load(entry) == 0
