# SPDX-License-Identifier: BSD-2-Clause
"""Whole systems on the emulated machine, with and without the assembly's fast paths; programs."""

from collections.abc import Callable

import pytest

from kernel.options import KernelOptions
from tests.equivalence.lockstep import write_board
from tests.sel4emu.conftest import Bare
from tests.system.stage import Stage

#: Runs a bare program to its label `done`, at each level of timing.
Start = Callable[..., Bare]


@pytest.fixture(scope="session")
def small_board(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A KZM with 4 MB."""
    return write_board(tmp_path_factory.mktemp("board") / "kzm_4.toml", 4)


@pytest.fixture(scope="session", params=[False, True], ids=["fast", "slow"])
def built_stage(request: pytest.FixtureRequest, small_board: str) -> Stage:
    """A stage without a tick, built once for each kernel."""
    return Stage(small_board, KernelOptions(slow=request.param))


@pytest.fixture
def stage(built_stage: Stage) -> Stage:
    """The stage as built."""
    built_stage.arena.reset()
    return built_stage


@pytest.fixture(params=[False, True], ids=["fast", "slow"])
def ticking_stage(request: pytest.FixtureRequest, small_board: str) -> Stage:
    """A stage of its own whose tick runs."""
    return Stage(small_board, KernelOptions(slow=request.param), ticking=True)


@pytest.fixture(params=[False, True], ids=["fast", "slow"])
def own_stage(request: pytest.FixtureRequest, small_board: str) -> Stage:
    """A stage of its own, for tests that change devices: these are no part of what is reset."""
    return Stage(small_board, KernelOptions(slow=request.param))


@pytest.fixture(params=["full", "off"])
def level(request: pytest.FixtureRequest) -> str:
    """The level of timing."""
    name = request.param
    assert isinstance(name, str)
    return name


@pytest.fixture
def start(level: str) -> Start:
    """Runs a bare program to its label `done`; `handlers` are labels of exceptions."""

    def run(source: str, typed: bytes = b"", cycles: int = 3_000_000, **handlers: str) -> Bare:
        bare = Bare(level, typed)
        bare.load(source, handlers=handlers)
        bare.go(cycles=cycles)
        return bare

    return run
