# SPDX-License-Identifier: BSD-2-Clause
"""The emulated board as programs on it can measure it, beside what the sources say.

    python -m benchmarks.machine                the tables
    python -m benchmarks.machine --json FILE    everything as JSON ("-": standard output)
    python -m benchmarks.machine --write        the tables into docs/TIMING.md, pictures beside it

Latency of dependent loads by working set, streaming bandwidth, reach of the TLBs, cost of changes
of flow, and a message of our kernel, all at timing level "full". Cycles are the same on every host
and in every run, so that a test holds the document against a fresh measurement.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click

from benchmarks.charts import charts
from benchmarks.results import Results, figures, measure
from benchmarks.tables import tables

DOCUMENT: Final = Path(__file__).resolve().parent.parent / "docs" / "TIMING.md"
PICTURES: Final = DOCUMENT.parent / "timing"
BEGIN: Final = "<!-- measured: begin -->\n"
END: Final = "<!-- measured: end -->\n"


def as_json(results: Results) -> dict[str, Any]:
    """All measurements, and the comparison with sources, for programs."""
    compared = [asdict(figure) | {"error": figure.error} for figure in figures(results)]
    return {"figures": compared, **asdict(results)}


def with_tables(document: str, text: str) -> str:
    """The document with what stands between its marks replaced."""
    before, mark, rest = document.partition(BEGIN)
    _old, end_mark, after = rest.partition(END)
    assert mark and end_mark, f"expected the marks {BEGIN!r} and {END!r} in the document"
    return before + mark + text + end_mark + after


def write(results: Results, document: Path = DOCUMENT, pictures: Path = PICTURES) -> None:
    """Put the tables into the document, and the pictures into their folder."""
    document.write_text(with_tables(document.read_text(), tables(results)))
    pictures.mkdir(exist_ok=True)
    for name, text in charts(results).items():
        (pictures / name).write_text(text)


@click.command()
@click.option("--json", "json_file", metavar="FILE", help="Write everything as JSON; - for stdout.")
@click.option("--write", "into_document", is_flag=True, help="Bring docs/TIMING.md up to date.")
def main(json_file: str | None, into_document: bool) -> None:
    """Measure the emulated board."""
    results = measure()
    text = json.dumps(as_json(results), indent=2)
    if into_document:
        write(results)
    if json_file == "-":
        click.echo(text)
        return
    click.echo(tables(results))
    if json_file is not None:
        Path(json_file).write_text(text + "\n")


if __name__ == "__main__":
    main()
