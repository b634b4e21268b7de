# SPDX-License-Identifier: BSD-2-Clause
"""Pairs of systems in lock step, on boards with so little RAM that all of it can be compared."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.equivalence.arena import Arena
from tests.equivalence.lockstep import Lockstep, write_board

BoardFile = Callable[[int], str]


@pytest.fixture(scope="session")
def board_file(tmp_path_factory: pytest.TempPathFactory) -> BoardFile:
    """Writes the KZM's board file with so many megabytes of RAM, and answers with its path."""

    def write(megabytes: int) -> str:
        path: Path = tmp_path_factory.mktemp("boards") / f"kzm_{megabytes}.toml"
        return write_board(path, megabytes)

    return write


@pytest.fixture(scope="session", params=[False, True], ids=["default", "compat"])
def built_arena(request: pytest.FixtureRequest, board_file: BoardFile) -> Arena:
    """The arena in each mode, built once."""
    return Arena(Lockstep.both(board_file(4), compat=request.param))


@pytest.fixture
def arena(built_arena: Arena) -> Arena:
    """Both modes, as built."""
    built_arena.reset()
    return built_arena
