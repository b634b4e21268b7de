# SPDX-License-Identifier: BSD-2-Clause
"""Programs that are timed: they do what they are said to do, and count their turns."""

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.programs import (
    COPY_ADDRESS,
    COPY_BYTES,
    DATA_ADDRESS,
    LINE_BYTES,
    PROGRAMS,
    SORT_WORDS,
    TURNS_ADDRESS,
    Program,
    chain,
    load,
)
from benchmarks.runners import MachineRunner, PlainRunner, program_machine
from sel4emu.machine import Machine


def named(name: str) -> Program:
    """One of the programs."""
    return next(program for program in PROGRAMS if program.name == name)


def words(machine: Machine, address: int, count: int) -> NDArray[np.uint32]:
    """Words of memory."""
    return np.frombuffer(machine.read_physical(address, 4 * count), np.uint32)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_turns_are_counted(program: Program) -> None:
    """A program runs on for ever on the board, and counts its turns where it says."""
    machine = program_machine(program, "off")
    turns = []
    for _ in range(2):
        machine.run(cycles=400_000)
        if program.image is None:
            turns.append(machine.registers["r10"])
        else:
            turns.append(int(words(machine, TURNS_ADDRESS, 1)[0]))
    assert 0 < turns[0] < turns[1]


@pytest.mark.parametrize("name", ["sort", "integer", "chase-16k"])
def test_plain_unicorn_turns_alike(name: str) -> None:
    """The programs are the same on plain Unicorn, with its MMU off and on: turns are counted."""
    for mmu in (False, True):
        assert PlainRunner(named(name), mmu=mmu).sample(0.05).turns > 0


def test_sort_sorts() -> None:
    """Behind each turn the words are in order, and they are many different ones."""
    program = named("sort")
    machine = program_machine(program, "off")
    machine.run(until=load(program, l2=True).labels["again"], cycles=1_000_000)
    machine.run(until=load(program, l2=True).labels["again"], cycles=1_000_000)
    numbers = words(machine, DATA_ADDRESS, SORT_WORDS).astype(np.int64)
    assert (np.diff(numbers) >= 0).all()
    assert len(set(numbers.tolist())) > SORT_WORDS // 2


def test_copy_copies() -> None:
    """After the first round the second megabyte is the first."""
    machine = program_machine(named("block-copy"), "off")
    pattern = np.random.default_rng(0).bytes(COPY_BYTES)
    machine.write_physical(DATA_ADDRESS, pattern)
    machine.run(cycles=COPY_BYTES // 32 * 5 + 100)
    assert machine.read_physical(COPY_ADDRESS, COPY_BYTES) == pattern


@pytest.mark.parametrize(("size", "span"), [(1024, 1024), (1 << 16, 4096), (1 << 16, 1 << 16)])
def test_chain_is_one_cycle(size: int, span: int) -> None:
    """A chase comes through every line once, span by span, and back to where it began."""
    ((address, data),) = chain(size, span).items()
    memory = np.frombuffer(data, np.uint32)
    place = address
    seen: list[int] = []
    spans: list[int] = []
    for _ in range(size // LINE_BYTES):
        seen.append(place)
        if not spans or spans[-1] != place // span:
            spans.append(place // span)
        place = int(memory[(place - address) // 4])
    assert place == address
    assert sorted(seen) == list(range(address, address + size, LINE_BYTES))
    assert len(spans) <= size // span + 1


def test_compiled_program_is_deterministic() -> None:
    """The C program computes the same on two machines, and something that changes by turns."""
    program = named("integer")
    results = []
    for _ in range(2):
        machine = program_machine(program, "off")
        again = load(program, l2=True).labels["again"]
        machine.run(until=again, cycles=1_000_000)
        values = []
        for _ in range(3):
            machine.run(until=again, cycles=1_000_000)
            values.append(machine.registers["r0"])
        results.append(values)
    assert results[0] == results[1]
    assert len(set(results[0])) == 3


def test_machine_sample_counts() -> None:
    """A sample has what happened in it, in the CPU time that it took."""
    runner = MachineRunner(program_machine(named("load-store"), "off"))
    before = runner.machine.counters["instructions"]
    sample = runner.sample(0.02)
    assert sample.instructions == runner.machine.counters["instructions"] - before > 0
    assert sample.seconds > 0
