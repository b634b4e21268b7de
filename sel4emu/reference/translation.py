# SPDX-License-Identifier: BSD-2-Clause
"""Table walks, TLBs, memory types and permissions (rule 8; ARM ARM B4, ARM1136 TRM 6).

Modelled: both table formats with subpages, in both byte orders; micro TLBs and the main TLB with
its lockable entries, every entry as it was walked until it is dropped; the cost of misses;
domains and permissions of data.
Not modelled: permissions of fetches (a refused one is reported from outside).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from sel4emu.reference.buffers import Memory
from sel4emu.reference.cache import ShiftRegister
from sel4emu.reference.operation import Figures
from sel4emu.reference.pipeline import Clock
from sel4emu.reference.records import (
    ACTLR_TR,
    SCTLR_EE,
    SCTLR_R,
    SCTLR_S,
    SCTLR_XP,
    WORD,
    Control,
    bits,
)

WordAt = Callable[[int], int | None]

FCSE_LIMIT: Final = 32 << 20
SMALL, LARGE, SECTION, SUPERSECTION = 1 << 12, 1 << 16, 1 << 20, 1 << 24
MAIN_SETS: Final = 32
MAIN_WAYS: Final = 2
LOCKABLE: Final = 8
MAIN_MISS: Final = 0x0F
MANAGER: Final = 3
CLIENT: Final = 1


class Order(Enum):
    """How strictly accesses are ordered."""

    NORMAL = auto()
    DEVICE = auto()
    STRONG = auto()


@dataclass(frozen=True, slots=True)
class MemoryType:
    """`cacheable`: L1 may keep it; `outer`: L2 may."""

    order: Order
    cacheable: bool = False
    write_back: bool = False
    outer: bool = False


STRONGLY_ORDERED: Final = MemoryType(Order.STRONG)
DEVICE: Final = MemoryType(Order.DEVICE)
#: Instructions with the MMU off.
UNTRANSLATED_CODE: Final = MemoryType(Order.NORMAL, cacheable=True)


def memory_type(tex: int, cb: int, *, shared: bool) -> MemoryType:
    """The type that TEX and C:B name; reserved ones are strongly ordered."""
    if tex & 4:
        return _normal(inner=cb, outer=tex & 3, shared=shared)
    if tex == 0 and cb >= 2:
        return _normal(inner=cb, outer=cb, shared=shared)
    if tex == 1 and cb in {0, 3}:
        return _normal(inner=cb, outer=cb, shared=shared)
    if (tex, cb) in {(0, 1), (2, 0)}:
        return DEVICE
    return STRONGLY_ORDERED


def _normal(*, inner: int, outer: int, shared: bool) -> MemoryType:
    """Normal memory; 2 is write-through, 1 and 3 are write-back, 0 is not cached."""
    cacheable = inner != 0 and not shared
    return MemoryType(Order.NORMAL, cacheable, cacheable and inner != 2, outer != 0)


@dataclass(frozen=True, slots=True)
class Page:
    """A mapping: `base` and `size` in modified virtual addresses.

    `accesses` are APX:AP of the whole, or of each quarter.
    """

    base: int
    size: int
    physical: int
    domain: int
    accesses: tuple[int, ...]
    memory: MemoryType
    asid: int | None  # None: global

    def covers(self, address: int) -> bool:
        return self.base == address & -self.size & WORD

    def matches(self, address: int, asid: int) -> bool:
        return self.covers(address) and self.asid in {None, asid}

    def accesses_of(self, address: int, size: int) -> tuple[int, ...]:
        """Of the quarters that `size` bytes from a modified virtual address lie in."""
        first = (address - self.base) * len(self.accesses) // self.size
        last = (address + size - 1 - self.base) * len(self.accesses) // self.size
        return self.accesses[first : last + 1]

    def physical_of(self, address: int) -> int:
        return self.physical | address & (self.size - 1)


def modified(address: int, control: Control) -> int:
    """The modified virtual address: the lowest 32 MB move to the process's slot."""
    return address | control.fcse if address < FCSE_LIMIT else address


@dataclass(frozen=True, slots=True)
class Walk:
    """What a walk read, in order, whether L2 may keep it, and the page it found."""

    reads: tuple[int, ...]
    outer: bool
    page: Page | None


def walk(address: int, control: Control, word_at: WordAt) -> Walk:
    """Read the tables for a modified virtual address; no page if the tables refuse it."""
    split = control.ttbcr & 7
    if split and address >> (32 - split):
        table, base = control.ttbr1, control.ttbr1 & ~0x3FFF
    else:
        table, base = control.ttbr0, control.ttbr0 & -(1 << (14 - split))
    outer = bits(table, 4, 3) != 0
    first_at = base | address >> 20 << 2
    first = _descriptor(first_at, control, word_at)
    if first is None or first & 3 in {0, 3}:
        return Walk((first_at,), outer, None)
    extended = bool(control.sctlr & SCTLR_XP)
    if first & 3 == 2:
        return Walk((first_at,), outer, _section(address, first, control.asid, extended=extended))
    second_at = first & ~0x3FF | bits(address, 19, 12) << 2
    second = _descriptor(second_at, control, word_at)
    page = None
    if second is not None and second & 3:
        domain = bits(first, 8, 5)
        page = _page(address, second, domain, control.asid, extended=extended)
    return Walk((first_at, second_at), outer, page)


def _descriptor(at: int, control: Control, word_at: WordAt) -> int | None:
    word = word_at(at)
    if word is None or not control.sctlr & SCTLR_EE:
        return word
    return int.from_bytes(word.to_bytes(4, "little"), "big")


def _section(address: int, word: int, asid: int, *, extended: bool) -> Page:
    size = SUPERSECTION if word >> 18 & 1 else SECTION
    shared = extended and bool(word >> 16 & 1)
    local = extended and bool(word >> 17 & 1)
    return Page(
        base=address & -size & WORD,
        size=size,
        physical=word & -size & WORD,
        domain=bits(word, 8, 5) if size == SECTION else 0,
        accesses=((word >> 13 & 4 if extended else 0) | bits(word, 11, 10),),
        memory=memory_type(bits(word, 14, 12), bits(word, 3, 2), shared=shared),
        asid=asid if local else None,
    )


def _page(address: int, word: int, domain: int, asid: int, *, extended: bool) -> Page:
    """A large or small page; without XP it has four subpages, but where it is extended."""
    large = word & 3 == 1
    size = LARGE if large else SMALL
    tex = bits(word, 14, 12) if large else bits(word, 8, 6)
    if not extended and word & 3 == 2:
        tex = 0
    local, shared = bool(word >> 11 & 1), bool(word >> 10 & 1)
    return Page(
        base=address & -size & WORD,
        size=size,
        physical=word & -size & WORD,
        domain=domain,
        accesses=_access_fields(word, extended=extended),
        memory=memory_type(tex, bits(word, 3, 2), shared=extended and shared),
        asid=asid if extended and local else None,
    )


def permits(
    page: Page, control: Control, accesses: Iterable[int], *, write: bool, privileged: bool
) -> bool:
    """Whether domain and permissions let data be accessed (ARM ARM B4.3).

    `accesses` are those of the page's APX:AP that hold for the data.
    """
    domain = control.dacr >> 2 * page.domain & 3
    if domain != CLIENT:
        return domain == MANAGER
    return all(
        _field_permits(access, control, write=write, privileged=privileged) for access in accesses
    )


def _field_permits(access: int, control: Control, *, write: bool, privileged: bool) -> bool:
    if access == 0:
        return _system_rom_bits(control, write=write, privileged=privileged)
    if access in {4, 7} or (access in {5, 6} and write):
        return False
    if privileged:
        return True
    return access in {3, 6} or (access == 2 and not write)


def _system_rom_bits(control: Control, *, write: bool, privileged: bool) -> bool:
    """APX:AP of zero: SCTLR.S lets privileged code read, SCTLR.R everybody."""
    s, r = bool(control.sctlr & SCTLR_S), bool(control.sctlr & SCTLR_R)
    return not write and s != r and (privileged or r)


def _access_fields(word: int, *, extended: bool) -> tuple[int, ...]:
    """The AP fields of a page."""
    if extended:
        return (word >> 7 & 4 | bits(word, 5, 4),)
    if word & 3 == 3:
        return (bits(word, 5, 4),)
    return tuple(word >> at & 3 for at in (4, 6, 8, 10))


class MicroTlb:
    """Fully associative, for pages of every size."""

    def __init__(self, entries: int) -> None:
        self._pages: list[Page | None] = [None] * entries
        self._turn = 0
        self._chance = ShiftRegister()

    def find(self, address: int, asid: int) -> Page | None:
        return next((page for page in self._pages if page and page.matches(address, asid)), None)

    def enter(self, page: Page, *, by_chance: bool) -> None:
        if None in self._pages:
            self._pages[self._pages.index(None)] = page
            return
        if by_chance:
            place = self._chance.step() % len(self._pages)
        else:
            place = self._turn
            self._turn = (self._turn + 1) % len(self._pages)
        self._pages[place] = page

    def clear(self) -> None:
        self._pages = [None] * len(self._pages)


class MainTlb:
    """Two ways of 32 sets, and eight entries for locking.

    Pages of every size lie in the set of the address that was looked up.
    """

    def __init__(self) -> None:
        self._sets: list[list[Page | None]] = [[None] * MAIN_WAYS for _ in range(MAIN_SETS)]
        self._turns = [0] * MAIN_SETS
        self._lockable: list[Page | None] = [None] * LOCKABLE

    def find(self, address: int, asid: int) -> Page | None:
        places = (*self._sets[bits(address, 16, 12)], *self._lockable)
        return next((page for page in places if page and page.matches(address, asid)), None)

    def enter(self, address: int, page: Page) -> None:
        index = bits(address, 16, 12)
        ways = self._sets[index]
        if None in ways:
            ways[ways.index(None)] = page
            return
        turn = self._turns[index]
        ways[turn] = page
        self._turns[index] = (turn + 1) % MAIN_WAYS

    def lock(self, number: int, page: Page) -> None:
        """Put a page into a lockable entry."""
        self._lockable[number] = page

    def clear(self) -> None:
        """All but the lockable entries go."""
        for ways in self._sets:
            ways[:] = [None] * MAIN_WAYS

    def drop(self, goes: Callable[[Page], bool]) -> None:
        """Every entry, lockable or not, for whose page `goes` holds."""
        for places in (*self._sets, self._lockable):
            places[:] = [None if page and goes(page) else page for page in places]

    def drop_address(self, operand: int) -> None:
        """By MVA[31:12] and ASID[7:0]."""
        self.drop(lambda page: page.matches(operand, operand & 0xFF))

    def drop_asid(self, asid: int) -> None:
        """What belongs to an address space; global pages stay."""
        self.drop(lambda page: page.asid == asid)


class Translator:
    """One side's way from virtual to physical addresses; both share the main TLB."""

    def __init__(self, figures: Figures, main: MainTlb, memory: Memory, word_at: WordAt) -> None:
        self.micro = MicroTlb(figures["tlb.micro_entries"])
        self._refill = figures["tlb.micro_refill"]
        self._main = main
        self._memory = memory
        self._word_at = word_at

    def find(
        self, address: int, control: Control, clock: Clock, lockdown: "Lockdown", event: int
    ) -> Page | None:
        """The page of a virtual address, the MMU being on; None if the tables refuse it."""
        target = modified(address, control)
        page = self.micro.find(target, control.asid)
        if page:
            return page
        clock.events[event] += 1
        clock.spend("tlb", self._refill)
        page = self._main.find(target, control.asid) or self._walk(target, control, clock, lockdown)
        if page:
            self.micro.enter(page, by_chance=bool(control.actlr & ACTLR_TR))
        return page

    def _walk(
        self, target: int, control: Control, clock: Clock, lockdown: "Lockdown"
    ) -> Page | None:
        clock.events[MAIN_MISS] += 1
        found = walk(target, control, self._word_at)
        for address in found.reads:
            read = self._memory.read(address, control, outer=found.outer)
            clock.wait("tlb", self._memory.bus_free)
            clock.spend("tlb", read.latency)
            self._memory.bus_free = clock.now + read.victim
        if found.page:
            if lockdown.preserve:
                self._main.lock(lockdown.take(), found.page)
            else:
                self._main.enter(target, found.page)
        return found.page


class Lockdown:
    """The TLB lockdown register, which each walk that it directs moves on."""

    def __init__(self) -> None:
        self.preserve = False
        self._victim = 0

    def load(self, register: int) -> None:
        """Take the register over as it is before an instruction."""
        self.preserve = bool(register & 1)
        self._victim = bits(register, 28, 26)

    def take(self) -> int:
        """The lockable entry to be filled; the next one follows."""
        victim = self._victim
        self._victim = (victim + 1) % LOCKABLE
        return victim
