# SPDX-License-Identifier: BSD-2-Clause
"""The stage of the tables of refusals: built once, put back before each test."""

import pytest

from tests.kernel.requirements.stage import Stage


@pytest.fixture(scope="session")
def _stage() -> Stage:
    return Stage()


@pytest.fixture
def stage(_stage: Stage) -> Stage:
    """A kernel with one of everything, as it was when it was built."""
    _stage.restore()
    return _stage
