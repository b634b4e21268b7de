# SPDX-License-Identifier: BSD-2-Clause
"""Random small states, and the closures of the definitions in their plainest form."""

import random
from collections.abc import Callable

import pytest

from kernel.policy.statefile import ProtectionState, parse_state, rights_text

MakeState = Callable[[int], ProtectionState]
Closure = Callable[[ProtectionState, int], list[list[bool]]]


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
