# SPDX-License-Identifier: BSD-2-Clause
"""Random small states, closures in their plainest form, and descriptions written in a test."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from kernel.policy.description import BoardDevice, BoardFacts, Description, Program
from kernel.policy.language import check_description
from kernel.policy.statefile import ProtectionState, parse_state, rights_text
from kernel.policy.syntax import Source
from sel4emu.errors import InputError

MakeState = Callable[[int], ProtectionState]
Closure = Callable[[ProtectionState, int], list[list[bool]]]
Describe = Callable[..., Description]


@pytest.fixture
def random_state() -> MakeState:
    """A state of up to 9 entities for a seed; capabilities with few rights are common."""

    def make(seed: int) -> ProtectionState:
        source = random.Random(seed)
        entities = source.randint(1, 9)
        lines = [f"entities {entities}"]
        for _ in range(source.randint(0, 14)):
            rights = rights_text(source.randrange(16) & source.randrange(16))
            lines.append(f"{source.randrange(entities)} {source.randrange(entities)} {rights}")
        return parse_state("\n".join(lines).encode(), f"seed {seed}")

    return make


@pytest.fixture
def closure() -> Closure:
    """Reflexive, symmetric and transitive closure of "holds a capability with a right of"."""

    def close(state: ProtectionState, mask: int) -> list[list[bool]]:
        count = state.entities
        joined = [[one == other for other in range(count)] for one in range(count)]
        for holder, target, rights in zip(
            state.holders.tolist(), state.targets.tolist(), state.rights.tolist(), strict=True
        ):
            if rights & mask:
                joined[holder][target] = joined[target][holder] = True
        for via in range(count):
            for one in range(count):
                for other in range(count):
                    joined[one][other] |= joined[one][via] and joined[via][other]
        return joined

    return close


@pytest.fixture
def board() -> BoardFacts:
    """32 MiB of RAM, a clock, a port without interrupt, and the kernel's own timer."""
    devices = (
        BoardDevice("clock", 0x53F9_0000, 0x4000, 29),
        BoardDevice("port", 0x53FA_4000, 0x4000, None),
        BoardDevice("tick", 0x53F9_4000, 0x4000, 28),
    )
    return BoardFacts("small", 32 << 20, devices)


@pytest.fixture
def describe(board: BoardFacts) -> Describe:
    """The description of a text; `programs` are the images by name, `file` the text's name."""

    def make(
        text: str, file: str = "system.spec", programs: dict[str, Program] | None = None
    ) -> Description:
        def read(path: Path) -> Program:
            if path.name not in (programs or {}):
                raise InputError(f"{path.name}: no program")
            return (programs or {})[path.name]

        return check_description(Source(file, text), board, read)

    return make
