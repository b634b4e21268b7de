# SPDX-License-Identifier: BSD-2-Clause
"""The composition: our kernel and a root task on a machine.

    system = System.boot("roottask.elf")
    stop = system.machine.run()

`MachinePort` is the machine as the Python kernel sees it (`kernel.port.Port`).
"""

import os
from collections.abc import Callable
from typing import Final, Self

from kernel import abi, layout
from kernel.asm.boot import CONSTANTS
from kernel.boot import BootParameters, boot
from kernel.entry import Kernel
from kernel.image import KernelImage, build_image
from kernel.layout import Trap
from kernel.options import KernelOptions
from sel4emu.console import Console
from sel4emu.errors import InputError, MachineCrash
from sel4emu.loader import Image, Segment, read_elf
from sel4emu.machine import Machine
from sel4emu.revision import DEFAULT_REVISION
from sel4emu.timing import FULL

PAGE_BYTES: Final = 4096
#: Walks are outer write-back cacheable, as the assembly has it.
TTBR_ATTRIBUTES: Final = CONSTANTS["TTBR_ATTRIBUTES"]


class MachinePort:
    """`kernel.port.Port` on a machine.

    Each word that the kernel touches is charged as one modelled cycle: the cycle model follows
    the guest's instructions only. Charges are gathered and handed over when the kernel leaves.
    """

    def __init__(self, machine: Machine, log: Callable[[str], None]) -> None:
        self._machine = machine
        self._cpu = machine.cpu
        self._log = log
        self._touched = 0
        ram = machine.bus.memory_at(layout.RAM_BASE, PAGE_BYTES)
        assert ram is not None, "the board has no RAM where the kernel expects it"
        self._words = ram.words
        self._data = ram.data
        self._code_pages = machine.cpu.code_pages
        self._window_end = layout.WINDOW_BASE + ram.size

    def load(self, address: int) -> int:
        """The word at an aligned kernel address (RAM or device register)."""
        self._touched += 1
        if address < self._window_end:
            assert address >= layout.WINDOW_BASE and not address & 3, hex(address)
            return self._words[(address - layout.WINDOW_BASE) >> 2]
        self.settle()
        return self._machine.bus.read_device(_device_address(address))

    def store(self, address: int, value: int) -> None:
        """Write a word at an aligned kernel address."""
        self._touched += 1
        if address < self._window_end:
            assert address >= layout.WINDOW_BASE and not address & 3, hex(address)
            self._words[(address - layout.WINDOW_BASE) >> 2] = value
            if self._code_pages[layout.physical_address(address) // PAGE_BYTES]:
                # A user's page, an IPC buffer say, may hold code too.
                self._cpu.memory_changed(layout.physical_address(address), abi.WORD_BYTES)
        else:
            self.settle()
            self._machine.bus.write_device(_device_address(address), value)

    def clear(self, address: int, size: int) -> None:
        """Zero `size` bytes of RAM."""
        assert layout.WINDOW_BASE <= address <= address + size <= self._window_end, hex(address)
        assert not (address | size) & 3
        start = address - layout.WINDOW_BASE
        self._data[start : start + size] = 0
        self._touched += size // 4
        self._cpu.memory_changed(layout.physical_address(address), size)

    def load_address_space(self, directory: int, asid: int) -> None:
        """Make a PageDirectory current."""
        self._touched += 2
        self._cpu.set_address_space(layout.physical_address(directory) | TTBR_ATTRIBUTES, asid)

    def invalidate_tlb_asid(self, asid: int) -> None:
        """Drop every TLB entry tagged with `asid`."""
        self._touched += 1
        self._cpu.invalidate_tlb_asid(asid)

    def invalidate_tlb_address(self, vaddr: int, asid: int) -> None:
        """Drop the TLB entry for the page of `vaddr` under `asid`."""
        self._touched += 1
        self._cpu.invalidate_tlb_address(vaddr, asid)

    def clean_translation(self, address: int, size: int) -> None:
        """Nothing to do: the model's caches hold no data, so walks see every store at once."""

    def clean_invalidate_frame(self, physical: int, size: int) -> None:
        """Nothing to do: the model's caches hold no data, so memory is never behind."""

    def interrupt_pending(self) -> bool:
        """Whether the processor's interrupt line is raised, now that charged time has passed."""
        self.settle()
        self._machine.events.run_due()
        return bool(self._cpu.state[0]["irq_line"])

    def future_interrupt_possible(self, lines: frozenset[int]) -> bool:
        """Whether a device on one of these interrupt lines can still raise it.

        A device that only waits for input on a line that nobody listens to does not count: a
        system must not be stuck or not by what the host's terminal is doing.
        """
        if self.interrupt_pending():
            return True
        entries = (self._machine.board.device(owner) for owner in self._machine.events.owners())
        return any(entry is not None and entry.irq in lines for entry in entries)

    def cycles(self) -> int:
        """Processor cycles since the start of the machine."""
        self.settle()
        return self._machine.cycles

    def halt(self, status: int, reason: str) -> None:
        """End the run after this kernel entry."""
        self._machine.halt(status, reason)

    def log(self, line: str) -> None:
        """One line for the person who watches."""
        self._log(line)

    def settle(self) -> None:
        """Charge what the kernel has touched since the last time."""
        if self._touched:
            self._machine.charge(self._touched)
            self._touched = 0


def _device_address(address: int) -> int:
    page = layout.KERNEL_DEVICE_PAGES.get(address & ~(PAGE_BYTES - 1))
    assert page is not None, f"0x{address:08x} is no kernel device"
    return page | address & (PAGE_BYTES - 1)


def _in_window(kernel: KernelImage) -> Image:
    """The kernel as it lies behind the MMU, for whoever asks what is at an address."""
    segments = tuple(
        Segment(base, base, part.code, len(part.code))
        for base, part in (
            (layout.WINDOW_BASE + layout.TEXT_OFFSET, kernel.text),
            (layout.VECTORS_ADDRESS, kernel.vectors),
        )
    )
    symbols = {name: at for name, at in kernel.vectors.labels.items() if name != "literals"}
    return Image("kernel", segments, kernel.entry, symbols | kernel.symbols)


class System:
    """A machine with our kernel and a root task loaded, ready to run."""

    def __init__(
        self,
        machine: Machine,
        image: Image,
        options: KernelOptions,
        log: Callable[[str], None],
    ) -> None:
        self.machine = machine
        self.kernel_image: KernelImage = build_image(options)
        self.port = MachinePort(machine, log)
        self.kernel = Kernel(self.port, options)
        self._parameters = self._load(image)
        text = layout.RAM_BASE + layout.TEXT_BYTES
        machine.on_trap(layout.RAM_BASE, text, self._handle_boot)
        machine.registers["pc"] = self.kernel_image.entry

    @classmethod
    def boot(
        cls,
        image: Image | str | os.PathLike[str],
        *,
        board: str = "kzm_arm11",
        timing: str = FULL,
        timing_file: str | None = None,
        profile: bool = False,
        options: KernelOptions | None = None,
        console: Console | None = None,
        log: Callable[[str], None] = lambda line: None,
        cpu_revision: str = DEFAULT_REVISION,
    ) -> Self:
        """Load kernel and root task; the first `run` of the machine boots them.

        `timing`, `timing_file`, `profile` and `cpu_revision` are those of `Machine.from_board`.
        Raises InputError if the image is unusable for a root task.
        """
        if not isinstance(image, Image):
            image = read_elf(os.fspath(image))
        machine = Machine.from_board(
            board,
            timing=timing,
            timing_file=timing_file,
            profile=profile,
            console=console,
            cpu_revision=cpu_revision,
        )
        return cls(machine, image, options or KernelOptions(), log)

    def _load(self, image: Image) -> BootParameters:
        """Put the kernel at the start of RAM and the root task directly behind it."""
        self.machine.write_physical(layout.RAM_BASE, self.kernel_image.contents())
        low = min(segment.vaddr for segment in image.segments) & -PAGE_BYTES
        high = max(segment.vaddr + segment.memory_size for segment in image.segments)
        high = -(-high // PAGE_BYTES) * PAGE_BYTES
        start = layout.RAM_BASE + layout.IMAGE_BYTES
        ram = self.machine.bus.memory_at(layout.RAM_BASE, PAGE_BYTES)
        assert ram is not None
        self._check_size(image, low, high, ram.size)
        for segment in image.segments:
            self.machine.write_physical(start + segment.vaddr - low, segment.data)
        self._add_symbols(image)
        return BootParameters(
            ram_bytes=ram.size,
            image_physical_start=start,
            image_physical_end=start + high - low,
            image_vaddr_start=low,
            entry=image.entry,
            kernel_end=start,
            idle_entry=self.kernel_image.symbols["idle_thread"],
        )

    def _check_size(self, image: Image, low: int, high: int, ram_bytes: int) -> None:
        # Behind the image come the IPC buffer and the boot information.
        if high + 2 * PAGE_BYTES > layout.WINDOW_BASE:
            raise InputError(
                f"{image.name}: a root task must end below 0x{layout.WINDOW_BASE:08x}, where the "
                f"kernel begins, but a segment reaches 0x{high:08x}"
            )
        room = ram_bytes - layout.IMAGE_BYTES - _BOOT_OBJECT_BYTES
        if high - low > room:
            raise InputError(
                f"{image.name}: the root task spans {high - low} bytes from 0x{low:08x} to "
                f"0x{high:08x}, but the board has room for {room} beside the kernel"
            )

    def _add_symbols(self, image: Image) -> None:
        # A name that both have is the root task's.
        self.machine.add_symbols(_in_window(self.kernel_image))
        self.machine.add_symbols(image)

    def _handle_boot(self, number: int) -> None:
        assert Trap(number) is Trap.BOOT
        boot(self.port, self._parameters, self.kernel.state.options)
        self.port.settle()
        window = layout.WINDOW_BASE
        self.machine.on_trap(window, window + layout.TEXT_BYTES, self._handle_trap)

    def _handle_trap(self, number: int) -> None:
        trap = Trap(number)
        if trap is Trap.KERNEL_PANIC:
            raise MachineCrash(self._describe_panic())
        self.kernel.handle_trap(trap)
        self.port.settle()

    def _describe_panic(self) -> str:
        registers = self.machine.registers
        return (
            f"the kernel faulted: mode 0x{registers['cpsr'] & 0x1F:02x}, "
            f"link 0x{registers['lr']:08x}, saved status 0x{registers['spsr']:08x}"
        )


#: Root CNode, PageDirectory, tables and frames of the root task: what boot needs at most.
_BOOT_OBJECT_BYTES: Final = 2 << 20
