# SPDX-License-Identifier: BSD-2-Clause
"""The measurements of the emulated board, made once."""

import pytest

from benchmarks.results import Results, measure


@pytest.fixture(scope="session")
def measured() -> Results:
    """A fresh measurement of everything."""
    return measure()
