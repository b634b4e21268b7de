# SPDX-License-Identifier: BSD-2-Clause
"""The machine: processor, memory, devices and time of one board, as one object.

>>> machine = Machine.from_board("kzm_arm11")
>>> machine.load("program.elf")
>>> stop = machine.run(until="main")
>>> print(hex(machine.registers["sp"]), machine.counters["instructions"])
"""

import os
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Final, Self

from sel4emu.arguments import whole_number
from sel4emu.board import Board, build_devices, load_board
from sel4emu.bus import Bus, Memory
from sel4emu.console import Console
from sel4emu.cpu import Processor
from sel4emu.devices.avic import Avic
from sel4emu.devices.l2cc import L2cc
from sel4emu.errors import InputError
from sel4emu.events import EventQueue
from sel4emu.loader import Image, read_elf
from sel4emu.mmu import TranslationControl, TranslationFault, translate
from sel4emu.native.model_state import Cause, Event
from sel4emu.native.registers import MODE_USR
from sel4emu.native.state import Attention, ExceptionKind
from sel4emu.revision import DEFAULT_REVISION, find_revision
from sel4emu.runloop import RunLoop, Until
from sel4emu.second_level import SecondLevelCache
from sel4emu.stop import Stop, StopReason
from sel4emu.timing import FULL, TimingParameters, check_level, load_timing

_WORD_MASK: Final = 0xFFFF_FFFF
#: Interrupt source of the i.MX31 that the core's counters raise.
MONITOR_SOURCE: Final = 23
_COUNTERS: Final = (
    "cycles",
    "modelled",
    "idle",
    "instructions",
    "tlb_walks",
    "tlb_fills",
    "tlb_flush_all",
    "tlb_flush_asid",
    "tlb_flush_address",
)


class Registers(MutableMapping[str, int]):
    """Registers of the processor by name; "sp_irq" names the bank of another mode."""

    NAMES: Final = (*(f"r{n}" for n in range(13)), "sp", "lr", "pc", "cpsr")

    def __init__(self, cpu: Processor) -> None:
        self._cpu = cpu

    def __getitem__(self, name: str) -> int:
        return self._cpu.read(name)

    def __setitem__(self, name: str, value: int) -> None:
        self._cpu.write(name, whole_number(name, value, 0, _WORD_MASK))

    def __repr__(self) -> str:
        return "Registers(" + ", ".join(f"{name}=0x{self[name]:08x}" for name in self) + ")"

    def __delitem__(self, name: str) -> None:
        raise TypeError("a register cannot be removed")

    def __iter__(self) -> Iterator[str]:
        return iter(self.NAMES)

    def __len__(self) -> int:
        return len(self.NAMES)


class Machine:
    """One board, from reset on. Build it with `from_board`."""

    def __init__(
        self,
        board: Board,
        *,
        timing: str = FULL,
        parameters: TimingParameters | None = None,
        profile: bool = False,
        console: Console | None = None,
        cpu_revision: str = DEFAULT_REVISION,
    ) -> None:
        self.board = board
        self.console = Console() if console is None else console
        self.parameters = load_timing() if parameters is None else parameters
        self.cpu = Processor(timing, self.parameters.values, cpu_revision)
        if profile:
            self.cpu.start_profile()
        self.registers = Registers(self.cpu)
        self._record = self.cpu.state[0]
        self.events = EventQueue(self._now, self._next_event_changed)
        self.bus = Bus(self.cpu.uc, self.cpu.state)
        self.symbols: dict[str, int] = {}
        self._images: list[Image] = []
        self._add_memories()
        self._add_devices()
        self._loop = RunLoop(self)

    @classmethod
    def from_board(
        cls,
        board: str = "kzm_arm11",
        *,
        timing: str = FULL,
        timing_file: str | None = None,
        profile: bool = False,
        console: Console | None = None,
        cpu_revision: str = DEFAULT_REVISION,
    ) -> Self:
        """The board with that name (or board file), after reset, with empty memory.

        `timing` is "full" (the cycle model, with the parameters of the board or of `timing_file`)
        or "off" (one cycle an instruction). With `profile`, cycles are kept by address, too.
        `cpu_revision` is "r0p4", the i.MX31's core, or "r1p3", which has the v6K extensions.
        Raises InputError for an unknown level or revision, and for an unknown or faulty board or
        timing file.
        """
        check_level(timing)
        find_revision(cpu_revision)
        parameters = load_timing(board, timing_file)
        return cls(
            load_board(board),
            timing=timing,
            parameters=parameters,
            profile=profile,
            console=console,
            cpu_revision=cpu_revision,
        )

    def _add_memories(self) -> None:
        for entry in self.board.memories:
            memory = Memory(entry.name, entry.base, entry.size, writable=entry.kind == "ram")
            if not memory.writable:
                memory.fill_as_boot_rom()
            self.bus.add_memory(memory)

    def _add_devices(self) -> None:
        self.devices = build_devices(
            self.board,
            events=self.events,
            now=self._now,
            console=self.console,
            set_lines=self._set_interrupt_lines,
        )
        for mapped in self.devices:
            self.bus.add_device(mapped.base, mapped.size, mapped.device)
            if isinstance(mapped.device, L2cc):
                mapped.device.contents = SecondLevelCache(self.cpu.state)

    def _now(self) -> int:
        return int(self._record["cycles"])

    def _next_event_changed(self, cycle: int) -> None:
        """An event that was scheduled by a device access must stop the run in progress."""
        if cycle < int(self._record["next_event"]):
            self._record["next_event"] = cycle

    def _set_interrupt_lines(self, irq: bool, fiq: bool) -> None:
        self._record["irq_line"] = irq
        self._record["fiq_line"] = fiq
        if irq or fiq:
            self._record["attention"] |= int(Attention.INTERRUPT)
        else:
            self._record["attention"] &= ~int(Attention.INTERRUPT) & 0xFFFF_FFFF

    def set_monitor_line(self, *, raised: bool) -> None:
        """The performance monitor's interrupt output changed (AVIC source of the EVTMON)."""
        self.interrupt_controller.set_source(MONITOR_SOURCE, raised)

    # Loading --------------------------------------------------------------------------------

    def load(self, image: Image | str | os.PathLike[str]) -> Image:
        """Load an ELF (by its physical addresses) and point PC at its entry.

        Raises InputError if the file is unusable or a segment does not fit into RAM.
        """
        if not isinstance(image, Image):
            image = read_elf(os.fspath(image))
        for segment in image.segments:
            self._load_segment(image, segment.paddr, segment.data, segment.memory_size)
        self.add_symbols(image)
        self.registers["cpsr"] = self.registers["cpsr"] & ~0x20 | (image.entry & 1) << 5
        self.registers["pc"] = image.entry & ~1
        return image

    def _load_segment(self, image: Image, address: int, data: bytes, memory_size: int) -> None:
        memory = self.bus.memory_at(address, max(memory_size, len(data)))
        if memory is None or not memory.writable:
            last = address + memory_size - 1
            ranges = ", ".join(f"0x{low:08x}-0x{high:08x}" for low, high in self.bus.ranges())
            raise InputError(
                f"{image.name}: the segment at physical 0x{address:08x}-0x{last:08x} "
                f"lies outside the board's RAM ({ranges})"
            )
        self.write_physical(address, data)
        if memory_size > len(data):
            self.write_physical(address + len(data), bytes(memory_size - len(data)))

    def add_symbols(self, image: Image) -> None:
        """Make the symbols of an image known to `run`, `symbol_at` and reports."""
        self._images.append(image)
        self.symbols.update(image.symbols)

    def symbol_at(self, address: int) -> str | None:
        """Place an address inside a loaded image ("main+0x10"); None outside of all images."""
        for image in self._images:
            name = image.symbol_at(address)
            if name is not None:
                return name
        return None

    def locate(self, address: int) -> str | None:
        """Likewise for an address of any kind: a virtual one of an image, or a physical one."""
        virtual = self.symbol_at(address)
        if virtual is not None:
            return virtual
        for image in self._images:
            for part in image.segments:
                if part.paddr <= address < part.paddr + part.memory_size:
                    return image.symbol_at(address - part.paddr + part.vaddr)
        return None

    @property
    def interrupt_controller(self) -> Avic:
        """The board's AVIC."""
        return next(m.device for m in self.devices if isinstance(m.device, Avic))

    # Running --------------------------------------------------------------------------------

    def run(
        self,
        until: Until = None,
        *,
        cycles: int | None = None,
        seconds: float | None = None,
        watchful: bool | None = None,
    ) -> Stop:
        """Run until the guest ends, or until what comes first.

        - `until`: an address, the name of a symbol, or a predicate of the machine (evaluated
          before every instruction, so slow);
        - `cycles` more cycles; `seconds` of host time;
        - if `watchful` (the default where there is no limit), a guest that can provably never do
          anything else again.

        Raises KeyboardInterrupt on Ctrl-C, with the machine between two instructions, and KeyError
        for an unknown symbol.
        """
        return self._loop.run(until, cycles=cycles, seconds=seconds, watchful=watchful)

    def step(self, count: int = 1) -> Stop:
        """Execute `count` instructions."""
        return self._loop.step(count)

    def halt(self, status: int, message: str) -> None:
        """End the run before the next instruction, with the guest's exit status."""
        self._loop.end(Stop(StopReason.HALT, message, status))

    def end(self, stop: Stop) -> None:
        """End the run before the next instruction, with this as its result."""
        self._loop.end(stop)

    def on_trap(self, low: int, high: int, handler: Callable[[int], None]) -> None:
        """Call `handler(n)` for a privileged `udf #n` at a virtual address in [low, high).

        PC is past the instruction when the handler runs; it may change anything.
        """
        self._record["trap_low"] = low
        self._record["trap_high"] = high
        self._loop.trap_handler = handler

    @property
    def semihosting(self) -> bool:
        """Whether `svc 0x123456` is ARM semihosting rather than a supervisor call."""
        return bool(self._record["semihosting"])

    @semihosting.setter
    def semihosting(self, enabled: bool) -> None:
        self._record["semihosting"] = enabled

    def charge(self, cycles: int) -> None:
        """Advance time by *modelled* cycles: work that Python does in the guest's place."""
        self._record["cycles"] += cycles
        self._record["modelled"] += cycles

    @property
    def cycles(self) -> int:
        """Cycles since reset: executed, modelled and idle ones."""
        return int(self._record["cycles"])

    @property
    def breakdown(self) -> Mapping[str, int]:
        """Cycles by cause (docs/TIMING.md, rule 1); their sum is `cycles`."""
        causes = {cause.name.lower(): int(self._record["causes"][cause]) for cause in Cause}
        others = {name: int(self._record[name]) for name in ("idle", "modelled")}
        rest = self.cycles - sum(causes.values()) - sum(others.values())
        return {"issue": rest, **causes, **others}

    @property
    def counters(self) -> Mapping[str, int]:
        """Named counters, as whole numbers."""
        counters = {name: int(self._record[name]) for name in _COUNTERS}
        counters["executed"] = counters["cycles"] - counters["modelled"]
        for name, cycles in self.breakdown.items():
            if name not in counters:
                counters[f"cycle_{name}"] = cycles
        for event in Event:
            name = event.name.lower()
            prefix = "" if name.startswith("l2") else "event_"
            counters[f"{prefix}{name}"] = int(self._record["events"][event])
        for kind in ExceptionKind:
            name = f"exception_{kind.name.lower()}"
            counters[name] = int(self._record["exceptions"][kind])
        return counters

    def profile(self) -> list[tuple[str, dict[str, int]]]:
        """Where the cycles went, by symbol (elsewhere: by page), the most expensive first.

        Each has `cycles`, `instructions`, and the causes of `breakdown`; their sums are those of
        the run. Needs a machine that was made with `profile=True`.
        """
        places: dict[str, dict[str, int]] = {}
        for address, row in self.cpu.profile_rows():
            name = "elsewhere"
            if address is not None:
                symbol = self.symbol_at(address)
                name = symbol.partition("+")[0] if symbol else f"0x{address & ~0xFFF:08x}"
            total = places.setdefault(name, dict.fromkeys(row, 0))
            for key, value in row.items():
                total[key] += value
        return sorted(places.items(), key=lambda item: (-item[1]["cycles"], item[0]))

    # Memory ---------------------------------------------------------------------------------

    def read_physical(self, address: int, size: int) -> bytes:
        """Bytes of RAM or ROM; ValueError where there is none."""
        return self.bus.read(address, whole_number("size", size, 0, _WORD_MASK))

    def write_physical(self, address: int, data: bytes) -> None:
        """Write RAM or ROM; code that was changed is translated anew."""
        self.bus.write(address, data)
        self.cpu.memory_changed(address, len(data))

    def translate(self, address: int, kind: str = "r", *, privileged: bool | None = None) -> int:
        """Physical address of a virtual one by the page tables now in force (not the TLB).

        `kind` is "r", "w" or "x"; `privileged` defaults to the current mode. Raises
        `sel4emu.mmu.TranslationFault`.
        """
        if kind not in ("r", "w", "x"):
            raise ValueError(f"kind must be 'r', 'w' or 'x', not {kind!r}")
        if privileged is None:
            privileged = self.cpu.mode != MODE_USR
        return translate(self._control(), self._physical_word, address, kind, privileged)

    def read_virtual(self, address: int, size: int, *, privileged: bool = True) -> bytes:
        """Bytes at a virtual address; ValueError where nothing readable is mapped."""
        size = whole_number("size", size, 0, _WORD_MASK)
        parts = []
        for physical, length in self._pieces(address, size, "r", privileged):
            parts.append(self.bus.read(physical, length))
        return b"".join(parts)

    def write_virtual(self, address: int, data: bytes, *, privileged: bool = True) -> None:
        """Write at a virtual address; ValueError, with nothing written, where it is not mapped."""
        position = 0
        pieces = self._pieces(address, len(data), "w", privileged)
        for physical, length in pieces:
            self.bus.require_memory(physical, length)
        for physical, length in pieces:
            self.write_physical(physical, data[position : position + length])
            position += length

    def _pieces(
        self, address: int, size: int, kind: str, privileged: bool
    ) -> list[tuple[int, int]]:
        pieces = []
        end = address + size
        if end > 1 << 32:
            raise ValueError(f"0x{address:08x} and {size} bytes reach beyond the address space")
        while address < end:
            length = min(end, (address | 0xFFF) + 1) - address
            try:
                physical = self.translate(address, kind, privileged=privileged)
            except TranslationFault as fault:
                raise ValueError(f"0x{address:08x} is not mapped: {fault}") from fault
            pieces.append((physical, length))
            address += length
        return pieces

    def _control(self) -> TranslationControl:
        names = ("sctlr", "ttbr0", "ttbr1", "ttbcr", "dacr", "fcse")
        variant = int(self._record["midr"]) >> 20 & 15
        return TranslationControl(**{n: int(self._record[n]) for n in names}, variant=variant)

    def _physical_word(self, address: int) -> int | None:
        memory = self.bus.memory_at(address, 4)
        if memory is None:
            return None
        return int(memory.words[(address - memory.base) >> 2])
