# SPDX-License-Identifier: BSD-2-Clause
"""Boot builds the initial state that the binary interface promises."""

from collections.abc import Iterator

import pytest

from kernel import abi, layout
from kernel.abi import InitialCap
from kernel.boot import aligned_pieces
from kernel.devices import DEVICE_REGIONS
from kernel.invariants import invs
from kernel.layout import CapType
from kernel.object import vspace
from tests.kernel.conftest import World


def test_invariants_hold_after_boot(world: World) -> None:
    """The very first state satisfies every structural invariant."""
    assert invs(world.ks) == []


def test_fixed_capabilities(world: World) -> None:
    """The slots 1 to 11 hold what the interface says, 0, 7 and 8 are empty."""
    expected = {
        InitialCap.NULL: CapType.NULL,
        InitialCap.TCB: CapType.TCB,
        InitialCap.CNODE: CapType.CNODE,
        InitialCap.VSPACE: CapType.PAGE_DIRECTORY,
        InitialCap.IRQ_CONTROL: CapType.IRQ_CONTROL,
        InitialCap.ASID_CONTROL: CapType.ASID_CONTROL,
        InitialCap.ASID_POOL: CapType.ASID_POOL,
        InitialCap.IO_PORT: CapType.NULL,
        InitialCap.IO_SPACE: CapType.NULL,
        InitialCap.BOOTINFO_FRAME: CapType.FRAME,
        InitialCap.IPC_BUFFER: CapType.FRAME,
        InitialCap.DOMAIN: CapType.DOMAIN,
    }
    assert {index: world.cap_type(index) for index in InitialCap if index < 12} == expected


def test_regions_follow_each_other(world: World) -> None:
    """Page tables, image frames, untypeds and device frames fill the slots from 12 without gaps."""
    tables = world.info(abi.BI_IMAGE_PTS), world.info(abi.BI_IMAGE_PTS + 4)
    frames = world.info(abi.BI_IMAGE_FRAMES), world.info(abi.BI_IMAGE_FRAMES + 4)
    untyped = world.info(abi.BI_UNTYPED), world.info(abi.BI_UNTYPED + 4)
    assert tables == (12, 13)
    assert frames == (13, 16)
    assert untyped[0] == 16
    assert world.info(abi.BI_NUM_DEVICES) == 43
    first_device = world.info(abi.BI_DEVICES + 8)
    assert first_device == untyped[1]
    total = sum(region.frames for region in DEVICE_REGIONS)
    assert world.info(abi.BI_EMPTY) == first_device + total
    assert world.info(abi.BI_EMPTY + 4) == 65536


def test_every_byte_of_ram_is_given_out_once(world: World) -> None:
    """Kernel image, user image, boot objects and untypeds cover RAM without gap or overlap."""
    untyped = range(world.info(abi.BI_UNTYPED), world.info(abi.BI_UNTYPED + 4))
    pieces = [
        (
            world.info(abi.BI_UNTYPED_PADDR + 4 * n),
            1 << world.untyped_bits(index),
        )
        for n, index in enumerate(untyped)
    ]
    assert all(base % size == 0 for base, size in pieces)
    end = world.parameters.image_physical_end
    for base, size in sorted(pieces):
        assert base == end
        end = base + size
    boot_objects = (1 << 20) + (16 << 10) + 2 * 4096 + 1024 + 512
    slack = layout.RAM_BASE + len(world.port.ram) - end - boot_objects
    assert slack == 0


def test_initial_thread(world: World) -> None:
    """The thread starts at the entry with r0 = boot information, user mode, SP 0, priority 255."""
    tcb = world.root_thread
    assert world.register("pc", tcb) == world.parameters.entry
    assert world.register("r0", tcb) == world.parameters.bootinfo_vaddr
    assert world.register("sp", tcb) == 0
    assert world.register("cpsr", tcb) == 0x50
    assert world.ks.load(tcb + layout.TCB_PRIORITY) == 255
    assert world.ks.load(layout.GLOBALS) == world.parameters.ipc_buffer_vaddr
    assert world.port.spaces[-1][1] == abi.INITIAL_ASID


def test_image_is_mapped(world: World) -> None:
    """The walk of the initial directory leads from an image page to its bytes in RAM."""
    directory = vspace.directory_of_asid(world.ks, abi.INITIAL_ASID)
    vaddr = world.parameters.image_vaddr_start + 0x1000
    table = vspace.table_of(world.ks, directory, vaddr)
    entry = world.ks.load(vspace.table_entry(table, vaddr))
    assert entry & 0xFFFFF000 == world.parameters.image_physical_start + 0x1000
    assert entry >> 4 & 3 == layout.VmRights.READ_WRITE


def test_kernel_window_in_every_directory(world: World) -> None:
    """A directory shows the window to the kernel only, and the globals page to users read-only."""
    directory = vspace.directory_of_asid(world.ks, abi.INITIAL_ASID)
    entry = world.ks.load(vspace.directory_entry(directory, layout.WINDOW_BASE))
    assert entry & 0xFF000000 == layout.RAM_BASE
    assert entry >> 10 & 3 == layout.VmRights.KERNEL_ONLY
    page = world.ks.load(vspace.table_entry(layout.KERNEL_PT, abi.GLOBALS_ADDRESS))
    assert page >> 4 & 3 == layout.VmRights.READ_ONLY


def test_tick_is_started(world: World) -> None:
    """EPIT1 is enabled last, with the reload value of 10 ms, and its AVIC line is let through."""
    stores = world.port.device_stores
    assert (layout.KERNEL_EPIT1 + 8, 327) in stores
    assert (layout.KERNEL_AVIC + 8, 28) in stores
    control = [value for address, value in stores if address == layout.KERNEL_EPIT1]
    assert control[-1] & 1
    assert not control[-2] & 1


def _sizes(pieces: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    return list(pieces)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0x1000, 0x4000, [(0x1000, 12), (0x2000, 13)]),
        (0x3000, 0x8000, [(0x3000, 12), (0x4000, 14)]),
        (0x1000, 0x1010, [(0x1000, 4)]),
        (0x1000, 0x1000, []),
    ],
)
def test_aligned_pieces(start: int, end: int, expected: list[tuple[int, int]]) -> None:
    """A range is cut into naturally aligned powers of two from its low end."""
    assert _sizes(aligned_pieces(start, end)) == expected
