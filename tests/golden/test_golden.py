# SPDX-License-Identifier: BSD-2-Clause
"""The cycle model against the manual: its worked examples and tables, typed by hand."""

from typing import Final

import pytest

from tests.golden.bench import Bench
from tests.golden.cases import Case, all_cases, expected, files, snippets

#: The first pass fills caches and predictors, the second settles counters and return stack.
WARM: Final = 2
PASSES: Final = 4


@pytest.fixture(scope="module")
def bench() -> Bench:
    """One machine for all cases."""
    return Bench()


@pytest.mark.parametrize("file", files())
def test_every_case_has_its_cycles(file: str) -> None:
    """The cases of a `.s` file are those of its `.exp` file, in the same order."""
    assert list(snippets(file)) == list(expected(file))


def test_the_manual_is_covered() -> None:
    """There are enough cases for every row of the tables, and none twice."""
    names = [case.name for case in all_cases()]
    assert len(names) == len(set(names)) >= 700


@pytest.mark.parametrize("case", all_cases(), ids=str)
def test_cycles(bench: Bench, case: Case) -> None:
    """The snippet takes the manual's cycles, in every warm pass."""
    assert bench.passes(case, PASSES)[WARM:] == [case.cycles] * (PASSES - WARM)
