# SPDX-License-Identifier: BSD-2-Clause
"""Boot: from empty RAM with a user image behind the kernel to the initial thread (ABI 6).

The kernel's own objects are cut from the top of RAM, the largest first, so that each is aligned
without waste. Everything between the user image and them becomes Untyped memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kernel import abi, layout, limits
from kernel.abi import InitialCap
from kernel.devices import DEVICE_REGIONS, DeviceRegion
from kernel.layout import CapType, VmRights, physical_address, window_address
from kernel.object import asid, capability, irq, mdb, reply, vspace
from kernel.object.capability import Cap, make_cap
from kernel.object.derive import derive_or_refuse, insert_copy
from kernel.object.objecttype import init_tcb
from kernel.options import KernelOptions
from kernel.port import Port
from kernel.state import State

PAGE: Final = 1 << abi.SMALL_PAGE_BITS
ATTRIBUTES: Final = abi.ATTR_CACHEABLE
#: System mode, interrupts on.
IDLE_CPSR: Final = 0x1F
ROOT_GUARD_BITS: Final = abi.WORD_BITS - abi.ROOT_CNODE_BITS
#: The window ends where the last megabyte begins, which the kernel's own table maps.
WINDOW_END: Final = layout.KERNEL_EPIT1


@dataclass(frozen=True, slots=True)
class BootParameters:
    """What the loader tells the kernel; addresses are physical unless their name says otherwise.

    `image_physical_start`..`image_physical_end` are the pages of the user image, directly behind
    `kernel_end`. `idle_entry` is the virtual address of the idle loop.
    """

    ram_bytes: int
    image_physical_start: int
    image_physical_end: int
    image_vaddr_start: int
    entry: int
    kernel_end: int
    idle_entry: int

    @property
    def image_bytes(self) -> int:
        """Size of the user image, whole pages."""
        return self.image_physical_end - self.image_physical_start

    @property
    def ipc_buffer_vaddr(self) -> int:
        """The page behind the image."""
        return self.image_vaddr_start + self.image_bytes

    @property
    def bootinfo_vaddr(self) -> int:
        """The page behind the IPC buffer."""
        return self.ipc_buffer_vaddr + PAGE

    @property
    def vaddr_end(self) -> int:
        """Behind the last page mapped at boot."""
        return self.bootinfo_vaddr + PAGE

    def check(self) -> None:
        """Assert what the loader has already made sure of."""
        for address in (
            self.image_physical_start, self.image_physical_end, self.image_vaddr_start
        ):  # fmt: skip
            assert address % PAGE == 0, hex(address)
        assert self.kernel_end <= self.image_physical_start < self.image_physical_end
        assert self.image_physical_end < layout.RAM_BASE + self.ram_bytes
        assert self.vaddr_end <= abi.USER_TOP, "the image reaches into the kernel's addresses"


@dataclass(frozen=True, slots=True)
class Placement:
    """Window addresses of what boot itself needs, and the first byte above the free memory."""

    root_cnode: int
    directory: int
    bootinfo: int
    ipc_buffer: int
    tables: tuple[int, ...]
    tcb: int
    free_end: int


def _place_objects(parameters: BootParameters) -> Placement:
    end = window_address(layout.RAM_BASE + min(parameters.ram_bytes, _window_ram()))
    sizes = [layout.SLOT_BYTES << abi.ROOT_CNODE_BITS, 1 << abi.PAGE_DIRECTORY_BITS, PAGE, PAGE]
    sizes += [1 << abi.PAGE_TABLE_BITS] * len(_table_vaddrs(parameters))
    sizes += [1 << abi.TCB_BITS]
    addresses: list[int] = []
    for size in sizes:
        end = (end - size) & ~(size - 1)
        addresses.append(end)
    root, directory, bootinfo, buffer, *tables, tcb = addresses
    assert end >= window_address(parameters.image_physical_end), "RAM is too small to boot"
    return Placement(root, directory, bootinfo, buffer, tuple(tables), tcb, end)


def _window_ram() -> int:
    return WINDOW_END - layout.WINDOW_BASE


def _hidden_ram(ram_bytes: int) -> tuple[DeviceRegion, ...]:
    """RAM that the window cannot show: Frames that the kernel never touches (R4.111)."""
    frames = max(0, ram_bytes - _window_ram()) >> abi.SECTION_BITS
    base = layout.RAM_BASE + _window_ram()
    return (DeviceRegion(base, abi.SECTION_BITS, frames),) if frames else ()


def _table_vaddrs(parameters: BootParameters) -> range:
    """The first address of each megabyte that the initial VSpace touches."""
    first = parameters.image_vaddr_start & ~(vspace.MEGABYTE - 1)
    return range(first, parameters.vaddr_end, vspace.MEGABYTE)


def aligned_pieces(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut start..end from its low end into the largest naturally aligned powers of two.

    Gives (address, log2 of the size); pieces below the smallest Untyped are left out.
    """
    while start < end:
        fit = (end - start).bit_length() - 1
        aligned = (start & -start).bit_length() - 1 if start else fit
        bits = min(fit, aligned, abi.UNTYPED_MAX_BITS)
        if bits >= abi.UNTYPED_MIN_BITS:
            yield start, bits
        start += 1 << bits


# The kernel's own mappings ---------------------------------------------------------------------


def _map_window(ks: State, ram_bytes: int) -> None:
    """Map RAM at the fixed offset, kernel only, global: 16 MB pieces, the rest by megabytes."""
    super_bytes = 1 << abi.SUPER_SECTION_BITS
    end = min(ram_bytes, _window_ram())
    offset = 0
    while offset < end:
        is_super = offset + super_bytes <= end
        bits = abi.SUPER_SECTION_BITS if is_super else abi.SECTION_BITS
        word = vspace.descriptor(
            bits, layout.RAM_BASE + offset, VmRights.KERNEL_ONLY, ATTRIBUTES, is_global=True
        )
        first = vspace.directory_entry(layout.KERNEL_PD, layout.WINDOW_BASE + offset)
        for index in range(vspace.REPEATS if is_super else 1):
            ks.store(first + 4 * index, word)
        offset += 1 << bits


def _map_kernel_page(ks: State, vaddr: int, physical: int, rights: int, attributes: int) -> None:
    word = vspace.descriptor(abi.SMALL_PAGE_BITS, physical, rights, attributes, is_global=True)
    if not attributes & abi.ATTR_CACHEABLE:
        word |= vspace.NEVER_EXECUTE_SMALL
    ks.store(vspace.table_entry(layout.KERNEL_PT, vaddr), word)


def map_kernel(ks: State, ram_bytes: int) -> None:
    """Fill the kernel's directory and table (R4.108, R4.109)."""
    ks.port.clear(layout.KERNEL_PD, 1 << abi.PAGE_DIRECTORY_BITS)
    ks.port.clear(layout.KERNEL_PT, 1 << abi.PAGE_TABLE_BITS)
    _map_window(ks, ram_bytes)
    for vaddr, physical in layout.KERNEL_DEVICE_PAGES.items():
        _map_kernel_page(ks, vaddr, physical, VmRights.KERNEL_ONLY, 0)
    for vaddr, window, rights in (
        (abi.GLOBALS_ADDRESS, layout.GLOBALS, VmRights.READ_ONLY),
        (layout.VECTORS_ADDRESS, layout.VECTORS, VmRights.KERNEL_ONLY),
    ):
        _map_kernel_page(ks, vaddr, physical_address(window), rights, ATTRIBUTES)
    last = vspace.directory_entry(layout.KERNEL_PD, layout.KERNEL_EPIT1)
    ks.store(last, vspace.coarse_descriptor(layout.KERNEL_PT, 0))
    ks.port.clean_translation(layout.KERNEL_PD, 1 << abi.PAGE_DIRECTORY_BITS)
    ks.port.clean_translation(layout.KERNEL_PT, 1 << abi.PAGE_TABLE_BITS)


# Kernel data -----------------------------------------------------------------------------------


def _clear_kernel_data(ks: State) -> None:
    for start, end in (
        (layout.KERNEL_DATA, layout.KERNEL_PD),
        (layout.IDLE_TCB, layout.IDLE_TCB + (1 << abi.TCB_BITS)),
        (layout.IRQ_NODE, layout.IRQ_NODE + layout.SLOT_BYTES * abi.IRQ_COUNT),
    ):
        ks.port.clear(start, end - start)


def _make_idle_thread(ks: State, entry: int) -> None:
    tcb = layout.IDLE_TCB
    for offset, value in (
        (layout.TCB_PC, entry),
        (layout.TCB_RESTART_PC, entry),
        (layout.TCB_CPSR, IDLE_CPSR),
        (layout.TCB_STATE, layout.ThreadState.IDLE),
    ):
        ks.store(tcb + offset, value)
    ks.store(layout.KV_IDLE, tcb)


def _start_interrupts(ks: State) -> None:
    for register in (irq.AVIC_INTENABLE_HIGH, irq.AVIC_INTENABLE_LOW):
        ks.store(layout.KERNEL_AVIC + register, 0)
    irq.start_tick(ks, limits.TICK_RELOAD)


# The initial thread ----------------------------------------------------------------------------


class _Initial:
    """Builds the initial CSpace, VSpace and boot information."""

    def __init__(self, ks: State, parameters: BootParameters) -> None:
        self.ks = ks
        self.parameters = parameters
        self.place = _place_objects(parameters)
        self.next_free = int(InitialCap.FIRST_FREE)

    def slot(self, index: int) -> int:
        """Address of a slot of the root CNode."""
        return self.place.root_cnode + layout.SLOT_BYTES * index

    def put(self, index: int, cap: Cap) -> None:
        """Put an original into a slot."""
        mdb.insert_root(self.ks, self.slot(index), cap)

    def add(self, caps: list[Cap]) -> tuple[int, int]:
        """Put originals into the next free slots; the half-open range of slot numbers."""
        start = self.next_free
        for cap in caps:
            self.put(self.next_free, cap)
            self.next_free += 1
        return start, self.next_free

    def info(self, offset: int, *words: int) -> None:
        """Set words of the boot information."""
        for index, word in enumerate(words):
            self.ks.store(self.place.bootinfo + offset + 4 * index, word)

    def info_byte(self, offset: int, value: int) -> None:
        """Set a byte of the boot information."""
        address, shift = self.place.bootinfo + (offset & ~3), 8 * (offset & 3)
        self.ks.store(address, self.ks.load(address) & ~(0xFF << shift) | value << shift)

    def clear_objects(self) -> None:
        """Start from zeroed objects (the user image lies below them)."""
        end = self.place.root_cnode + (layout.SLOT_BYTES << abi.ROOT_CNODE_BITS)
        self.ks.port.clear(self.place.free_end, end - self.place.free_end)
        vspace.init_page_directory(self.ks, self.place.directory)
        init_tcb(self.ks, self.place.tcb)

    def _map_page(self, vaddr: int, window: int) -> Cap:
        """Map a page for the user; its mapped Frame capability."""
        physical = physical_address(window)
        table = vspace.table_of(self.ks, self.place.directory, vaddr)
        word = vspace.descriptor(abi.SMALL_PAGE_BITS, physical, VmRights.READ_WRITE, ATTRIBUTES)
        self.ks.store(vspace.table_entry(table, vaddr), word)
        cap = capability.frame_cap(physical, abi.SMALL_PAGE_BITS)
        return cap.having(layout.FRAME_VADDR, vaddr).having(layout.FRAME_ASID, abi.INITIAL_ASID)

    def _install_tables(self) -> list[Cap]:
        caps: list[Cap] = []
        for vaddr, table in zip(_table_vaddrs(self.parameters), self.place.tables, strict=True):
            entry = vspace.directory_entry(self.place.directory, vaddr)
            self.ks.store(entry, vspace.coarse_descriptor(table, 0))
            cap = capability.page_table_cap(table, is_4k=False)
            cap = cap.having(layout.PAGE_TABLE_USED, 1).having(layout.PAGE_TABLE_VADDR, vaddr)
            caps.append(cap.having(layout.PAGE_TABLE_ASID, abi.INITIAL_ASID))
        return caps

    def _image_frames(self) -> list[Cap]:
        parameters = self.parameters
        delta = window_address(parameters.image_physical_start) - parameters.image_vaddr_start
        vaddrs = range(parameters.image_vaddr_start, parameters.ipc_buffer_vaddr, PAGE)
        return [self._map_page(vaddr, vaddr + delta) for vaddr in vaddrs]

    def fill_fixed_caps(self, tables: list[Cap]) -> None:
        """The capabilities with fixed slots, in slot order."""
        place, parameters = self.place, self.parameters
        directory = capability.page_directory_cap(place.directory)
        caps = {
            InitialCap.TCB: capability.tcb_cap(place.tcb),
            InitialCap.CNODE: capability.cnode_cap(
                place.root_cnode, abi.ROOT_CNODE_BITS, ROOT_GUARD_BITS
            ),
            InitialCap.VSPACE: directory.having(layout.PAGE_DIRECTORY_ASID, abi.INITIAL_ASID),
            InitialCap.IRQ_CONTROL: make_cap(CapType.IRQ_CONTROL),
            InitialCap.ASID_CONTROL: make_cap(CapType.ASID_CONTROL),
            InitialCap.ASID_POOL: asid.asid_pool_cap(0, 0, layout.ASID_BOOT_POOL_COUNT),
            InitialCap.BOOTINFO_FRAME: self._map_page(parameters.bootinfo_vaddr, place.bootinfo),
            InitialCap.IPC_BUFFER: self._map_page(parameters.ipc_buffer_vaddr, place.ipc_buffer),
            InitialCap.DOMAIN: make_cap(CapType.DOMAIN),
        }
        for index, cap in caps.items():
            self.put(index, cap)
        self.ks.store(vspace.asid_entry(abi.INITIAL_ASID), place.directory)
        self.info(abi.BI_IMAGE_PTS, *self.add(tables))

    def _add_untyped(self) -> None:
        start = window_address(self.parameters.image_physical_end)
        pieces = list(aligned_pieces(start, self.place.free_end))
        assert len(pieces) <= abi.BOOTINFO_MAX_UNTYPED
        caps = [capability.untyped_cap(address, bits) for address, bits in pieces]
        self.info(abi.BI_UNTYPED, *self.add(caps))
        for index, (address, bits) in enumerate(pieces):
            self.info(abi.BI_UNTYPED_PADDR + 4 * index, physical_address(address))
            self.info_byte(abi.BI_UNTYPED_BITS + index, bits)

    def _add_devices(self) -> None:
        regions = (*DEVICE_REGIONS, *_hidden_ram(self.parameters.ram_bytes))
        self.info(abi.BI_NUM_DEVICES, len(regions))
        for index, region in enumerate(regions):
            size = 1 << region.frame_bits
            frames = [
                capability.frame_cap(region.base + n * size, region.frame_bits, device=True)
                for n in range(region.frames)
            ]
            offset = abi.BI_DEVICES + abi.BI_DEVICE_BYTES * index
            self.info(offset, region.base, region.frame_bits, *self.add(frames))

    def build(self) -> None:
        """All capabilities, the boot information, and the thread."""
        self.clear_objects()
        self.fill_fixed_caps(self._install_tables())
        self.info(abi.BI_IMAGE_FRAMES, *self.add(self._image_frames()))
        self._add_untyped()
        self._add_devices()
        self.info(abi.BI_NUM_NODES, 1)
        self.info(abi.BI_IPC_BUFFER, self.parameters.ipc_buffer_vaddr)
        self.info(abi.BI_EMPTY, self.next_free, 1 << abi.ROOT_CNODE_BITS)
        self.info_byte(abi.BI_CNODE_BITS, abi.ROOT_CNODE_BITS)
        place = self.place
        self.ks.port.clean_translation(place.directory, 1 << abi.PAGE_DIRECTORY_BITS)
        for table in place.tables:
            self.ks.port.clean_translation(table, 1 << abi.PAGE_TABLE_BITS)
        self._start_thread()

    def _start_thread(self) -> None:
        ks, tcb, parameters = self.ks, self.place.tcb, self.parameters
        for offset, index in (
            (layout.TCB_CTABLE, InitialCap.CNODE),
            (layout.TCB_VTABLE, InitialCap.VSPACE),
            (layout.TCB_BUFFER, InitialCap.IPC_BUFFER),
        ):
            source = self.slot(index)
            derived = derive_or_refuse(ks, source, capability.read_cap(ks, source))
            insert_copy(ks, source, tcb + offset, derived)
        reply.setup_reply_master(ks, tcb)
        for offset, value in (
            (layout.REGISTER_OFFSETS["r0"], parameters.bootinfo_vaddr),
            (layout.TCB_PC, parameters.entry),
            (layout.TCB_RESTART_PC, parameters.entry),
            (layout.TCB_PRIORITY, abi.INITIAL_PRIORITY),
            (layout.TCB_IPC_BUFFER, parameters.ipc_buffer_vaddr),
            (layout.TCB_STATE, layout.ThreadState.RUNNING),
        ):
            ks.store(tcb + offset, value)
        ks.store(layout.KV_CURRENT, tcb)
        ks.store(layout.GLOBALS, parameters.ipc_buffer_vaddr)
        vspace.set_vm_root(ks)


def boot(port: Port, parameters: BootParameters, options: KernelOptions | None = None) -> None:
    """Build the initial state in RAM; afterwards KV_CURRENT is the initial thread, ready to run."""
    parameters.check()
    ks = State(port, options or KernelOptions())
    _clear_kernel_data(ks)
    map_kernel(ks, parameters.ram_bytes)
    _make_idle_thread(ks, parameters.idle_entry)
    _Initial(ks, parameters).build()
    _start_interrupts(ks)
