# SPDX-License-Identifier: BSD-2-Clause
"""Generated scripts reach every success and every error again and again; every invariant holds.

SEL4EMU_SCRIPT_CALLS sets how many system calls are made at least.
"""

import os
import sys
from typing import Final

from tests.kernel.requirements.script import WORKERS, Generator

CALLS: Final = int(os.environ.get("SEL4EMU_SCRIPT_CALLS", "1600"))
#: Each success and each error occurs once in so many calls: 50 times in 20,000.
CALLS_A_GOAL: Final = 400
#: More scripts than this for one more goal mean that it is out of reach.
PATIENCE: Final = 20
SEED: Final = 1


def test_generated_scripts() -> None:
    """Several threads, good, wrong and hostile calls: all goals are reached, all invariants hold.

    Invariants are checked after every single call (`Checker`).
    """
    generator = Generator(SEED)
    wanted = CALLS // CALLS_A_GOAL
    while generator.calls < CALLS or min(generator.seen.values()) < wanted:
        generator.run()
        missing = {goal: n for goal, n in generator.seen.items() if n < wanted}
        assert generator.calls < CALLS * PATIENCE, missing
    assert len(generator.callers) > WORKERS, "every thread has made calls"
    least = min(generator.seen.values())
    sys.stdout.write(
        f"{generator.calls} calls, {len(generator.seen)} successes and errors, each at least "
        f"{least} times; invariants worked out {generator.checker.evaluated} times\n"
    )
