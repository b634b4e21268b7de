# SPDX-License-Identifier: BSD-2-Clause
"""What each step of the MMU torture test must do, from the architecture manual in plain Python.

The tables are read by `sel4emu.mmu`, which knows no TLB; the main TLB is here: sets of two entries
by the address that missed, eight lockable ones, each as it was walked until it is dropped. Which
entry goes when a third wants into a set is not modelled, nor what the micro TLBs hold, where the
entry of a large page serves addresses that belong to other sets. Where that could matter,
`Unsettled` tells the generator to take another step instead.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from sel4emu.mmu import (
    Mapping,
    TranslationControl,
    TranslationFault,
    find_mapping,
    physical_address,
)
from tests.random import mmu_program as layout
from tests.random.mmu_program import Step, Stub, program

WORD: Final = 0xFFFF_FFFF
SETS: Final = 32
WAYS: Final = 2
LOCKABLE: Final = 8
#: Lockable entries of the program itself.
FIXED_ENTRIES: Final = 2
SUBPAGE: Final = 0x400
SCTLR_A: Final = 1 << 1
FS_ALIGNMENT: Final = 0b00001
FS_EXTERNAL: Final = 0b01000
_MIX: Final = 0x9E37_79B1
_SVC_ARM: Final = 0xEF00_0000
_SVC_THUMB: Final = 0xDF00_DF00
_THUMB: Final = 1 << 5
_MODE: Final = 0x1F
_USER: Final = 0x10


def pool_word(address: int) -> int:
    """What a word of the pool holds at first."""
    if address & 0x3FF == layout.SVC_ARM:
        return _SVC_ARM
    if address & 0x3FF == layout.SVC_THUMB:
        return _SVC_THUMB
    return (address * _MIX ^ address >> 7) & WORD


class Unsettled(Exception):
    """The architecture, or our TLB's choice of a victim, leaves open what a step does."""


class Fault(Exception):
    """An access is refused, with this status and modified virtual address."""

    def __init__(self, status: int, address: int) -> None:
        super().__init__(f"status 0x{status:x} at 0x{address:08x}")
        self.status = status
        self.address = address


@dataclass(frozen=True, slots=True)
class Entry:
    """A TLB entry."""

    mapping: Mapping
    asid: int
    #: Nothing else could have served when it was walked for, so it surely was.
    sure: bool = True

    def matches(self, address: int, asid: int) -> bool:
        """Whether it translates a modified virtual address."""
        return self.covers(address) and (self.mapping.is_global or self.asid == asid)

    def covers(self, address: int) -> bool:
        """Likewise, in any address space."""
        return address & -self.mapping.size == self.mapping.virtual


@dataclass(slots=True)
class Tlb:
    """The main TLB."""

    sets: list[list[Entry]] = field(default_factory=lambda: [[] for _ in range(SETS)])
    locked: dict[int, Entry] = field(default_factory=dict)
    preserve: bool = False
    victim: int = 0

    def find(self, address: int, asid: int) -> tuple[Entry | None, Entry | None]:
        """The entry for an address, and one of another set that a micro TLB could have.

        Unsettled if they are not the same.
        """
        here = (*self.sets[address >> 12 & SETS - 1], *self.locked.values())
        own = [entry for entry in here if entry.matches(address, asid)]
        other = [e for ways in self.sets for e in ways if e.matches(address, asid)]
        if len({entry.mapping for entry in (*own, *other)}) > 1:
            raise Unsettled
        return own[0] if own else None, other[0] if other else None

    def enter(self, address: int, entry: Entry) -> None:
        """Keep the result of a walk."""
        if self.preserve:
            if self.victim < FIXED_ENTRIES or self.victim in self.locked:
                raise Unsettled  # what was there may live on in a micro TLB
            self.locked[self.victim] = entry
            self.victim = (self.victim + 1) % LOCKABLE
            return
        ways = self.sets[address >> 12 & SETS - 1]
        if len(ways) == WAYS:
            raise Unsettled
        ways.append(entry)

    def drop(self, operation: str, operand: int) -> None:
        """An operation of c8."""
        if operation.startswith("flush_all"):
            self.sets = [[] for _ in range(SETS)]
            return
        asid = operand & 0xFF
        for ways in self.sets:
            ways[:] = [entry for entry in ways if not _goes(entry, operation, operand, asid)]
        self.locked = {
            n: entry
            for n, entry in self.locked.items()
            if not _goes(entry, operation, operand, asid)
        }

    def copy(self) -> "Tlb":
        """One that changes apart from this one."""
        twin = copy.copy(self)
        twin.sets = [list(ways) for ways in self.sets]
        twin.locked = dict(self.locked)
        return twin


def _goes(entry: Entry, operation: str, operand: int, asid: int) -> bool:
    if operation.startswith("flush_asid"):
        return not entry.mapping.is_global and entry.asid == asid
    return entry.matches(operand & ~0xFFF, asid)


@dataclass(frozen=True, slots=True)
class Record:
    """What a step leaves in the log; a register that may hold anything is None."""

    registers: tuple[int | None, ...]
    spsr: int
    way: int
    dfsr: int
    far: int
    ifsr: int
    lr: int

    @property
    def words(self) -> tuple[int | None, ...]:
        """As they stand in the log."""
        return (
            *self.registers, self.spsr, self.way, self.dfsr, self.far, self.ifsr, self.lr
        )  # fmt: skip


def _initial_control() -> TranslationControl:
    first, _, upper = layout.FIRST_LEVEL
    return TranslationControl(layout.SCTLR, first, upper, 0, 1 << 30)


class Oracle:
    """The machine as a step finds it."""

    def __init__(self, tables: dict[int, int], rom: bytes) -> None:
        """`tables`: words of the tables that are not zero; `rom`: what lies at address 0."""
        self.memory = dict(tables)
        self.written: set[int] = set()
        #: Words that an aborted store may have written, with what it would have.
        self.uncertain: dict[int, set[int]] = {}
        self._rom = rom
        self.control = _initial_control()
        self.asid = 0
        self.dfsr = self.far = self.ifsr = 0
        self.tlb = Tlb()
        for number, address in enumerate((layout.FIXED, layout.WINDOW)):
            mapping = find_mapping(self.control, self.read, address)
            self.tlb.locked[number] = Entry(mapping, 0)

    # Memory ---------------------------------------------------------------------------------

    def read(self, address: int) -> int | None:
        """A word of physical memory, or None where there is none."""
        if address in self.memory:
            return self.memory[address]
        if layout.POOL <= address < layout.POOL + layout.POOL_BYTES:
            return pool_word(address)
        if address + 4 <= len(self._rom):
            return int.from_bytes(self._rom[address : address + 4], "little")
        return 0 if layout.RAM <= address < layout.RAM + (2 << 20) else None

    def _read_bytes(self, places: list[int]) -> int:
        value = 0
        for n, place in enumerate(places):
            word = self.read(place & ~3)
            assert word is not None
            if place & ~3 in self.uncertain:
                raise Unsettled
            value |= (word >> 8 * (place & 3) & 0xFF) << 8 * n
        return value

    def _write_bytes(self, places: list[int], value: int) -> None:
        for n, place in enumerate(places):
            at, shift = place & ~3, 8 * (place & 3)
            word = self.read(at)
            assert word is not None
            self.memory[at] = word & ~(0xFF << shift) | (value >> 8 * n & 0xFF) << shift
            self.written.add(at)
            if at in self.uncertain:
                raise Unsettled

    # Translation ----------------------------------------------------------------------------

    def _translate(self, virtual: int, kind: str, privileged: bool) -> int:
        control = self.control
        address = control.modified(virtual)
        write = (kind == "w") << 11
        try:
            entry = self._look_up(virtual, address)
            physical = physical_address(control, entry.mapping, address, kind, privileged)
        except TranslationFault as fault:
            domain = 0 if kind == "x" else fault.domain << 4
            raise Fault(fault.status | domain | write, address) from fault
        missing = self.read(physical & ~3) is None
        if missing or (kind == "w" and physical < len(self._rom)):
            domain = 0 if kind == "x" else entry.mapping.domain << 4
            raise Fault(FS_EXTERNAL | domain | write, address)
        return physical

    def _look_up(self, virtual: int, address: int) -> Entry:
        entry, other = self.tlb.find(address, self.asid)
        if entry is not None and entry.sure:
            return entry
        known = entry or other
        if known is not None and self.tlb.preserve:
            raise Unsettled  # a walk would lock an entry
        try:
            mapping = find_mapping(self.control, self._descriptor, virtual)
        except TranslationFault:
            if known is not None:
                raise Unsettled from None
            raise
        if known is not None and known.mapping != mapping:
            raise Unsettled
        if entry is None:
            entry = Entry(mapping, self.asid, sure=other is None)
            self.tlb.enter(address, entry)
        return entry

    def _descriptor(self, address: int) -> int | None:
        if address in self.uncertain:
            raise Unsettled
        return self.read(address)

    def _places(self, start: int, size: int, kind: str, privileged: bool) -> list[int]:
        """Where the bytes of one element lie; every part of it is checked."""
        places: list[int] = []
        for part in _parts(start, size):
            physical = self._translate(part.start, kind, privileged)
            ours = layout.RAM <= physical < layout.POOL
            if ours and not layout.WINDOW <= start < layout.FIXED:
                raise Unsettled  # the test's own memory, by a table that lies askew
            places.extend(range(physical, physical + len(part)))
        return places

    # Steps ----------------------------------------------------------------------------------

    def execute(self, step: Step) -> Record:
        """Do a step; if it is Unsettled, nothing has changed."""
        saved = (
            self.tlb.copy(), self.control, self.asid, dict(self.memory), set(self.written),
            dict(self.uncertain),
        )  # fmt: skip
        try:
            return self._execute(step)
        except Unsettled:
            (
                self.tlb, self.control, self.asid, self.memory, self.written, self.uncertain
            ) = saved  # fmt: skip
            raise

    def _execute(self, step: Step) -> Record:
        if step.what is None:
            return self._fetch(step)
        if isinstance(step.what, str):
            self._write_control(step.what, step.registers[0])
            return self._record(step, step.registers, layout.SVC, _end(step))
        return self._access(step, step.what)

    def _record(self, step: Step, registers: tuple[int | None, ...], way: int, lr: int) -> Record:
        return Record(registers, step.cpsr, way, self.dfsr, self.far, self.ifsr, lr)

    def _write_control(self, name: str, value: int) -> None:
        if name.startswith("flush"):
            self.tlb.drop(name, value)
        elif name == "lockdown":
            self.tlb.preserve, self.tlb.victim = bool(value & 1), value >> 26 & 7
        elif name == "context":
            self.asid = value & 0xFF
        else:
            self.control = replace(self.control, **{name: value})

    def _fetch(self, step: Step) -> Record:
        privileged = step.cpsr & _MODE != _USER
        try:
            physical = self._translate(step.address & ~1, "x", privileged)
        except Fault as fault:
            self.ifsr = fault.status
            lr = step.address + 4 & WORD
            return self._record(step, step.registers, layout.PREFETCH_ABORT, lr)
        expected = layout.SVC_THUMB if step.cpsr & _THUMB else layout.SVC_ARM
        if physical & 0x3FF != expected or self.read(physical) not in (_SVC_ARM, _SVC_THUMB):
            raise Unsettled  # it would execute anything
        size = 2 if step.cpsr & _THUMB else 4
        return self._record(step, step.registers, layout.SVC, step.address + size & WORD)

    def _access(self, step: Step, stub: Stub) -> Record:
        start = step.registers[1] + stub.offset & WORD
        if start + stub.size * stub.count > WORD:
            raise Unsettled
        try:
            self._check_alignment(stub, start)
            loaded = self._transfer(step, stub, start)
        except Fault as fault:
            self.dfsr, self.far = fault.status, fault.address
            kept = self._kept(step, stub)
            return self._record(step, kept, layout.DATA_ABORT, _at(step) + 8)
        registers: list[int | None] = list(step.registers)
        if stub.kept[0] != 1:
            registers[stub.kept[0]] = step.registers[1] + stub.kept[1] & WORD
        registers[1] = step.registers[1] + stub.moves & WORD
        for register, value in zip(stub.loads, loaded, strict=True):
            registers[register] = value
        return self._record(step, tuple(registers), layout.SVC, _end(step))

    def _kept(self, step: Step, stub: Stub) -> tuple[int | None, ...]:
        """The registers at an abort: those of the list may have been loaded, the base not."""
        registers: list[int | None] = list(step.registers)
        for register in stub.loads:
            registers[register] = None if stub.count > 1 else step.registers[register]
        registers[stub.kept[0]] = step.registers[1] + stub.kept[1] & WORD
        return tuple(registers)

    def _check_alignment(self, stub: Stub, start: int) -> None:
        strict = self.control.sctlr & SCTLR_A
        unit = stub.strict if strict else 4 if stub.words else 1
        if start % unit:
            status = FS_ALIGNMENT | (stub.way == "w") << 11
            raise Fault(status, self.control.modified(start))

    def _transfer(self, step: Step, stub: Stub, start: int) -> list[int]:
        privileged = step.cpsr & _MODE != _USER and not stub.user
        loaded = []
        done: list[tuple[list[int], int]] = []
        try:
            for n in range(stub.count):
                at = start + n * stub.size
                if stub.way != "w":
                    places = self._places(at, stub.size, "r", privileged)
                    loaded.append(self._extended(self._read_bytes(places), stub))
                if stub.way != "r":
                    places = self._places(at, stub.size, "w", privileged)
                    done.append((places, step.registers[stub.stores[n]]))
        except Fault:
            self._note_uncertain(done)
            raise
        for places, value in done:
            self._write_bytes(places, value)
        return loaded

    def _note_uncertain(self, done: list[tuple[list[int], int]]) -> None:
        for places, value in done:
            self.uncertain.setdefault(places[0], set()).add(value)

    def _extended(self, value: int, stub: Stub) -> int:
        if stub.signed and value >> (8 * stub.size - 1):
            return value - (1 << 8 * stub.size) & WORD
        return value


def _parts(start: int, size: int) -> Iterator[range]:
    """The parts of a range that lie in one kilobyte each."""
    end = start + size
    while start < end:
        border = min(end, (start | SUBPAGE - 1) + 1)
        yield range(start, border)
        start = border


def _at(step: Step) -> int:
    return program().labels[f"at_{step.label}"]


def _end(step: Step) -> int:
    return program().labels[f"end_{step.label}"]
