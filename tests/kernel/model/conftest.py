# SPDX-License-Identifier: BSD-2-Clause
"""The two example systems, as states and as what the resource manager runs to build them."""

from dataclasses import dataclass

import pytest

from kernel.model.operations import Operation
from kernel.model.state import State
from kernel.model.text import parse_operation, parse_state

MAKE = ["create 0 0 RWGC 0 RWGC"] * 4
FORGET = [f"remove 0 0 RWGC {e} RWGC" for e in (1, 2, 3, 4, 0)]


@dataclass(frozen=True)
class Example:
    """A state, and the operations that build it from the initial state, the first runs first."""

    target: State
    ops: tuple[Operation, ...]


def _example(target: list[str], grants: list[str]) -> Example:
    lines = [*MAKE, *(f"grant 0 {grant}" for grant in grants), *FORGET]
    return Example(parse_state(target), tuple(map(parse_operation, lines)))


@pytest.fixture
def subsystems() -> Example:
    """Two subsystems that may send to each other (R6.46, R6.47)."""
    return _example(
        ["entities 5", "1 1 G", "1 2 W", "1 3 C", "2 2 G", "2 1 W", "2 4 C"],
        [
            "1 RWGC 1 RWGC G",
            "1 RWGC 2 RWGC W",
            "1 RWGC 3 RWGC C",
            "2 RWGC 2 RWGC G",
            "2 RWGC 1 RWGC W",
            "2 RWGC 4 RWGC C",
        ],
    )


@pytest.fixture
def domains() -> Example:
    """Two domains that are isolated (R6.48, R6.49)."""
    return _example(
        ["entities 5", "1 1 G", "1 3 C", "2 2 G", "2 4 C"],
        ["1 RWGC 1 RWGC G", "1 RWGC 3 RWGC C", "2 RWGC 2 RWGC G", "2 RWGC 4 RWGC C"],
    )
