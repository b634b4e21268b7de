# SPDX-License-Identifier: BSD-2-Clause
"""Generated and random system calls under a tick that comes a hundred times too often.

Here, unlike in the comparison of both kernels, interrupts preempt threads and long operations.
"""

import pytest

from tests.equivalence.script import Script, World
from tests.system.stage import Stage

EPIT1_LOAD = 0x53F9_4008
#: Steps of the 32 kHz clock: two seconds, and an interrupt every 32500 cycles.
SELDOM, OFTEN = 0xFFFF, 1
CALLS = 2000
CALLS_A_SCRIPT = 200
SCRIPTS_A_WORLD = 10


@pytest.mark.parametrize("hostile", [False, True])
def test_calls_under_many_ticks(ticking_stage: Stage, hostile: bool) -> None:
    """Whatever threads do, and wherever they are interrupted, every invariant holds."""
    stage = ticking_stage
    made = seed = 0
    while made < CALLS:
        stage.machine.bus.write_device(EPIT1_LOAD, SELDOM)
        world = World(stage.arena, seed)
        stage.machine.bus.write_device(EPIT1_LOAD, OFTEN)
        for _ in range(SCRIPTS_A_WORLD):
            world.reset()
            made += Script(world, seed, hostile=hostile).run(CALLS_A_SCRIPT)
            seed += 1
    assert stage.machine.counters["exception_irq"] > 10
    stage.check()
