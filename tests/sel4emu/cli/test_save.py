# SPDX-License-Identifier: BSD-2-Clause
"""A machine is saved between two steps of the kernel, wherever the run was stopped."""

import random

from kernel.object import mdb
from sel4emu.cli.save import is_between_steps, leave_kernel
from sel4emu.cli.system import System
from sel4emu.stop import StopReason
from userland.build import default_image


def test_the_kernel_finishes_its_step() -> None:
    """From stops all over the run of the default image, many of them inside the kernel."""
    system = System.boot(str(default_image()))
    machine, source = system.machine, random.Random(1)
    machine.run(cycles=100_000)
    inside = 0
    while machine.run(cycles=source.randint(1, 2500)).reason is StopReason.CYCLE:
        if not is_between_steps(machine):
            inside += 1
            leave_kernel(machine)
        assert is_between_steps(machine) or "DebugExit" in machine.run(cycles=1).message
        ks = system.kernel.state
        slots = list(mdb.listed_slots(ks))
        assert [mdb.prev_slot(ks, mdb.next_slot(ks, slot)) for slot in slots] == slots
    assert inside > 50
