# SPDX-License-Identifier: BSD-2-Clause
"""Runs of the hostile image (`hostile.c`): one system after the other until enough was executed."""

import struct
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from kernel.api.message import SYSCALL_REGISTER
from kernel.invariants import invs
from kernel.layout import Trap
from kernel.options import KernelOptions
from sel4emu.cli.system import System
from sel4emu.loader import Image, read_elf
from sel4emu.stop import StopReason
from userland.build import compile_elf

SOURCE: Final = Path(__file__).with_name("hostile.c")
#: Traps between two checks of all invariants.
TRAPS_A_CHECK: Final = 200
_CYCLES_A_RUN: Final = 5_000_000
#: The tick comes a hundred times too often, so that it preempts threads and long operations.
_EPIT1_LOAD: Final = 0x53F9_4008
_STEPS_A_TICK: Final = 1
_CYCLES_OF_BOOT: Final = 1_000_000


def compile_hostile(folder: Path) -> Image:
    """The image, compiled into a folder."""
    path = folder / "hostile.elf"
    compile_elf([SOURCE], path)
    return read_elf(str(path))


def with_seed(image: Image, seed: int) -> Image:
    """The image with another number in its variable `seed`."""
    address = image.symbols["seed"]
    segments = []
    for segment in image.segments:
        data = bytearray(segment.data)
        if segment.holds(address):
            struct.pack_into("<I", data, address - segment.vaddr, seed)
        segments.append(replace(segment, data=bytes(data)))
    return replace(image, segments=tuple(segments))


@dataclass
class Hostilities:
    """What has been executed, over all systems."""

    board: str
    options: KernelOptions
    instructions: int = 0
    systems: int = 0
    checks: int = 0
    traps: Counter[Trap] = field(default_factory=Counter)
    #: system calls by number, as far as the Python kernel saw them
    numbers: Counter[int] = field(default_factory=Counter)

    def run(self, image: Image, wanted: int) -> None:
        """Boot a system again and again until so many instructions were executed."""
        while self.instructions < wanted:
            self.systems += 1
            self._run_one(with_seed(image, self.systems), wanted)

    def _run_one(self, image: Image, wanted: int) -> None:
        system = System.boot(image, board=self.board, options=self.options)
        self._watch(system)
        machine, before = system.machine, self.instructions
        stopped = machine.run(cycles=_CYCLES_OF_BOOT).reason is StopReason.HALT
        machine.bus.write_device(_EPIT1_LOAD, _STEPS_A_TICK)
        while not stopped and self.instructions < wanted:
            stop = machine.run(cycles=_CYCLES_A_RUN)
            assert stop.reason in (StopReason.CYCLE, StopReason.HALT), stop
            stopped = stop.reason is StopReason.HALT
            self.instructions = before + machine.counters["instructions"]
        self._check(system)

    def _watch(self, system: System) -> None:
        kernel = system.kernel
        handle: Any = kernel.handle_trap

        def watched(trap: Trap) -> None:
            self.traps[trap] += 1
            ks = kernel.state
            if trap is Trap.SYSCALL:
                self.numbers[ks.load(ks.current + SYSCALL_REGISTER)] += 1
            handle(trap)
            if self.traps.total() % TRAPS_A_CHECK == 0:
                self._check(system)

        vars(kernel)["handle_trap"] = watched

    def _check(self, system: System) -> None:
        self.checks += 1
        assert invs(system.kernel.state) == [], (self.systems, self.instructions)
