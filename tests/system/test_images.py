# SPDX-License-Identifier: BSD-2-Clause
"""The compiled images at the level of timing whose cycles are instructions."""

import pytest

from kernel.options import KernelOptions
from sel4emu.cli.system import System
from sel4emu.stop import StopReason
from userland.build import build


@pytest.mark.parametrize("name", ["hello", "rm"])
@pytest.mark.parametrize("slow", [False, True])
@pytest.mark.parametrize("compat", [False, True])
def test_image_ends_well(name: str, slow: bool, compat: bool) -> None:
    """The image ends the run itself with status 0."""
    log: list[str] = []
    options = KernelOptions(slow=slow, compat=compat)
    system = System.boot(build(name), timing="off", options=options, log=log.append)
    stop = system.machine.run(seconds=60)
    assert (stop.reason, stop.status) == (StopReason.HALT, 0), (stop, log[-3:])
