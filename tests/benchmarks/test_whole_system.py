# SPDX-License-Identifier: BSD-2-Clause
"""The operating system of `benchmarks/visitor`: what it prints is the same at every level.

Its numbers are those that `qemu-system-arm -M kzm` prints for the same image.
"""

import pytest

from benchmarks.whole_system import END, GO_ON, system_machine
from sel4emu.stop import StopReason

#: What each process computes, and how many pages it touched besides one of code and one copied.
PROCESSES = (
    (0x8132DF2F, 14),
    (0x6E3BE6BF, 15),
    (0xC496BA2B, 15),
    (0xE630204D, 15),
    (0x7373508A, 15),
    (0x3FCBF348, 15),
)
HELLOS = "".join(f"process {n}: hello\n" for n in range(6)) * 2
REPORT = "".join(
    f"process {n}: {value:08x}, pages {pages} data, 1 code, 1 copied\n"
    for n, (value, pages) in enumerate(PROCESSES)
)
GENERATION = HELLOS + REPORT + "generation {}: 6 processes were preempted\n"
OUTPUT = "visitor: 4 of 4 quarters in the old format\n" + GENERATION
CYCLES = 100_000_000


@pytest.mark.parametrize("timing", ["off", "full"])
def test_one_generation(timing: str) -> None:
    """Both table formats, demand paging, copying, preemption, messages and console work."""
    machine = system_machine(timing, mode=END)
    stop = machine.run(cycles=CYCLES)
    assert (stop.reason, stop.status) == (StopReason.HALT, 0)
    assert bytes(machine.console.captured).decode() == OUTPUT.format(1)
    counts = machine.counters
    assert counts["exception_prefetch_abort"] == 6, "a page of code for each process"
    assert counts["exception_data_abort"] == 101, (
        "pages of data, and what was copied when it was written to"
    )
    assert counts["exception_irq"] > 12
    assert counts["tlb_flush_asid"] == 12


def test_next_generation_computes_the_same() -> None:
    """Pages and ASIDs that were used before do not show."""
    machine = system_machine("off", mode=GO_ON)
    machine.run(cycles=3 * 20_000_000)
    printed = bytes(machine.console.captured).decode()
    expected = OUTPUT.format(1) + GENERATION.format(2) + GENERATION.format(3)
    assert printed.startswith(expected)


def test_typed_input_is_echoed() -> None:
    """The receive interrupt of the UART reaches the kernel while processes run."""
    machine = system_machine("off", mode=END, typed=b"?!")
    assert machine.run(cycles=CYCLES).reason is StopReason.HALT
    printed = bytes(machine.console.captured)
    assert printed.count(b"?") == printed.count(b"!") == 1
