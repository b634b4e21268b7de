# SPDX-License-Identifier: BSD-2-Clause
"""A bench for the processor: bare programs in RAM, vectors in the ROM, page tables by hand."""

from collections.abc import Callable, Mapping
from typing import Final

import pytest

from sel4emu.asm import assemble
from sel4emu.console import BytesInput, Console
from sel4emu.machine import Machine
from sel4emu.revision import DEFAULT_REVISION
from sel4emu.stop import Stop, StopReason

RAM: Final = 0x8000_0000
TABLE: Final = 0x8010_0000
PAGE_TABLES: Final = 0x8011_0000
VECTORS: Final = {"und": 1, "svc": 2, "pabt": 3, "dabt": 4, "irq": 6, "fiq": 7}
_LOAD_PC: Final = 0xE59F_F018  # ldr pc, [pc, #24]

MMU_ON: Final = f"""
    ldr r0, ={TABLE}
    mcr p15, 0, r0, c2, c0, 0
    ldr r0, =0x55555555
    mcr p15, 0, r0, c3, c0, 0
    mrc p15, 0, r0, c1, c0, 0
    orr r0, r0, #0xC00000        @ XP, and U: unaligned accesses
    orr r0, r0, #1
    mcr p15, 0, r0, c1, c0, 0
"""


class PageTables:
    """First-level table at TABLE, second-level tables behind it, in the ARMv6 format."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._next = PAGE_TABLES
        self._second: dict[tuple[int, int], int] = {}

    def put(self, address: int, word: int) -> None:
        """Write a descriptor."""
        self._machine.write_physical(address, word.to_bytes(4, "little"))

    def section(
        self, virtual: int, physical: int, attributes: int = 0xC00, table: int = TABLE
    ) -> int:
        """Map 1 MB; returns the descriptor's address. Attributes: AP at 11-10, nG bit 17."""
        where = table + (virtual >> 20 << 2)
        self.put(where, physical & 0xFFF0_0000 | attributes | 2)
        return where

    def page(
        self,
        virtual: int,
        physical: int,
        attributes: int = 0x30,
        *,
        domain: int = 0,
        table: int = TABLE,
    ) -> int:
        """Map 4 KB; returns the descriptor's address. Attributes: AP at 5-4, nG 11, XN 0."""
        key = (table, virtual >> 20)
        if key not in self._second:
            self._second[key] = self._next
            self.put(table + (virtual >> 20 << 2), self._next | domain << 5 | 1)
            self._next += 0x400
        where = self._second[key] + (virtual >> 12 & 0xFF) * 4
        self.put(where, physical & 0xFFFF_F000 | attributes | 2)
        return where

    def hole(self, virtual: int, *, domain: int = 0) -> int:
        """A page table with nothing for this page; returns the descriptor's address."""
        where = self.page(virtual, 0, domain=domain)
        self.put(where, 0)
        return where

    def identity(self) -> None:
        """The ROM, the devices and the first 16 MB of RAM at their own addresses."""
        for virtual in (0, *range(RAM, RAM + (16 << 20), 1 << 20)):
            self.section(virtual, virtual)
        for virtual in (0x43F0_0000, 0x53F0_0000, 0x6800_0000):
            self.section(virtual, virtual)


class Bare:
    """A machine with one bare program."""

    def __init__(self, level: str, typed: bytes = b"", revision: str = DEFAULT_REVISION) -> None:
        self.level = level
        console = Console(BytesInput(typed))
        self.machine = Machine.from_board(timing=level, console=console, cpu_revision=revision)
        self.tables = PageTables(self.machine)

    def load(
        self,
        source: str,
        *,
        address: int = RAM,
        constants: Mapping[str, int] | None = None,
        handlers: Mapping[str, str] | None = None,
        **vectors: str,
    ) -> Mapping[str, int]:
        """Assemble to `address`, start there; `vectors` are labels by exception ("svc").

        `handlers` are more of them, as a dictionary.
        """
        if "literals:" not in source:
            source = f"{source}\nliterals:\n.ltorg\n"
        assembly = assemble(source, address, constants)
        machine = self.machine
        machine.write_physical(address, assembly.code)
        machine.symbols.update(assembly.labels)
        for name, label in (vectors | dict(handlers or {})).items():
            number = VECTORS[name]
            machine.write_physical(4 * number, _LOAD_PC.to_bytes(4, "little"))
            target = assembly.labels[label].to_bytes(4, "little")
            machine.write_physical(0x20 + 4 * number, target)
        machine.registers["pc"] = address
        return assembly.labels

    def go(self, until: str = "done", cycles: int = 100_000) -> Stop:
        """Run to a label, which must be reached."""
        stop = self.machine.run(until, cycles=cycles)
        assert stop.reason is StopReason.ADDRESS, (stop, hex(self["pc"]))
        return stop

    def run(self, source: str, **vectors: str) -> "Bare":
        """Load a program and run it to its label `done`."""
        self.load(source, handlers=vectors)
        self.go()
        return self

    def __getitem__(self, name: str) -> int:
        return self.machine.registers[name]

    def __setitem__(self, name: str, value: int) -> None:
        self.machine.registers[name] = value

    def word(self, address: int) -> int:
        """A word of physical memory."""
        return int.from_bytes(self.machine.read_physical(address, 4), "little")

    def put(self, address: int, *words: int) -> None:
        """Write words of physical memory."""
        data = b"".join(word.to_bytes(4, "little") for word in words)
        self.machine.write_physical(address, data)


@pytest.fixture(params=["full", "off"])
def bare(request: pytest.FixtureRequest) -> Bare:
    """A bench at each level of timing."""
    return Bare(request.param)


@pytest.fixture
def counting() -> Bare:
    """A bench whose cycles are instructions."""
    return Bare("off")


@pytest.fixture
def make_bare() -> Callable[[str], Bare]:
    """Benches as many as a test likes."""
    return Bare


@pytest.fixture
def mmu_on() -> str:
    """Assembly that turns the MMU on with the bench's page tables; spoils r0."""
    return MMU_ON
