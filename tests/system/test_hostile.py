# SPDX-License-Identifier: BSD-2-Clause
"""Hostile programs and random system calls, under a tick that comes a hundred times too often.

Here, unlike in the comparison of both kernels, interrupts preempt threads and long operations.
SEL4EMU_SCRIPT_CALLS sets how long the hostile image runs: a thousand instructions for each call.
"""

import os
import sys
from typing import Final

import pytest

from kernel import abi
from kernel.abi import Syscall
from kernel.layout import Trap
from kernel.options import KernelOptions
from sel4emu.loader import Image
from tests.equivalence.script import Script, World
from tests.system.hostile import Hostilities, compile_hostile
from tests.system.stage import Stage

EPIT1_LOAD = 0x53F9_4008
#: Steps of the 32 kHz clock: two seconds, and an interrupt every 32500 cycles.
SELDOM, OFTEN = 0xFFFF, 1
CALLS = 2000
CALLS_A_SCRIPT = 200
SCRIPTS_A_WORLD = 10
INSTRUCTIONS: Final = 1000 * int(os.environ.get("SEL4EMU_SCRIPT_CALLS", "3000"))
#: Made by the hostile image once in many thousand calls: they end the run, or print for long.
RARE: Final = {Syscall.DEBUG_HALT, Syscall.DEBUG_EXIT, Syscall.DEBUG_SNAPSHOT}


@pytest.mark.parametrize("hostile", [False, True])
def test_calls_under_many_ticks(ticking_stage: Stage, hostile: bool) -> None:
    """Whatever threads do, and wherever they are interrupted, every invariant holds."""
    stage = ticking_stage
    made = seed = 0
    while made < CALLS:
        stage.machine.bus.write_device(EPIT1_LOAD, SELDOM)
        # A tick that waits would be taken in place of the first call of the new world.
        stage.arena.reset()
        stage.lock.invoke(Syscall.DEBUG_CAP_IDENTIFY, 0)
        world = World(stage.arena, seed)
        stage.machine.bus.write_device(EPIT1_LOAD, OFTEN)
        for _ in range(SCRIPTS_A_WORLD):
            world.reset()
            made += Script(world, seed, hostile=hostile).run(CALLS_A_SCRIPT)
            seed += 1
    assert stage.machine.counters["exception_irq"] > 10
    stage.check()


@pytest.fixture(scope="session")
def hostile_image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The image that tries everything."""
    return compile_hostile(tmp_path_factory.mktemp("hostile"))


@pytest.mark.parametrize("compat", [False, True], ids=["default", "compat"])
@pytest.mark.parametrize("slow", [False, True], ids=["fast", "slow"])
def test_hostile_image(small_board: str, hostile_image: Image, slow: bool, compat: bool) -> None:
    """Every system call on every capability with random words: all invariants hold throughout."""
    run = Hostilities(small_board, KernelOptions(slow=slow, compat=compat))
    run.run(hostile_image, INSTRUCTIONS)
    made = {number for number in Syscall if run.numbers[number & abi.WORD_MASK]}
    assert made >= set(Syscall) - RARE
    assert run.traps[Trap.INTERRUPT] > 10
    assert run.checks > 10
    sys.stdout.write(
        f"{run.instructions} instructions, {run.systems} systems, {run.checks} checks\n"
    )
