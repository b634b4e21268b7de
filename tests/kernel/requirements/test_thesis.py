# SPDX-License-Identifier: BSD-2-Clause
"""docs/THESIS.md has a row for every requirement, and each test it names shows that requirement."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import pytest

ROOT: Final = Path(__file__).parents[3]
PAGE: Final = ROOT / "docs" / "THESIS.md"
COUNT: Final = 128
OVERRIDDEN: Final = {12, 17, 22, 23, 75, 80, 89, 92, 93, 110}
ROW: Final = re.compile(r"^\| R4\.(\d+) \| (.+?) \| `([^`|]+)` \| (`[^|]+`) \|$", re.MULTILINE)


class Requirement(NamedTuple):
    """One row: what is asked, the source file, the tests as `file::name`."""

    asked: str
    source: str
    tests: list[str]


def _text() -> str:
    return PAGE.read_text(encoding="utf-8")


def _rows() -> dict[int, Requirement]:
    rows = ROW.findall(_text())
    assert len({number for number, *_ in rows}) == len(rows), "a requirement has two rows"
    return {
        int(number): Requirement(asked, source, re.findall(r"`([^`]+)`", tests))
        for number, asked, source, tests in rows
    }


REQUIREMENTS: Final = _rows()


@cache
def _docstrings(path: str) -> dict[str, str]:
    """The docstring of each test in a file."""
    tree = ast.parse((ROOT / "tests" / path).read_text(encoding="utf-8"))
    return {
        node.name: ast.get_docstring(node) or ""
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def test_every_requirement_has_one_row() -> None:
    """R4.1 to R4.128 stand on the page, each once."""
    assert sorted(REQUIREMENTS) == list(range(1, COUNT + 1))


@pytest.mark.parametrize("number", range(1, COUNT + 1))
def test_row_leads_to_source_and_tests(number: int) -> None:
    """The source file exists, and each named test exists and names the requirement."""
    row = REQUIREMENTS[number]
    assert (ROOT / row.source).is_file(), row.source
    assert row.tests
    for test in row.tests:
        path, name = test.split("::")
        docstring = _docstrings(path).get(name)
        assert docstring is not None, f"{test} does not exist"
        assert re.search(rf"R4\.{number}\b", docstring), f"{test} does not name R4.{number}"


def test_overridden_requirements() -> None:
    """The ten overridden requirements, and no others, are marked and have their reason."""
    marked = {number for number, row in REQUIREMENTS.items() if "(overridden)" in row.asked}
    reasons = re.findall(r"^\| R4\.(\d+) \| ([^|]{20,}) \|$", _text(), re.MULTILINE)
    assert marked == {int(number) for number, _ in reasons} == OVERRIDDEN


def test_page_names_the_hole() -> None:
    """The hole in the thesis's PageTable rule is explained beside the test that shows it."""
    (test,) = set(re.findall(r"`(\S+::test_hole\w+)` does exactly this", _text()))
    path, name = test.split("::")
    assert "R4.100" in _docstrings(path)[name]
