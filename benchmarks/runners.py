# SPDX-License-Identifier: BSD-2-Clause
"""What is timed: a program on plain Unicorn or on the board, and messages on our kernel.

A runner is prepared once, warm, and then gives samples: each runs on for some tenths of a second.
Time is the process's own CPU time, so that other programs of the host do not count.
"""

import time
from dataclasses import dataclass
from typing import Final, Protocol

from unicorn import UC_ARCH_ARM, UC_MODE_ARM, UC_PROT_ALL, Uc, arm_const

from benchmarks.programs import (
    LOAD_ADDRESS,
    STACK_ADDRESS,
    TURNS_ADDRESS,
    Program,
    load,
)
from sel4emu import Machine
from sel4emu.cli.system import System
from userland.build import build

SAMPLE_SECONDS: Final = 0.3
#: Enough to have everything translated, and the two threads of the messages started.
WARM_UP_SECONDS: Final = 0.3
STARTUP_CYCLES: Final = 50_000_000
RAM_BYTES: Final = 1 << 25


@dataclass(frozen=True, slots=True)
class Sample:
    """What happened in some seconds of CPU time; cycles are 0 where nothing counts them."""

    seconds: float
    instructions: int = 0
    cycles: int = 0
    turns: int = 0
    messages: int = 0


class Runner(Protocol):
    """Something that can be timed again and again."""

    def sample(self, seconds: float = SAMPLE_SECONDS) -> Sample:
        """Run on for about that long."""


class PlainRunner:
    """A program on Unicorn alone: no hooks, no machine; the ceiling. It counts turns only.

    With `mmu` the program's start-up code runs first, and Unicorn's own MMU is on as it says.
    """

    def __init__(self, program: Program, *, mmu: bool) -> None:
        loaded = load(program, l2=False)
        self._in_memory = program.image is not None
        self._uc = Uc(UC_ARCH_ARM, UC_MODE_ARM)
        self._uc.ctl_set_cpu_model(arm_const.UC_CPU_ARM_1136_R2)
        self._uc.mem_map(LOAD_ADDRESS, RAM_BYTES, UC_PROT_ALL)
        for address, data in loaded.memory.items():
            self._uc.mem_write(address, data)
        if mmu:
            self._uc.emu_start(LOAD_ADDRESS, loaded.start)
        else:
            self._uc.reg_write(arm_const.UC_ARM_REG_SP, STACK_ADDRESS)
            self._uc.reg_write(arm_const.UC_ARM_REG_PC, loaded.start)
        self.sample(WARM_UP_SECONDS)

    def _turns(self) -> int:
        if self._in_memory:
            return int.from_bytes(self._uc.mem_read(TURNS_ADDRESS, 4), "little")
        return int(self._uc.reg_read(arm_const.UC_ARM_REG_R10))

    def sample(self, seconds: float = SAMPLE_SECONDS) -> Sample:
        """Run on; Unicorn itself ends it by the host's clock."""
        turns = self._turns()
        program_counter = self._uc.reg_read(arm_const.UC_ARM_REG_PC)
        start = time.process_time()
        # The start-up code is never reached again, so it can be the address to end at.
        self._uc.emu_start(program_counter, LOAD_ADDRESS, timeout=round(seconds * 1e6))
        took = time.process_time() - start
        return Sample(took, turns=self._turns() - turns & 0xFFFF_FFFF)


class MachineRunner:
    """A machine that runs on from where it is."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.sample(WARM_UP_SECONDS)

    def sample(self, seconds: float = SAMPLE_SECONDS) -> Sample:
        """Run on until the host's clock ends it."""
        before = self.machine.counters
        start = time.process_time()
        self.machine.run(seconds=seconds)
        took = time.process_time() - start
        after = self.machine.counters
        return Sample(
            took,
            instructions=after["instructions"] - before["instructions"],
            cycles=after["cycles"] - before["cycles"],
            # Each of the two system calls of a round trip carries one message.
            messages=after["exception_svc"] - before["exception_svc"],
        )


def program_machine(program: Program, timing: str) -> Machine:
    """The board at the beginning of a program: MMU, both caches and L2 on."""
    loaded = load(program, l2=True)
    machine = Machine.from_board(timing=timing)
    for address, data in loaded.memory.items():
        machine.write_physical(address, data)
    machine.registers["pc"] = LOAD_ADDRESS
    stop = machine.run(until=loaded.start, cycles=STARTUP_CYCLES)
    assert machine.registers["pc"] == loaded.start, stop
    return machine


def message_machine(timing: str) -> Machine:
    """Call and ReplyWait between two address spaces, each way a message of one word."""
    return System.boot(build("pingpong"), timing=timing).machine


def instructions_per_turn(program: Program) -> float:
    """How many instructions one turn has, counted on the board over many of them."""
    machine = program_machine(program, "off")
    before = machine.counters["instructions"]
    machine.run(seconds=WARM_UP_SECONDS)
    if program.image is None:
        turns = machine.registers["r10"]
    else:
        turns = int.from_bytes(machine.read_physical(TURNS_ADDRESS, 4), "little")
    return (machine.counters["instructions"] - before) / turns
