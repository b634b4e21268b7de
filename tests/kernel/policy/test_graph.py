# SPDX-License-Identifier: BSD-2-Clause
"""Components against the closure as it is defined."""

from collections.abc import Callable

import pytest

from kernel.policy.graph import Components
from kernel.policy.statefile import GRANT, READ, WRITE, ProtectionState, parse_state

SEEDS = range(150)
MASKS = (GRANT, GRANT | READ | WRITE)


@pytest.mark.parametrize("mask", MASKS)
def test_components_are_the_closure(
    random_state: Callable[[int], ProtectionState],
    closure: Callable[[ProtectionState, int], list[list[bool]]],
    mask: int,
) -> None:
    """Two entities are joined exactly if the closure of the definition joins them."""
    for seed in SEEDS:
        state = random_state(seed)
        components, joined = Components(state, mask), closure(state, mask)
        for one in range(state.entities):
            members = [other for other in range(state.entities) if joined[one][other]]
            assert components.members(one).tolist() == members, seed
            assert components.size(one) == len(members), seed
            for other in range(state.entities):
                assert components.joined(one, other) == joined[one][other], seed


@pytest.mark.parametrize("mask", MASKS)
def test_a_path_leads_there(random_state: Callable[[int], ProtectionState], mask: int) -> None:
    """Each capability of a path carries the right and goes on where the one before ended."""
    for seed in SEEDS:
        state = random_state(seed)
        components = Components(state, mask)
        for one in range(state.entities):
            for other in components.members(one).tolist():
                at = one
                for place in components.path(one, other):
                    assert state.rights[place] & mask
                    ends = {int(state.holders[place]), int(state.targets[place])}
                    assert at in ends, seed
                    at = (ends - {at}).pop()
                assert at == other, seed


def test_a_chain_of_many() -> None:
    """A path through 20,000 entities neither recurses nor takes long."""
    count = 20_000
    lines = [f"entities {count}", *(f"{n} {n + 1} G" for n in range(count - 1))]
    components = Components(parse_state("\n".join(lines).encode(), "chain"), GRANT)
    assert len(components.path(0, count - 1)) == count - 1
    assert components.size(7) == count
