# SPDX-License-Identifier: BSD-2-Clause
"""A whole operating system that is not ours in manner: the sources in `visitor/`.

It moves itself, turns the MMU on in the old table format and goes on in the new one, and runs six
processes in address spaces of their own, with demand paging, preemption by the EPIT, messages and
a console that is driven by interrupts. It uses the board only, nothing of our kernel.
"""

from functools import cache
from pathlib import Path
from typing import Final

from benchmarks.compile import compile_image
from sel4emu import Machine
from sel4emu.console import BytesInput, Console
from sel4emu.loader import Image

SOURCES: Final = Path(__file__).resolve().parent / "visitor"
#: In r0: end after one generation of processes, or start the next.
END, GO_ON = 0, 1


@cache
def visitor() -> Image:
    """The kernel with its processes, compiled at first use; InputError as of `compile_image`."""
    sources = sorted([*SOURCES.glob("*.S"), *SOURCES.glob("*.c")])
    return compile_image("visitor", sources, SOURCES / "visitor.ld")


def system_machine(timing: str, *, mode: int = GO_ON, typed: bytes = b"") -> Machine:
    """The board with the system in memory, at its first instruction; `typed`: console input."""
    machine = Machine.from_board(timing=timing, console=Console(BytesInput(typed)))
    machine.semihosting = True  # how it ends
    image = visitor()
    for segment in image.segments:
        data = segment.data.ljust(segment.memory_size, b"\0")
        machine.write_physical(segment.paddr, data)
    machine.registers["pc"] = image.segments[0].paddr  # its first instruction, before it moves
    machine.registers["r0"] = mode
    return machine
