# SPDX-License-Identifier: BSD-2-Clause
"""The data side: L1, hits under misses, uncached memory and devices (rule 7).

Modelled: each line that an instruction touches, in ascending order; what a load is late by, what
a store waits for.
Not modelled: stores into a line that is still arriving; they are free.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from sel4emu.reference.buffers import EvictionBuffer, Memory, WriteBuffer
from sel4emu.reference.cache import DOUBLEWORD, HALF, LINE, Cache, Line
from sel4emu.reference.operation import Access, AccessKind, Figures
from sel4emu.reference.pipeline import Clock
from sel4emu.reference.records import SCTLR_C, WORD, Control
from sel4emu.reference.translation import (
    DEVICE,
    STRONGLY_ORDERED,
    Lockdown,
    MemoryType,
    Order,
    Page,
    Translator,
    WordAt,
    modified,
    permits,
)

PAGE: Final = 4096
SETS: Final = 128
WAYS: Final = 4
MICRO_MISS: Final = 0x04
CACHEABLE_ACCESS: Final = 0x09
ACCESS: Final = 0x0A
MISS: Final = 0x0B
EXTERNAL: Final = 0x10


@dataclass(frozen=True, slots=True)
class Piece:
    """The bytes of an access in one line (or page): physical address, size, type."""

    address: int
    size: int
    memory: MemoryType
    peripheral: bool

    @property
    def doublewords(self) -> int:
        """How many aligned doublewords it touches."""
        last = (self.address + self.size - 1) // DOUBLEWORD
        return last - self.address // DOUBLEWORD + 1

    @property
    def halves(self) -> int:
        """The half lines it touches, as the bits of `Line.dirty`."""
        first = self.address % LINE // HALF
        last = (self.address + self.size - 1) % LINE // HALF
        return 1 << first | 1 << last


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an access came to: what its loads are late by, and words written to peripherals."""

    refused: bool = False
    delay: int = 0
    writes: tuple[tuple[int, int], ...] = field(default=())


def split(address: int, size: int, unit: int) -> Iterator[tuple[int, int]]:
    """(address, size) of the parts of a range in each aligned unit."""
    while size:
        part = min(size, unit - address % unit)
        yield address & WORD, part
        address, size = address + part, size - part


class DataSide:
    """Everything behind the load/store unit."""

    def __init__(
        self,
        figures: Figures,
        memory: Memory,
        translator: Translator,
        word_at: WordAt,
        is_device: Callable[[int], bool],
    ) -> None:
        self._figures = figures
        self._load_latency = figures["load_store.load_latency"]
        self._beat = figures["bus.beat"]
        self._memory = memory
        self._translator = translator
        self._word_at = word_at
        self._is_device = is_device
        self.cache = Cache(SETS, WAYS)
        self.write_buffer = WriteBuffer(figures)
        self.eviction = EvictionBuffer(figures, memory)
        # The last line that was filled: its address, the first doubleword and when that came.
        self._filled = (-1, 0, 0)

    def access(
        self,
        access: Access,
        control: Control,
        clock: Clock,
        lockdown: Lockdown,
        *,
        privileged: bool,
    ) -> Outcome:
        """Rule 7 for one instruction; `clock` stands at its issue and is moved by waits."""
        pages = []
        for address, size in split(access.address, access.size, PAGE):
            piece = self._translate(
                address, size, access, control, clock, lockdown, privileged=privileged
            )
            if piece is None:
                return Outcome(refused=True)
            pages.append(piece)
        lines = [
            Piece(address, size, page.memory, page.peripheral)
            for page in pages
            for address, size in split(page.address, page.size, LINE)
        ]
        delay = 0
        if access.kind is not AccessKind.STORE:
            delay = max(self._load(line, control, clock) for line in lines)
        if access.kind in {AccessKind.STORE, AccessKind.SWAP}:
            for line in lines:
                self._store(line, control, clock)
        return Outcome(delay=delay, writes=tuple(_peripheral_words(access, pages)))

    def _translate(
        self,
        address: int,
        size: int,
        access: Access,
        control: Control,
        clock: Clock,
        lockdown: Lockdown,
        *,
        privileged: bool,
    ) -> Piece | None:
        """The bytes in one page; None if the access is refused."""
        page: Page | None = None
        if control.mmu_on:
            page = self._translator.find(address, control, clock, lockdown, MICRO_MISS)
            if page is None:
                return None
            fields = page.accesses_of(modified(address, control), size)
            if not _allowed(page, fields, access, control, privileged=privileged):
                return None
        physical = page.physical_of(address) if page else address
        peripheral = self._is_device(physical)
        if not peripheral and self._word_at(physical & ~3) is None:
            return None
        memory = page.memory if page else STRONGLY_ORDERED
        if peripheral and memory.order is Order.NORMAL:
            memory = DEVICE
        return Piece(physical, size, memory, peripheral)

    # ---- loads -------------------------------------------------------------------------------

    def _load(self, piece: Piece, control: Control, clock: Clock) -> int:
        """A load's part in one line; returns how late it is."""
        clock.events[ACCESS] += 1
        if piece.memory.order is not Order.NORMAL:
            clock.events[EXTERNAL] += 1
            self._load_in_order(piece, control, clock)
            return 0
        if not (piece.memory.cacheable and control.sctlr & SCTLR_C):
            clock.events[EXTERNAL] += 1
            return self._load_uncached(piece, control, clock)
        clock.events[CACHEABLE_ACCESS] += 1
        if self.cache.find(piece.address):
            return self._late(clock, self._arrival(piece))
        clock.events[MISS] += 1
        clock.events[EXTERNAL] += 1
        return self._load_miss(piece, control, clock)

    def _late(self, clock: Clock, there: int) -> int:
        """What is there at a time is later than a hit by this much."""
        return max(0, there - self._load_latency - clock.now)

    def _arrival(self, piece: Piece) -> int:
        """When a line's bytes have come; long ago, if it is not the last one filled."""
        address, first, there = self._filled
        if address != piece.address & -LINE:
            return 0
        wanted = piece.address // DOUBLEWORD
        beats = (wanted - first) % 4 if piece.doublewords == 1 else 3
        return there + beats * self._beat

    def _there(self, piece: Piece, start: int, latency: int) -> int:
        """When the last doubleword that a miss touches has come."""
        return start + latency + (piece.doublewords - 1) * self._beat

    def _earliest(self, piece: Piece, clock: Clock) -> int:
        line_out = self.write_buffer.end_of_line(piece.address)
        return max(clock.now, self._memory.bus_free, line_out)

    def _load_uncached(self, piece: Piece, control: Control, clock: Clock) -> int:
        start = self._earliest(piece, clock)
        read = self._memory.read(piece.address, control, outer=piece.memory.outer)
        self._memory.bus_free = start + read.latency + read.victim
        return self._late(clock, self._there(piece, start, read.latency))

    def _load_miss(self, piece: Piece, control: Control, clock: Clock) -> int:
        place = self.cache.choose(
            piece.address, control.dcache_lockdown & 0xF, round_robin=control.round_robin
        )
        victim = place.victim if place else None
        start = self._earliest(piece, clock)
        if victim and victim.dirty:
            start = max(start, self.eviction.free)
        read = self._memory.read(piece.address, control, outer=piece.memory.outer)
        if victim and victim.dirty:
            self.eviction.put(clock, victim, start, control)
        if place:
            self.cache.fill(place, Line(piece.address & -LINE, outer=piece.memory.outer))
            first = piece.address // DOUBLEWORD
            self._filled = (piece.address & -LINE, first, start + read.latency)
        self._memory.bus_free = start + read.latency + 3 * self._beat + read.victim
        return self._late(clock, self._there(piece, start, read.latency))

    def _load_in_order(self, piece: Piece, control: Control, clock: Clock) -> None:
        """A load from a device, or from memory that is mapped like one."""
        clock.wait("write_buffer", self.write_buffer.empty_at)
        if piece.peripheral:
            clock.spend("device", self._figures["device.read"])
            return
        read = self._memory.read(piece.address, control, outer=piece.memory.outer)
        clock.wait("data", self._memory.bus_free)
        clock.spend("data", read.latency)
        self._memory.bus_free = clock.now + read.victim

    # ---- stores ------------------------------------------------------------------------------

    def _store(self, piece: Piece, control: Control, clock: Clock) -> None:
        """A store's part in one line."""
        clock.events[ACCESS] += 1
        if piece.memory.order is Order.STRONG:
            clock.events[EXTERNAL] += 1
            self._store_in_order(piece, clock)
            return
        if piece.memory.cacheable and control.sctlr & SCTLR_C:
            clock.events[CACHEABLE_ACCESS] += 1
            line = self.cache.find(piece.address)
            if line and piece.memory.write_back:
                line.dirty |= piece.halves
                return
            if line is None:
                clock.events[MISS] += 1
        clock.events[EXTERNAL] += 1
        self._buffer(piece, control, clock)

    def _store_in_order(self, piece: Piece, clock: Clock) -> None:
        clock.wait("write_buffer", self.write_buffer.empty_at)
        if piece.peripheral:
            clock.spend("device", self._figures["device.write"])
        else:
            clock.spend("write_buffer", self._figures["write_buffer.drain"])

    def _buffer(self, piece: Piece, control: Control, clock: Clock) -> None:
        """Each doubleword becomes an entry of the write buffer."""
        drain = self._figures["device.write" if piece.peripheral else "write_buffer.drain"]
        for _ in range(piece.doublewords):
            written = self._memory.write(piece.address, control, outer=piece.memory.outer)
            self.write_buffer.put(clock, piece.address, drain + written)


def _allowed(
    page: Page, fields: Iterable[int], access: Access, control: Control, *, privileged: bool
) -> bool:
    write = access.kind in {AccessKind.STORE, AccessKind.SWAP}
    return permits(page, control, fields, write=write, privileged=privileged and not access.user)


def _peripheral_words(access: Access, pages: list[Piece]) -> Iterator[tuple[int, int]]:
    """(physical address, value) of each word that a store writes to a peripheral."""
    for address, value in access.words:
        for page in pages:
            if page.peripheral and address % PAGE // 4 in range(
                page.address % PAGE // 4, (page.address + page.size - 1) % PAGE // 4 + 1
            ):
                yield page.address & -PAGE | address % PAGE, value
