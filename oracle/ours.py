# SPDX-License-Identifier: BSD-2-Clause
"""Runs a bare program on our machine and brings back what it left."""

import os
from collections.abc import Iterator, Sequence
from typing import Final

from oracle.outcome import FINISH, Ending, Outcome
from oracle.program import REGIONS, Program
from sel4emu.console import BytesInput, Console
from sel4emu.loader import Image, read_elf
from sel4emu.machine import Machine
from sel4emu.revision import DEFAULT_REVISION
from sel4emu.stop import StopReason

#: Cycles of the guest; enough for several seconds of guest time.
LIMIT_CYCLES: Final = 4_000_000_000
#: Host seconds; a program takes some 0.05.
LIMIT_SECONDS: Final = 20.0
#: The revision of QEMU's core.
QEMU_REVISION: Final = "r1p3"
#: CPSR after a reset of QEMU: supervisor mode, A, I and F set; Z too, which no manual asks for.
_RESET_FLAGS: Final = 0x4000_01D3

#: How every program runs: (level of timing, revision of the core).
VARIANTS: Final = (("off", QEMU_REVISION), ("full", QEMU_REVISION), ("off", DEFAULT_REVISION))


def run_variants(program: Program) -> Iterator[tuple[str, Outcome]]:
    """The outcomes of a program in all variants that it is meant for, with their names."""
    for timing, revision in VARIANTS:
        if program.core in (None, revision):
            outcome = run_on_ours(
                program.image,
                regions=REGIONS,
                typed=program.typed,
                timing=timing,
                cpu_revision=revision,
            )
            yield f"timing {timing}, {revision}", outcome


def run_on_ours(
    image: Image | str | os.PathLike[str],
    *,
    regions: Sequence[tuple[int, int]],
    typed: bytes = b"",
    timing: str = "off",
    cpu_revision: str = QEMU_REVISION,
    limit_cycles: int = LIMIT_CYCLES,
) -> Outcome:
    """As `run_on_qemu`, at one level of timing and on one revision of the core."""
    image = image if isinstance(image, Image) else read_elf(os.fspath(image))
    console = Console(BytesInput(typed))
    machine = Machine.from_board(
        "kzm_arm11", timing=timing, console=console, cpu_revision=cpu_revision
    )
    for segment in image.segments:
        machine.write_physical(segment.paddr, segment.data)
    machine.registers["cpsr"] = _RESET_FLAGS | (image.entry & 1) << 5
    machine.registers["pc"] = image.entry & ~1
    stop = machine.run(until=FINISH, cycles=limit_cycles, seconds=LIMIT_SECONDS)
    output = bytes(console.captured)
    if stop.reason is StopReason.ADDRESS:
        parts = tuple(machine.read_physical(address, size) for address, size in regions)
        return Outcome(Ending.FINISHED, output, parts)
    where = f"{stop.message or stop.reason.value}, PC 0x{machine.registers['pc']:08x}"
    late = stop.reason in (StopReason.CYCLE, StopReason.TIME)
    return Outcome(Ending.TIMEOUT if late else Ending.STOPPED, output, (), where)
