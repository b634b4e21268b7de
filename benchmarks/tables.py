# SPDX-License-Identifier: BSD-2-Clause
"""The measurements of the emulated board as tables in Markdown."""

from collections.abc import Iterable, Iterator, Sequence

from benchmarks.flow import Flow
from benchmarks.memory import BANDWIDTH_BYTES, BANDWIDTH_KINDS, KILOBYTE, LATENCY_BYTES
from benchmarks.results import Results, figures

Cells = Sequence[object]


def size_text(size: int) -> str:
    """A number of bytes for people."""
    kilobytes = size // KILOBYTE
    return f"{kilobytes // KILOBYTE} MB" if kilobytes >= KILOBYTE else f"{kilobytes} KB"


def table(heads: Sequence[str], rows: Iterable[Cells]) -> str:
    """A table, with columns of numbers to the right."""
    lines = [list(heads), *([str(cell) for cell in row] for row in rows)]
    numeric = [all(_is_number(line[n]) for line in lines[1:]) for n in range(len(heads))]
    rule = ["---:" if right else "---" for right in numeric]
    return "".join(f"| {' | '.join(line)} |\n" for line in (lines[0], rule, *lines[1:]))


def _is_number(text: str) -> bool:
    """Whether a cell is a number, or the place of one that is not known."""
    if text in ("none found", ""):
        return True
    return text.replace("%", "").strip().lstrip("+-").replace(".", "", 1).isdigit()


def figures_table(results: Results) -> str:
    """What sources give figures for."""
    rows = (
        (
            figure.name,
            f"{figure.measured:g}",
            f"{figure.expected:g}",
            figure.unit,
            f"{figure.error:+g} %",
            figure.source,
        )
        for figure in figures(results)
    )
    return table(("what", "measured", "source", "unit", "error", "where from"), rows)


def latency_table(results: Results) -> str:
    """The staircase."""
    columns = [(l2, alone) for alone in (True, False) for l2 in (False, True)]
    rows = (
        (
            size_text(size),
            *(f"{results.latency(size, l2=l2, alone=alone):.2f}" for l2, alone in columns),
        )
        for size in LATENCY_BYTES
    )
    heads = (f"{alone_text(alone)}, L2 {'on' if l2 else 'off'}" for l2, alone in columns)
    return table(("working set", *heads), rows)


def alone_text(alone: bool) -> str:
    """How the loads of a chase follow each other."""
    return "alone" if alone else "back to back"


def bandwidth_table(results: Results) -> str:
    """Streaming."""
    rows = (
        (
            kind,
            f"L2 {'on' if l2 else 'off'}",
            *(f"{results.bandwidth(kind, size, l2=l2):.1f}" for size in BANDWIDTH_BYTES),
        )
        for l2 in (False, True)
        for kind in BANDWIDTH_KINDS
    )
    sizes = (f"{size_text(size)}, MB/s" for size in BANDWIDTH_BYTES)
    return table(("stream", "second level", *sizes), rows)


def reach_table(results: Results) -> str:
    """The TLBs."""
    rows = ((reach.pages, f"{reach.cycles:.2f}") for reach in results.reaches)
    return table(("pages of 4 KB", "cycles a load"), rows)


def flow_table(flows: Sequence[Flow]) -> str:
    """Branches, or exceptions, beside the manual."""
    rows = (
        (f.name, f.cycles, "none found", "")
        if f.expected is None
        else (f.name, f.cycles, f.expected, f"{f.cycles - f.expected:+d}")
        for f in flows
    )
    return table(("change of flow", "measured", "source", "error"), rows)


def sections(results: Results) -> Iterator[str]:
    """Headings, pictures and tables, in the order of the document."""
    yield "### Beside the sources\n\n" + figures_table(results)
    yield (
        "### Latency\n\nDependent loads through every line of a working set in random order, page "
        "by page; cycles a load. *Back to back*, a load that misses waits until the line before it "
        "has come in whole; *alone*, the lines are further apart than that, as a figure for the "
        "latency of memory means it.\n\n![Latency by working set](timing/latency.svg)\n\n"
        + latency_table(results)
    )
    yield (
        "### Bandwidth\n\nLDM and STM of eight registers; a copy counts what is copied, from one "
        "half of the block to the other. A written block was read before.\n\n"
        "![Streaming bandwidth](timing/bandwidth.svg)\n\n" + bandwidth_table(results)
    )
    yield (
        "### Reach of the TLBs\n\nDependent loads, each from another page, all of which hit the "
        "cache; L2 on.\n\n![Cycles by pages touched](timing/tlb.svg)\n\n" + reach_table(results)
    )
    yield (
        "### Branches\n\nCycles from the branch to the instruction executed behind it.\n\n"
        "![Cost of branches](timing/branches.svg)\n\n" + flow_table(results.branches)
    )
    yield "### Exceptions\n\n" + flow_table(results.exceptions)


def tables(results: Results) -> str:
    """Everything that stands between the marks in the document."""
    return "\n" + "\n".join(sections(results)) + "\n"
