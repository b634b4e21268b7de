# SPDX-License-Identifier: BSD-2-Clause
"""Pairs of systems in lock step, on boards with so little RAM that all of it can be compared."""

from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest

from tests.equivalence.arena import Arena
from tests.equivalence.lockstep import Lockstep

BoardFile = Callable[[int], str]


@pytest.fixture(scope="session")
def board_file(tmp_path_factory: pytest.TempPathFactory) -> BoardFile:
    """Writes the KZM's board file with so many megabytes of RAM, and answers with its path."""

    def write(megabytes: int) -> str:
        text = (resources.files("boards") / "kzm_arm11" / "board.toml").read_text()
        changed = text.replace("size = 0x800_0000", f"size = 0x{megabytes << 20:x}")
        assert changed != text
        path: Path = tmp_path_factory.mktemp("boards") / f"kzm_{megabytes}.toml"
        path.write_text(changed)
        return str(path)

    return write


@pytest.fixture(scope="session", params=[False, True], ids=["default", "compat"])
def built_arena(request: pytest.FixtureRequest, board_file: BoardFile) -> Arena:
    """The arena in each mode, built once."""
    return Arena(Lockstep(board_file(4), compat=request.param))


@pytest.fixture(scope="session")
def built_default_arena(board_file: BoardFile) -> Arena:
    """The arena in the default mode, built once."""
    return Arena(Lockstep(board_file(4)))


@pytest.fixture
def arena(built_arena: Arena) -> Arena:
    """Both modes, as built."""
    built_arena.reset()
    return built_arena


@pytest.fixture
def default_arena(built_default_arena: Arena) -> Arena:
    """The default mode, as built."""
    built_default_arena.reset()
    return built_default_arena
