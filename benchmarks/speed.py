# SPDX-License-Identifier: BSD-2-Clause
"""Host speed of the emulator: guest instructions and kernel messages a second.

    python -m benchmarks.speed                  a table
    python -m benchmarks.speed --json -         the same as JSON
    python -m benchmarks.speed --compare FILE   exit status 1 if slower than such a JSON file says

The result is `rows` and a `summary`. A row: `workload`, `timing` ("none" is Unicorn alone, without
hooks and without a machine), `mips`, `instructions`, `seconds`, `ratio` to "none"; that of level
"full" has `cycles_per_instruction` besides, that of the messages `messages_per_second`, that of
"none" `mmu`: it is measured with Unicorn's own MMU off and on, and the faster of the two counts.

Everything is measured five times, the levels in turn, so that noise of the host meets all of them
alike; a row is the median. Seconds are CPU time of the process.
"""

import json
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import click

from benchmarks.host import boot_memory, boot_seconds
from benchmarks.programs import PROGRAMS, Program
from benchmarks.runners import (
    SAMPLE_SECONDS,
    MachineRunner,
    PlainRunner,
    Runner,
    Sample,
    instructions_per_turn,
    message_machine,
    program_machine,
)
from benchmarks.whole_system import system_machine
from sel4emu.timing import TIMING_LEVELS

ROUNDS: Final = 5
PLAIN: Final = "none"
PLAIN_MMU: Final = "none-mmu"
MESSAGES: Final = "messages"
SYSTEM: Final = "system"
#: What `--compare` lets pass as noise of the host, as a part of the speed.
TOLERANCE: Final = 0.15
#: What the emulator promises: name in the summary -> (least, greatest), None where there is none.
PROMISED: Final[Mapping[str, tuple[float | None, float | None]]] = {
    "ratio_full": (0.35, None),
    "ratio_off": (0.8, None),
    "worst_full_mips": (8, None),
    "register_mips": (100, None),
    "ipc_per_second": (150_000, None),
    "system_off_mips": (30, None),
    "system_full_mips": (8, None),
    "boot_cpu_seconds": (None, 1.5),
    "peak_memory_mb": (None, 600),
}

Row = dict[str, Any]
Summary = dict[str, float]


# Measuring ----------------------------------------------------------------------------------


def in_turn(runners: Mapping[str, Runner], seconds: float) -> dict[str, list[Sample]]:
    """Five samples of each runner: one of each, then the next of each."""
    samples: dict[str, list[Sample]] = {name: [] for name in runners}
    for _ in range(ROUNDS):
        for name, runner in runners.items():
            samples[name].append(runner.sample(seconds))
    return samples


def median_by(samples: Sequence[Sample], rate: Callable[[Sample], float]) -> Sample:
    """The sample whose rate is the median one (their number is odd)."""
    return sorted(samples, key=rate)[len(samples) // 2]


def program_rows(program: Program, levels: Sequence[str], seconds: float) -> Iterator[Row]:
    """A row for plain Unicorn, and one for each level."""
    runners: dict[str, Runner] = {
        PLAIN: PlainRunner(program, mmu=False),
        PLAIN_MMU: PlainRunner(program, mmu=True),
    }
    runners |= {level: MachineRunner(program_machine(program, level)) for level in levels}
    samples = in_turn(runners, seconds)
    per_turn = instructions_per_turn(program)
    plain = faster_plain(program, samples, per_turn)
    yield plain
    for level in levels:
        sample = median_by(samples[level], instruction_rate)
        yield machine_row(program.name, level, sample, plain["mips"])


def faster_plain(program: Program, samples: Mapping[str, Sequence[Sample]], per_turn: float) -> Row:
    """The row of plain Unicorn with its MMU off or on, whichever is faster."""
    rows = []
    for name in (PLAIN, PLAIN_MMU):
        sample = median_by(samples[name], lambda sample: sample.turns / sample.seconds)
        instructions = round(sample.turns * per_turn)
        row = basic_row(program.name, PLAIN, instructions, sample.seconds)
        rows.append(row | {"mmu": name == PLAIN_MMU})
    return max(rows, key=lambda row: float(row["mips"]))


def instruction_rate(sample: Sample) -> float:
    """Instructions a second."""
    return sample.instructions / sample.seconds


def basic_row(workload: str, timing: str, instructions: int, seconds: float) -> Row:
    """What every row has."""
    return {
        "workload": workload,
        "timing": timing,
        "mips": round(instructions / seconds / 1e6, 3),
        "instructions": instructions,
        "seconds": round(seconds, 6),
    }


def machine_row(workload: str, timing: str, sample: Sample, plain_mips: float | None) -> Row:
    """A row of a level."""
    row = basic_row(workload, timing, sample.instructions, sample.seconds)
    if plain_mips is not None:
        row["ratio"] = round(row["mips"] / plain_mips, 4)
    if timing == "full":
        row["cycles_per_instruction"] = round(sample.cycles / sample.instructions, 3)
    return row


def message_rows(levels: Sequence[str], seconds: float) -> Iterator[Row]:
    """Call and ReplyWait at each level."""
    runners = {level: MachineRunner(message_machine(level)) for level in levels}
    samples = in_turn(runners, seconds)
    for level in levels:
        sample = median_by(samples[level], lambda sample: sample.messages / sample.seconds)
        row = machine_row(MESSAGES, level, sample, None)
        rate = round(sample.messages / sample.seconds)
        yield row | {"messages": sample.messages, "messages_per_second": rate}


def system_rows(levels: Sequence[str], seconds: float) -> Iterator[Row]:
    """A whole operating system at each level: interrupts, faults, address-space switches."""
    runners = {level: MachineRunner(system_machine(level)) for level in levels}
    samples = in_turn(runners, seconds)
    for level in levels:
        yield machine_row(SYSTEM, level, median_by(samples[level], instruction_rate), None)


def all_rows(levels: Sequence[str], seconds: float) -> Iterator[Row]:
    """Every row, as it becomes known."""
    for program in PROGRAMS:
        yield from program_rows(program, levels, seconds)
    yield from message_rows(levels, seconds)
    yield from system_rows(levels, seconds)


# Summing up ---------------------------------------------------------------------------------


def rated(rows: Sequence[Row], timing: str, key: str) -> list[float]:
    """A figure of every program that counts in the ratio, at a level."""
    names = {program.name for program in PROGRAMS if program.rated}
    return [row[key] for row in rows if row["timing"] == timing and row["workload"] in names]


def figure(rows: Sequence[Row], workload: str, timing: str, key: str) -> float:
    """A figure of one row."""
    return next(
        float(row[key]) for row in rows if (row["workload"], row["timing"]) == (workload, timing)
    )


def summarize(rows: Sequence[Row]) -> Summary:
    """Geometric means of the ratios, and what is promised besides, of the rows."""
    return {
        "ratio_full": round(statistics.geometric_mean(rated(rows, "full", "ratio")), 4),
        "ratio_off": round(statistics.geometric_mean(rated(rows, "off", "ratio")), 4),
        "worst_full_mips": min(rated(rows, "full", "mips")),
        "register_mips": figure(rows, "registers", "full", "mips"),
        "ipc_per_second": figure(rows, MESSAGES, "full", "messages_per_second"),
        "system_off_mips": figure(rows, SYSTEM, "off", "mips"),
        "system_full_mips": figure(rows, SYSTEM, "full", "mips"),
    }


def host_figures() -> Summary:
    """What a start costs the host."""
    return {
        "boot_cpu_seconds": round(boot_seconds(), 3),
        "peak_memory_mb": round(boot_memory() / 1e6, 1),
    }


def keeps(name: str, value: float) -> bool:
    """Whether a figure of the summary is what is promised."""
    least, greatest = PROMISED[name]
    return (least is None or value >= least) and (greatest is None or value <= greatest)


# Comparing ----------------------------------------------------------------------------------


def relative_speeds(rows: Sequence[Row]) -> dict[tuple[str, str], float]:
    """Speeds as multiples of plain Unicorn's mean speed on the same host, at the same time."""
    unit = statistics.geometric_mean(rated(rows, PLAIN, "mips"))
    return {
        (row["workload"], row["timing"]): row["mips"] / unit
        for row in rows
        if row["timing"] != PLAIN
    }


def slower_than(old: Sequence[Row], new: Sequence[Row], tolerance: float) -> Iterator[str]:
    """A sentence for each row that became slower by more than the tolerance."""
    before, after = relative_speeds(old), relative_speeds(new)
    for (workload, timing), speed in before.items():
        now = after.get((workload, timing))
        if now is not None and now < speed * (1 - tolerance):
            loss = round((1 - now / speed) * 100)
            yield f"{workload} at level {timing} is {loss} % slower"


# Showing ------------------------------------------------------------------------------------


def line_of(row: Row) -> str:
    """A row as a line of the table."""
    text = f"{row['workload']:<16} {row['timing']:<5} {row['mips']:>9.2f} MIPS"
    if "ratio" in row:
        text += f" {row['ratio']:>7.2f}"
    if "cycles_per_instruction" in row:
        text += f" {row['cycles_per_instruction']:>8.2f} cycles/instruction"
    if "messages_per_second" in row:
        text += f" {row['messages_per_second']:>9} messages/s"
    if row.get("mmu"):
        text += "  MMU on"
    return text


def promise_line(name: str, value: float) -> str:
    """A figure of the summary beside what is promised."""
    least, greatest = PROMISED[name]
    bound = f"at least {least}" if least is not None else f"at most {greatest}"
    return f"{name:<18} {value:>12} {bound:>18}  {'kept' if keeps(name, value) else 'BROKEN'}"


@click.command()
@click.option("--json", "json_file", metavar="FILE", help="Write the result as JSON; - for stdout.")
@click.option(
    "--compare",
    "baseline",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Exit with status 1 if slower than this earlier result.",
)
@click.option("--tolerance", default=TOLERANCE, show_default=True, help="Of --compare.")
@click.option("--seconds", default=SAMPLE_SECONDS, show_default=True, help="Of each sample.")
def main(json_file: str | None, baseline: Path | None, tolerance: float, seconds: float) -> None:
    """Measure how fast the emulator runs on this host."""
    quiet = json_file == "-"
    rows = []
    for row in all_rows(tuple(TIMING_LEVELS), seconds):
        rows.append(row)
        if not quiet:
            click.echo(line_of(row))
    summary = summarize(rows) | host_figures()
    text = json.dumps({"rows": rows, "summary": summary}, indent=2)
    if quiet:
        click.echo(text)
    else:
        click.echo("\n".join(promise_line(name, value) for name, value in summary.items()))
        if json_file is not None:
            Path(json_file).write_text(text + "\n")
    if baseline is not None:
        old = json.loads(baseline.read_text())["rows"]
        complaints = list(slower_than(old, rows, tolerance))
        click.echo("".join(f"{line}\n" for line in complaints), err=True, nl=False)
        sys.exit(1 if complaints else 0)


if __name__ == "__main__":
    main()
