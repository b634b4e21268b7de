# SPDX-License-Identifier: BSD-2-Clause
"""Random tables, registers, flushes and accesses, run on the machine and held against an oracle.

MMU_STEPS sets another number of steps than the usual one, MMU_FIRST another first seed.
"""

import os
from typing import Final

import numpy as np
import pytest

from sel4emu.machine import Machine
from sel4emu.stop import StopReason
from tests.random import mmu_program as layout
from tests.random.mmu_generator import Generator, Torture
from tests.random.mmu_oracle import Record, pool_word
from tests.random.mmu_program import RECORD_WORDS, Step, list_image, program

FIRST: Final = int(os.environ.get("MMU_FIRST", "0"))
STEPS: Final = int(os.environ.get("MMU_STEPS", "9000"))
CYCLES_MAX: Final = 20_000_000
PARTS: Final = 4


def _pool() -> "np.ndarray[tuple[int], np.dtype[np.uint32]]":
    """What the pool holds at first."""
    one = 0x400
    addresses = np.arange(layout.POOL, layout.POOL + layout.POOL_BYTES, 4, dtype=np.uint64)
    words = (addresses * 0x9E37_79B1 ^ addresses >> 7).astype(np.uint32)
    for offset in (layout.SVC_ARM, layout.SVC_THUMB):
        words[offset // 4 :: one // 4] = pool_word(layout.POOL + offset)
    return words


class Bench:
    """One machine for all programs of a level."""

    def __init__(self, level: str) -> None:
        self.machine = Machine.from_board(timing=level)
        self._code = program()
        self._ram = self.machine.bus.require_memory(layout.RAM, 4)
        self._words = self._ram.data.view(np.uint32)
        self.pool = self._words[self._index(layout.POOL) :][: layout.POOL_BYTES // 4]
        self.pool[:] = _pool()
        rom = self.machine.bus.require_memory(layout.ROM, 4)
        self.rom = self.machine.read_physical(layout.ROM, rom.size)
        self.machine.write_physical(self._physical(layout.CODE), self._code.code)
        self.machine.registers["pc"] = self._physical(self._code.labels[layout.ENTRY])

    def _physical(self, address: int) -> int:
        return address - layout.FIXED + layout.RAM

    def _index(self, address: int) -> int:
        return (address - self._ram.base) // 4

    def run(self, torture: Torture) -> None:
        """Run a program to its end."""
        machine = self.machine
        window = self._words[self._index(layout.TABLES) :][: 1 << 18]
        window[:] = 0
        for address, word in torture.tables.items():
            window[(address - layout.TABLES) // 4] = word
        machine.write_physical(self._physical(layout.LIST), list_image(torture.steps))
        machine.cpu.state[0]["tlb_attributes"] = 0
        machine.cpu.invalidate_tlb()
        if machine.registers["pc"] >= layout.FIXED:
            machine.registers["pc"] = self._code.labels[layout.ENTRY]
        stop = machine.run(self._code.labels[layout.END], cycles=CYCLES_MAX)
        assert stop.reason is StopReason.ADDRESS, (stop, hex(machine.registers["pc"]))

    def records(self, count: int) -> list[tuple[int, ...]]:
        """The log."""
        first = self._index(self._physical(layout.LOG))
        words = self._words[first : first + count * RECORD_WORDS].reshape(count, -1)
        return [tuple(row) for row in words.tolist()]

    def word(self, address: int) -> int:
        """A word of RAM."""
        return int(self._words[self._index(address)])

    def restore(self, addresses: set[int]) -> None:
        """Put the pool's first contents back where a program has written."""
        for address in addresses:
            if address >= layout.POOL:
                self._words[self._index(address)] = pool_word(address)
                self.machine.cpu.memory_changed(address, 4)


def describe(step: Step, expected: Record, found: tuple[int, ...]) -> str:
    """A step and what differs."""
    name = step.what if isinstance(step.what, str) else getattr(step.what, "text", "fetch")
    names = [*(f"r{n}" for n in range(8)), "spsr", "way", "dfsr", "far", "ifsr", "lr"]
    wrong = [
        f"{what}: expected {value:#x}, found {got:#x}"
        for what, value, got in zip(names, expected.words, found, strict=True)
        if value is not None and value != got
    ]
    at = step.address or step.registers[1]
    return f"{name} at {at:#x} under {step.cpsr:#x}, r0 {step.registers[0]:#x}: {'; '.join(wrong)}"


def differences(bench: Bench, torture: Torture) -> list[str]:
    """Every step that did something else than it must, and every word of memory that is wrong."""
    bench.run(torture)
    found = bench.records(len(torture.steps))
    lines = [
        f"step {n}: {describe(step, expected, got)}"
        for n, (step, expected, got) in enumerate(
            zip(torture.steps, torture.records, found, strict=True)
        )
        if any(a not in (None, b) for a, b in zip(expected.words, got, strict=True))
    ]
    oracle = torture.oracle
    touched = oracle.written | set(oracle.uncertain)
    for address in touched:
        allowed = {oracle.read(address), *oracle.uncertain.get(address, ())}
        if bench.word(address) not in allowed:
            lines.append(f"word at {address:#x}: {bench.word(address):#x} not in {allowed}")
    bench.restore(touched)
    return lines


@pytest.fixture(scope="module", params=["full", "off"])
def bench(request: pytest.FixtureRequest) -> Bench:
    """A machine at each level of timing."""
    return Bench(request.param)


@pytest.mark.parametrize("part", range(PARTS))
def test_mmu_torture(bench: Bench, part: int) -> None:
    """Every register, fault register, link register and word is what the architecture says."""
    for seed in range(FIRST + part, FIRST + STEPS // layout.STEPS, PARTS):
        torture = Generator(seed, bench.rom).generate(layout.STEPS)
        wrong = differences(bench, torture)
        assert not wrong, (seed, wrong[:5])


def test_nothing_else_is_written(bench: Bench) -> None:
    """After the programs, and with what they wrote put back, the pool is what it was."""
    assert (bench.pool == _pool()).all()
