# SPDX-License-Identifier: BSD-2-Clause
"""Witnesses of leaks: executed on the model, they lead where they say."""

from collections.abc import Callable

from kernel.model import analysis, operations
from kernel.model.state import Capability, Right, State
from kernel.policy.decide import Policy
from kernel.policy.statefile import ProtectionState, parse_state
from kernel.policy.witness import Command, find_leak

SEEDS = range(100)


def model_state(state: ProtectionState) -> State:
    """The state as the model has it."""
    heap: dict[int, list[Capability]] = {}
    for holder, target, rights in zip(
        state.holders.tolist(), state.targets.tolist(), state.rights.tolist(), strict=True
    ):
        heap.setdefault(holder, []).append(Capability(target, Right(rights)))
    return State.of(heap, state.entities)


def run_legally(state: State, commands: list[Command]) -> State:
    """The state after the commands, each of which must be legal when it runs."""
    for command in commands:
        assert operations.legal(command, state), command
        state = operations.step(operations.nothing_derived, command, state)
    return state


def test_every_witness_leads_there(random_state: Callable[[int], ProtectionState]) -> None:
    """Each command is legal in its turn, and at the end the source holds Grant over the target."""
    found = 0
    for seed in SEEDS:
        policy = Policy(random_state(seed))
        start = model_state(policy.state)
        for source in range(policy.state.entities):
            for target in policy.subsystem(source).tolist():
                commands = find_leak(policy, source, target)
                if commands is None:
                    continue
                found += 1
                assert analysis.leak(run_legally(start, commands), source, target), seed
    assert found > len(SEEDS), "the states are too poor to say anything"


def test_what_a_few_grants_reach_is_found() -> None:
    """A leak that every command sequence of length two would find is found.

    2 can only be reached by what 1 does: it passes its self-grant on.
    """
    policy = Policy(parse_state(b"entities 3\n1 1 G\n1 2 G\n2 2 W\n0 1 G\n", "test"))
    commands = find_leak(policy, 2, 1)
    assert commands is not None
    assert [type(command) for command in commands] == [operations.SysGrant]


def test_creation_makes_a_go_between() -> None:
    """0 may not name 1, and neither passes anything on before a new entity stands between them.

    2 holds Grant over both and can create; the new entity it gives to itself is not needed, but
    what it holds over them travels.
    """
    policy = Policy(parse_state(b"entities 4\n2 0 G\n2 1 G\n2 3 C\n", "test"))
    assert policy.can_leak(0, 1)
    commands = find_leak(policy, 0, 1)
    assert commands is not None
    final = run_legally(model_state(policy.state), commands)
    assert analysis.leak(final, 0, 1)


def test_an_approximation_stays_one() -> None:
    """Where nobody can pass on Grant over 0, no commands are made up."""
    policy = Policy(parse_state(b"entities 2\n0 1 G\n", "test"))
    assert policy.can_leak(1, 0)
    assert find_leak(policy, 1, 0) is None


def test_a_long_chain_is_not_searched() -> None:
    """The work is bounded: more entities than that, and the answer is "none found"."""
    lines = [b"entities 100", *(b"%d %d G" % (n, n + 1) for n in range(99))]
    policy = Policy(parse_state(b"\n".join(lines), "test"))
    assert policy.can_leak(0, 99)
    assert find_leak(policy, 0, 99) is None
