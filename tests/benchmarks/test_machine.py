# SPDX-License-Identifier: BSD-2-Clause
"""The measurements of the board: the document and its pictures say what is measured."""

import json
from pathlib import Path

import pytest

from benchmarks import machine
from benchmarks.charts import charts
from benchmarks.results import Results
from benchmarks.tables import tables

MARKED = f"# A page\n\n{machine.BEGIN}old\n{machine.END}\nmore\n"


def test_document_agrees(measured: Results) -> None:
    """The tables of docs/TIMING.md are those of a fresh measurement, to the last digit."""
    document = machine.DOCUMENT.read_text()
    assert machine.with_tables(document, tables(measured)) == document


def test_pictures_agree(measured: Results) -> None:
    """So are the pictures."""
    for name, picture in charts(measured).items():
        assert (machine.PICTURES / name).read_text() == picture, name


def test_tables_go_between_the_marks() -> None:
    """Only what stands between the marks is replaced, again and again."""
    once = machine.with_tables(MARKED, "new\n")
    assert once == MARKED.replace("old", "new")
    assert machine.with_tables(once, "newer\n") == MARKED.replace("old", "newer")


def test_a_document_without_marks_is_refused() -> None:
    """Nothing is written where the marks are missing."""
    with pytest.raises(AssertionError, match="marks"):
        machine.with_tables("# A page\n", "new\n")


def test_writing(measured: Results, tmp_path: Path) -> None:
    """`--write` leaves a document whose links to pictures lead to them."""
    document = tmp_path / "page.md"
    document.write_text(MARKED)
    machine.write(measured, document, tmp_path / "timing")
    text = document.read_text()
    for picture in (tmp_path / "timing").iterdir():
        assert f"(timing/{picture.name})" in text
    assert text.count(".svg)") == len(list((tmp_path / "timing").iterdir()))


def test_json(measured: Results) -> None:
    """The JSON has every measurement, and the comparisons with their errors."""
    result = json.loads(json.dumps(machine.as_json(measured)))
    assert len(result["latencies"]) == len(measured.latencies)
    assert all({"measured", "expected", "error"} <= set(figure) for figure in result["figures"])
