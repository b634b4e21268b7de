# SPDX-License-Identifier: BSD-2-Clause
"""Witnesses of leaks: executed on the model, they lead where they say."""

from collections.abc import Callable

from kernel.model import analysis, operations
from kernel.model.state import Capability, Right, State
from kernel.policy.decide import Policy
from kernel.policy.statefile import ProtectionState, parse_state
from kernel.policy.witness import find_leak

SEEDS = range(100)


def model_state(state: ProtectionState) -> State:
    """The state as the model has it."""
    heap: dict[int, list[Capability]] = {}
    for holder, target, rights in zip(
        state.holders.tolist(), state.targets.tolist(), state.rights.tolist(), strict=True
    ):
        heap.setdefault(holder, []).append(Capability(target, Right(rights)))
    return State.of(heap, state.entities)


def run_legally(state: State, commands: list[operations.Operation]) -> State:
    """The state after the commands, each of which must be legal when it runs."""
    for command in commands:
        assert operations.legal(command, state), command
        state = operations.step(operations.nothing_derived, command, state)
    return state


def test_witnesses_are_there_exactly_for_true_leaks(
    random_state: Callable[[int], ProtectionState],
) -> None:
    """Each command is legal in its turn and the last leads there; without one, none can.

    An earlier search gave up too soon: of 6372 pairs it missed 111 true leaks.
    """
    found = 0
    for seed in SEEDS:
        policy = Policy(random_state(seed))
        start = model_state(policy.state)
        for source in range(policy.state.entities):
            for target in range(policy.state.entities):
                commands = find_leak(policy, source, target)
                assert (commands is not None) == analysis.can_ever_leak(start, source, target)
                assert policy.really_leaks(source, target) == (commands is not None), seed
                if commands is not None:
                    found += 1
                    assert analysis.leak(run_legally(start, commands), source, target), seed
    assert found > len(SEEDS), "the states are too poor to say anything"


def test_an_approximation_stays_one() -> None:
    """Where nobody can pass on Grant over 0, no commands are made up."""
    policy = Policy(parse_state(b"entities 2\n0 1 G\n", "test"))
    assert policy.can_leak(1, 0)
    assert not policy.really_leaks(1, 0)
    assert find_leak(policy, 1, 0) is None


def test_a_long_chain() -> None:
    """The commands are a few times as many as the path has steps, and all are legal."""
    lines = [b"entities 100", b"0 0 G", *(b"%d %d G" % (n, n + 1) for n in range(99))]
    policy = Policy(parse_state(b"\n".join(lines), "test"))
    commands = find_leak(policy, 0, 99)
    assert commands is not None
    assert len(commands) < 500
    assert analysis.leak(run_legally(model_state(policy.state), commands), 0, 99)
