# SPDX-License-Identifier: BSD-2-Clause
"""Host speed of the emulator: guest instructions and kernel messages a second.

    python -m benchmarks.speed            a table
    python -m benchmarks.speed --json -   the same as JSON: a list of rows

A row: `workload`, `timing` ("none" is Unicorn alone, without hooks and without a machine),
`mips`, `instructions`, `seconds`; that of the messages has `messages` and `messages_per_second`
besides. Figures vary with the host and its load, so the best of several runs is given.
"""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import click
from unicorn import UC_ARCH_ARM, UC_MODE_ARM, UC_PROT_ALL, Uc, arm_const

from benchmarks.programs import DATA_ADDRESS, LOAD_ADDRESS, LOOPS
from sel4emu import Machine
from sel4emu.asm import assemble
from sel4emu.cli.system import System
from sel4emu.timing import TIMING_LEVELS
from userland.build import build

REPEATS: Final = 3
#: Enough to have everything translated, and the two threads of the messages started.
WARM_UP_CYCLES: Final = 2_000_000
RUN_CYCLES: Final = 20_000_000
PLAIN: Final = "none"
PLAIN_MICROSECONDS: Final = 300_000
PLAIN_RAM_BYTES: Final = 1 << 24
MESSAGES: Final = "messages"

Row = dict[str, str | int | float]
#: A measurement: what was counted, and the seconds it took.
Sample = tuple[dict[str, int], float]


def best_of(measure: Callable[[], Sample]) -> Sample:
    """The fastest of several measurements: the host's own noise only ever adds time."""
    return max((measure() for _ in range(REPEATS)), key=lambda s: s[0]["instructions"] / s[1])


def make_row(workload: str, timing: str, sample: Sample) -> Row:
    """One line of the result."""
    counts, seconds = sample
    row: Row = {
        "workload": workload,
        "timing": timing,
        "mips": round(counts["instructions"] / seconds / 1e6, 2),
        "instructions": counts["instructions"],
        "seconds": round(seconds, 6),
    }
    if MESSAGES in counts:
        row |= {MESSAGES: counts[MESSAGES]}
        row |= {"messages_per_second": round(counts[MESSAGES] / seconds)}
    return row


def code_of(workload: str) -> bytes:
    """Machine code of a loop, for LOAD_ADDRESS."""
    return assemble(LOOPS[workload], LOAD_ADDRESS, {"DATA": DATA_ADDRESS}).code


def warm_machine(workload: str, timing: str) -> Machine:
    """The board, some way into a loop."""
    machine = Machine.from_board(timing=timing)
    machine.write_physical(LOAD_ADDRESS, code_of(workload))
    machine.registers["pc"] = LOAD_ADDRESS
    machine.run(cycles=WARM_UP_CYCLES)
    return machine


def run_once(machine: Machine) -> Sample:
    """Run a warm machine on, and count instructions and system calls."""
    before = machine.counters
    start = time.perf_counter()
    machine.run(cycles=RUN_CYCLES)
    seconds = time.perf_counter() - start
    after = machine.counters
    names = ("instructions", "exception_svc")
    return {name: after[name] - before[name] for name in names}, seconds


def measure_loop(workload: str, timing: str) -> Row:
    """A loop alone on the board."""
    machine = warm_machine(workload, timing)
    return make_row(workload, timing, best_of(lambda: run_once(machine)))


def instructions_per_turn(workload: str) -> float:
    """How many instructions one turn of a loop has, counted on the board."""
    machine = warm_machine(workload, "count")
    turns = machine.registers["r10"]
    counts, _seconds = run_once(machine)
    return counts["instructions"] / (machine.registers["r10"] - turns)


def measure_plain(workload: str) -> Row:
    """A loop on Unicorn alone, for a fixed host time: the ceiling."""
    per_turn = instructions_per_turn(workload)
    uc = Uc(UC_ARCH_ARM, UC_MODE_ARM)
    uc.ctl_set_cpu_model(arm_const.UC_CPU_ARM_1136_R2)
    uc.mem_map(LOAD_ADDRESS, PLAIN_RAM_BYTES, UC_PROT_ALL)
    uc.mem_write(LOAD_ADDRESS, code_of(workload))

    def run() -> Sample:
        uc.reg_write(arm_const.UC_ARM_REG_R10, 0)
        start = time.perf_counter()
        uc.emu_start(LOAD_ADDRESS, 0, timeout=PLAIN_MICROSECONDS)
        seconds = time.perf_counter() - start
        turns = int(uc.reg_read(arm_const.UC_ARM_REG_R10))
        return {"instructions": round(turns * per_turn)}, seconds

    return make_row(workload, PLAIN, best_of(run))


def measure_messages(timing: str) -> Row:
    """Call and ReplyWait between two address spaces, each way a message of one word."""
    machine = System.boot(build("pingpong"), timing=timing).machine
    machine.run(cycles=WARM_UP_CYCLES)

    def run() -> Sample:
        counts, seconds = run_once(machine)
        # Each of the two system calls of a round trip carries one message.
        return {"instructions": counts["instructions"], MESSAGES: counts["exception_svc"]}, seconds

    return make_row(MESSAGES, timing, best_of(run))


def measure_all() -> Iterator[Row]:
    """Every row, as it becomes known."""
    for workload in LOOPS:
        yield measure_plain(workload)
        for timing in TIMING_LEVELS:
            yield measure_loop(workload, timing)
    for timing in TIMING_LEVELS:
        yield measure_messages(timing)


def line_of(row: Row) -> str:
    """A row as a line of the table."""
    text = f"{row['workload']:<12} {row['timing']:<6} {row['mips']:>9.2f} MIPS"
    if MESSAGES in row:
        text += f" {row['messages_per_second']:>9} messages/s"
    return text


@click.command()
@click.option("--json", "json_file", metavar="FILE", help="Write the rows as JSON; - for stdout.")
def main(json_file: str | None) -> None:
    """Measure how fast the emulator runs on this host."""
    rows = []
    for row in measure_all():
        rows.append(row)
        if json_file != "-":
            click.echo(line_of(row))
    text = json.dumps(rows, indent=2)
    if json_file == "-":
        click.echo(text)
    elif json_file is not None:
        Path(json_file).write_text(text + "\n")


if __name__ == "__main__":
    main()
