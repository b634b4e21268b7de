# SPDX-License-Identifier: BSD-2-Clause
"""Generated scripts of system calls leave both kernels with the same memory and registers.

SEL4EMU_SCRIPT_CALLS sets how many system calls are made in each mode.
"""

import os
from collections import Counter
from typing import Final

from tests.equivalence.arena import Arena
from tests.equivalence.script import Script, World

CALLS: Final = int(os.environ.get("SEL4EMU_SCRIPT_CALLS", "10500"))
CALLS_A_SCRIPT: Final = 300
HOSTILE_CALLS: Final = 5_000
SCRIPTS_A_WORLD: Final = 20
#: One of so many calls of a path must at least have been finished by the assembly.
SHARE: Final = {"call": 20, "send": 40, "wait": 40, "reply_wait": 40, "retype": 90}


def test_generated_scripts(arena: Arena) -> None:
    """Scripts of good, wrong and hostile calls, from seed 0 on; each path is taken often."""
    before = Counter(arena.lock.fast)
    made = seed = 0
    while made < CALLS:
        world = World(arena, seed)
        for _ in range(SCRIPTS_A_WORLD):
            world.reset()
            made += Script(world, seed).run(CALLS_A_SCRIPT)
            seed += 1
    taken = arena.lock.fast - before
    for path, share in SHARE.items():
        assert taken[path] >= made // share, (path, made, taken, arena.lock.slow)


def test_random_registers(arena: Arena) -> None:
    """System calls with any registers at all: both kernels agree, and every invariant holds."""
    made = seed = 0
    while made < HOSTILE_CALLS:
        world = World(arena, seed)
        for _ in range(SCRIPTS_A_WORLD):
            world.reset()
            made += Script(world, seed, hostile=True).run(CALLS_A_SCRIPT)
            seed += 1
