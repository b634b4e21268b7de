# SPDX-License-Identifier: BSD-2-Clause
"""Answers of the decision procedure on the thesis's examples and on random states."""

from collections.abc import Callable
from pathlib import Path

import pytest

from kernel.policy.decide import Policy
from kernel.policy.statefile import CREATE, GRANT, WRITE, ProtectionState, parse_state
from sel4emu.errors import InputError

#: R6.46: two subsystem managers that may send to each other.
EXAMPLE = b"entities 5\n1 1 G\n1 2 W\n1 3 C\n2 2 G\n2 1 W\n2 4 C\n"
#: R6.48: the same without the channel.
ISOLATED = b"entities 5\n1 1 G\n1 3 C\n2 2 G\n2 4 C\n"


def policy_of(text: bytes) -> Policy:
    """The policy of a state in text form."""
    return Policy(parse_state(text, "test"))


def test_the_example_of_section_6_4() -> None:
    """No leak between the subsystems, and 1 has no authority over 4 (R6.32, R6.55)."""
    policy = policy_of(EXAMPLE)
    assert not policy.can_leak(1, 2)
    assert not policy.can_leak(2, 1)
    assert policy.authority(1, 4) == 0
    assert policy.authority(1, 2) == WRITE
    assert policy.authority(1, 3) == CREATE
    assert policy.subsystem(1).tolist() == [1]
    assert not policy.isolated(1, 2)


def test_the_example_of_section_6_5() -> None:
    """Without the channel the two are isolated (R6.40)."""
    policy = policy_of(ISOLATED)
    assert policy.isolated(1, 2)
    assert policy.domain(1).tolist() == [1]


def test_the_cut_lists_what_lies_between() -> None:
    """The capabilities from one side to the other that do not carry the right."""
    policy = policy_of(EXAMPLE)
    cut = policy.cut(policy.leak_graph, 1, 2, 1)
    assert (cut.size_of_first, cut.size_of_second, cut.between_count) == (1, 1, 2)
    assert len(cut.between) == 1


def test_authority_is_that_of_the_whole_subsystem(
    random_state: Callable[[int], ProtectionState],
) -> None:
    """The bound is the union over every capability that a member holds (R6.6)."""
    for seed in range(100):
        state = random_state(seed)
        policy = Policy(state)
        for entity in range(state.entities):
            members = set(policy.subsystem(entity).tolist())
            for target in range(state.entities):
                rights = 0
                for holder, named, held in zip(
                    state.holders.tolist(),
                    state.targets.tolist(),
                    state.rights.tolist(),
                    strict=True,
                ):
                    if holder in members and named == target:
                        rights |= held
                assert policy.authority(entity, target) == rights, seed


def test_held_by_is_what_the_file_says() -> None:
    """The capabilities of one entity, in the order of the file."""
    held = policy_of(EXAMPLE).held_by(1)
    assert [(c.target, c.rights) for c in held] == [(1, GRANT), (2, WRITE), (3, CREATE)]


@pytest.mark.parametrize("entity", [-1, 5, 10**12])
def test_an_entity_that_does_not_exist(entity: int) -> None:
    """Every question refuses it with one sentence."""
    policy = policy_of(EXAMPLE)
    questions: list[Callable[[], object]] = [
        lambda: policy.can_leak(entity, 0),
        lambda: policy.can_leak(0, entity),
        lambda: policy.isolated(0, entity),
        lambda: policy.subsystem(entity),
        lambda: policy.domain(entity),
        lambda: policy.holdings(entity, 0),
        lambda: policy.holdings(0, entity),
        lambda: policy.held_by(entity),
    ]
    for question in questions:
        with pytest.raises(InputError, match="there is no entity"):
            question()


def test_a_policy_is_read_from_a_file(tmp_path: Path) -> None:
    """`Policy.load` takes a path."""
    file = tmp_path / "example.state"
    file.write_bytes(EXAMPLE)
    assert Policy.load(str(file)).state.entities == 5
