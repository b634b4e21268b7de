# SPDX-License-Identifier: BSD-2-Clause
"""A kernel on a bytearray, booted with a small image, and calls in the name of its threads."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from kernel import abi, layout
from kernel.abi import Error, InitialCap, Label, ObjectType, Syscall
from kernel.boot import BootParameters, boot
from kernel.entry import Kernel
from kernel.invariants import invs
from kernel.layout import Trap
from kernel.options import KernelOptions

RAM_BYTES = 16 << 20
IMAGE_VADDR = 0x10000
IMAGE_PAGES = 3
KERNEL_END = layout.RAM_BASE + layout.IMAGE_BYTES
AVIC_NIVECSR = layout.KERNEL_AVIC + 0x40
UART_STATUS = layout.KERNEL_UART1 + 0x94
UART_TXD = layout.KERNEL_UART1 + 0x40


class FakePort:
    """The port over a bytearray: counts accesses, records flushes, logs and halts."""

    def __init__(self, ram_bytes: int = RAM_BYTES) -> None:
        self.ram = bytearray(ram_bytes)
        self._words = memoryview(self.ram).cast("I")
        self.loads = 0
        self.stores = 0
        self.device_stores: list[tuple[int, int]] = []
        self.flushes: list[tuple[str, int, int]] = []
        self.cleaned_frames: list[tuple[int, int]] = []
        self.spaces: list[tuple[int, int]] = []
        self.halts: list[tuple[int, str]] = []
        self.logs: list[str] = []
        self.console = ""
        self.pending_irq: int | None = None
        self.more_interrupts = True
        self.now = 0

    def _offset(self, address: int) -> int:
        assert address % 4 == 0, hex(address)
        offset = address - layout.WINDOW_BASE
        assert 0 <= offset < len(self.ram), hex(address)
        return offset

    def load(self, address: int) -> int:
        self.loads += 1
        if address == AVIC_NIVECSR:
            return 0xFFFF_FFFF if self.pending_irq is None else self.pending_irq << 16
        if address == UART_STATUS:
            return 1 << 13
        return self._words[self._offset(address) >> 2]

    def store(self, address: int, value: int) -> None:
        self.stores += 1
        assert 0 <= value <= 0xFFFF_FFFF
        if address >= layout.KERNEL_EPIT1:
            self.device_stores.append((address, value))
            if address == UART_TXD:
                self.console += chr(value)
            return
        self._words[self._offset(address) >> 2] = value

    def clear(self, address: int, size: int) -> None:
        offset = self._offset(address)
        assert size % 4 == 0
        assert offset + size <= len(self.ram)
        self.ram[offset : offset + size] = bytes(size)

    def load_address_space(self, directory: int, asid: int) -> None:
        self.spaces.append((directory, asid))

    def invalidate_tlb_asid(self, asid: int) -> None:
        self.flushes.append(("asid", 0, asid))

    def invalidate_tlb_address(self, vaddr: int, asid: int) -> None:
        self.flushes.append(("address", vaddr, asid))

    def clean_translation(self, address: int, size: int) -> None:
        self._offset(address)

    def clean_invalidate_frame(self, physical: int, size: int) -> None:
        self.cleaned_frames.append((physical, size))

    def interrupt_pending(self) -> bool:
        return self.pending_irq is not None

    def future_interrupt_possible(self, lines: frozenset[int]) -> bool:
        return self.more_interrupts

    def cycles(self) -> int:
        return self.now

    def halt(self, status: int, reason: str) -> None:
        self.halts.append((status, reason))

    def log(self, line: str) -> None:
        self.logs.append(line)


@dataclass
class Answer:
    """What a thread sees after a system call."""

    badge: int
    label: int
    length: int
    words: list[int] = field(default_factory=list)


class World:
    """A booted kernel, driven as the entry code would drive it."""

    def __init__(self, options: KernelOptions, port: FakePort | None = None) -> None:
        self.port = port or FakePort()
        image_start = KERNEL_END
        self.parameters = BootParameters(
            ram_bytes=len(self.port.ram),
            image_physical_start=image_start,
            image_physical_end=image_start + IMAGE_PAGES * 0x1000,
            image_vaddr_start=IMAGE_VADDR,
            entry=IMAGE_VADDR + 0x40,
            kernel_end=KERNEL_END,
            idle_entry=layout.WINDOW_BASE + 0x100,
        )
        boot(self.port, self.parameters, options)
        self.kernel = Kernel(self.port, options)
        self.ks = self.kernel.state
        self.root_thread = self.ks.current
        # Remembered: a hostile test may destroy the thread's CSpace.
        self.root_cnode = self.ks.get(self.root_thread + layout.TCB_CTABLE, layout.CNODE_POINTER)
        self.bootinfo = layout.window_address(self._frame(InitialCap.BOOTINFO_FRAME))
        self.buffer = layout.window_address(self._frame(InitialCap.IPC_BUFFER))
        self.free_slot = self.info(abi.BI_EMPTY)
        self._big = self.untypeds_by_size()

    @classmethod
    def fresh(cls, *, compat: bool) -> "World":
        """A newly booted kernel."""
        return cls(KernelOptions(compat=compat))

    def _frame(self, index: int) -> int:
        return self.ks.get(self.slot(index), layout.FRAME_BASE)

    def untypeds_by_size(self) -> list[int]:
        first, end = self.info(abi.BI_UNTYPED), self.info(abi.BI_UNTYPED + 4)
        return sorted(range(first, end), key=self.untyped_bits, reverse=True)

    def untyped_bits(self, index: int) -> int:
        return self.ks.get(self.slot(index), layout.UNTYPED_SIZE_BITS)

    def info(self, offset: int) -> int:
        return self.ks.load(self.bootinfo + offset)

    def slot(self, index: int) -> int:
        """Address of a slot of the initial CNode."""
        return self.root_cnode + layout.SLOT_BYTES * index

    def cap_type(self, index: int) -> layout.CapType:
        return layout.CapType(self.ks.get(self.slot(index), layout.CAP_TYPE))

    def next_slot(self, count: int = 1) -> int:
        index = self.free_slot
        self.free_slot += count
        return index

    def untyped(self) -> int:
        """A fresh Untyped of boot, the largest first."""
        return self._big.pop(0)

    def register(self, name: str, thread: int | None = None) -> int:
        return self.ks.load((thread or self.ks.current) + layout.REGISTER_OFFSETS[name])

    def set_register(self, name: str, value: int, thread: int | None = None) -> None:
        address = (thread or self.ks.current) + layout.REGISTER_OFFSETS[name]
        self.ks.store(address, value & 0xFFFF_FFFF)

    def trap(self, trap: Trap) -> None:
        """One kernel entry, after which every invariant must hold."""
        self.kernel.handle_trap(trap)
        assert invs(self.ks) == []

    def syscall(
        self,
        number: int,
        cptr: int = 0,
        words: tuple[int, ...] = (),
        *,
        label: int = 0,
        caps: tuple[int, ...] = (),
        length: int | None = None,
    ) -> Answer:
        """A system call of the current thread; the answer is read from that thread."""
        thread = self.ks.current
        buffer = self._buffer_of(thread)
        for index, cap in enumerate(caps):
            self.ks.store(buffer + abi.IPC_CAPS_OR_BADGES + 4 * index, cap)
        for index, word in enumerate(words):
            if index < 4:
                self.set_register(f"r{2 + index}", word)
            else:
                self.ks.store(buffer + abi.IPC_MSG + 4 * index, word)
        size = len(words) if length is None else length
        self.set_register("r0", cptr)
        self.set_register("r1", label << 12 | len(caps) << 7 | size)
        self.set_register("r7", number)
        svc = self.register("pc")
        self.ks.store(thread + layout.TCB_RESTART_PC, svc)
        self.set_register("pc", svc + 4)
        self.trap(Trap.SYSCALL)
        return self.answer(thread)

    def _buffer_of(self, thread: int) -> int:
        frame = self.ks.get(thread + layout.TCB_BUFFER, layout.FRAME_BASE)
        return layout.window_address(frame) if frame else 0

    def answer(self, thread: int) -> Answer:
        info = self.register("r1", thread)
        words = [self.register(f"r{n}", thread) for n in range(2, 6)]
        buffer = self._buffer_of(thread)
        length = info & 0x7F
        words += [self.ks.load(buffer + 4 + 4 * n) for n in range(4, length)] if buffer else []
        return Answer(self.register("r0", thread), info >> 12, length, words[: max(length, 1)])

    def call(
        self, cptr: int, label: int, words: tuple[int, ...] = (), caps: tuple[int, ...] = ()
    ) -> Answer:
        """Invoke an object with Call."""
        return self.syscall(Syscall.CALL, cptr, words, label=label, caps=caps)

    def retype(self, untyped: int, kind: int, size_bits: int = 0, count: int = 1) -> int:
        """Retype into fresh slots; the number of the first one."""
        first = self.next_slot(count)
        words = (kind, size_bits, 0, 0, first, count)
        answer = self.call(untyped, Label.UNTYPED_RETYPE, words, (InitialCap.CNODE,))
        assert answer.label == 0, (answer, self.port.logs)
        return first

    def split(self, bits: int, count: int) -> list[int]:
        """Fresh Untypeds of 2^bits bytes from one retype."""
        first = self.retype(self.untyped(), ObjectType.UNTYPED, bits, count)
        return list(range(first, first + count))

    def make(self, kind: int, size_bits: int = 0, count: int = 1) -> int:
        """Objects of a type from an Untyped of their own."""
        return self.retype(self.untyped(), kind, size_bits, count)

    def cnode(self, label: int, words: tuple[int, ...], caps: tuple[int, ...] = ()) -> Answer:
        """Invoke the initial CNode."""
        return self.call(InitialCap.CNODE, label, words, caps)

    def copy(self, source: int, rights: int = 7, label: int = Label.CNODE_COPY) -> int:
        """Copy (or Imitate) into a fresh slot."""
        target = self.next_slot()
        words = (target, 32, source, 32, rights)
        answer = self.cnode(label, words, (InitialCap.CNODE,))
        assert answer.label == 0, (answer, self.port.logs)
        return target

    def mint(self, source: int, badge: int, rights: int = 7) -> int:
        target = self.next_slot()
        words = (target, 32, source, 32, rights, badge)
        answer = self.cnode(Label.CNODE_MINT, words, (InitialCap.CNODE,))
        assert answer.label == 0, (answer, self.port.logs)
        return target

    def thread(self, priority: int = 100, fault_handler: int = 0) -> tuple[int, int]:
        """A running thread in the initial spaces, without buffer: (slot, TCB address)."""
        index = self.make(ObjectType.TCB)
        answer = self.call(
            index,
            Label.TCB_CONFIGURE,
            (fault_handler, priority, 0, 0, 0),
            (InitialCap.CNODE, InitialCap.VSPACE, InitialCap.IPC_BUFFER),
        )
        assert answer.label == 0, (answer, self.port.logs)
        answer = self.call(index, Label.TCB_WRITE_REGISTERS, (1, 2, 0x2_0000, 0x3_0000))
        assert answer.label == 0, (answer, self.port.logs)
        return index, self.ks.get(self.slot(index), layout.TCB_POINTER)

    def run(self, thread: int) -> None:
        """Let a ready thread run next, whatever the priorities."""
        if self.ks.current != thread:
            self.ks.store(layout.KV_SCHEDULER_ACTION, thread)
            self.kernel.handle_trap(Trap.INTERRUPT)
        assert self.ks.current == thread


#: A row of a table of refusals: name, label, words, capabilities, error, details.
Refusal = tuple[str, int, tuple[int, ...], tuple[int, ...], Error, tuple[int, ...]]
Unchanged = Callable[[World, Callable[[], Answer]], Answer]


@pytest.fixture
def world() -> World:
    """A kernel in its default mode."""
    return World(KernelOptions())


@pytest.fixture
def compat_world() -> World:
    """A kernel with the two rules of seL4 1.0.3."""
    return World(KernelOptions(compat=True))


@pytest.fixture
def unchanged() -> Unchanged:
    """Does a call and checks that no kernel word but the caller's own registers changed."""

    def check(world: World, call: Callable[[], Answer]) -> Answer:
        start = world.ks.current - layout.WINDOW_BASE
        own = slice(start + layout.TCB_RESTART_PC, start + layout.TCB_CPSR)
        buffer = world.buffer - layout.WINDOW_BASE
        memory = bytearray(world.port.ram)
        answer = call()
        after = bytearray(world.port.ram)
        for image in (memory, after):
            image[own] = bytes(own.stop - own.start)
            image[buffer : buffer + 512] = bytes(512)
        assert memory == after
        return answer

    return check
