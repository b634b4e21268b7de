# SPDX-License-Identifier: BSD-2-Clause
"""Witnesses of leaks on the running kernel: their grants, made as system calls, lead there.

What stands for Grant, and how a grant is made, is in `grants.py`.

And where the decision procedure says that there is no leak, every grant is tried until none brings
anything new: the running kernel then has exactly the leaks that were decided.
"""

import random
from itertools import product

import pytest

from kernel.model.operations import legal, nothing_derived, step
from kernel.model.state import Capability, Right, State
from kernel.policy.decide import Policy
from kernel.policy.statefile import parse_state
from kernel.policy.witness import find_leak
from tests.equivalence.arena import PEERS
from tests.system.grants import Society
from tests.system.stage import Stage

Pairs = frozenset[tuple[int, int]]

#: As in chapter 6: a manager over two subsystems and their entities, with and without a bridge; a
#: chain in which nobody grants to its beginning; two that share one they both grant to.
THESIS: dict[str, Pairs] = {
    "manager": frozenset({(0, 0), (0, 1), (0, 2), (0, 3)}),
    "subsystems": frozenset({(0, 1), (1, 1), (2, 3), (3, 3)}),
    "bridge": frozenset({(0, 0), (0, 1), (1, 2), (3, 2)}),
    "chain": frozenset({(0, 1), (1, 2), (2, 3)}),
    "shared": frozenset({(0, 2), (1, 2), (2, 3), (3, 0)}),
    "nothing": frozenset(),
}
SEEDS = range(6)
ALL_PAIRS = [(one, other) for one in range(PEERS) for other in range(PEERS)]


def random_pairs(seed: int) -> Pairs:
    """Three to five capabilities with Grant."""
    source = random.Random(seed)
    return frozenset(source.sample(ALL_PAIRS, source.randint(3, 5)))


STATES = {**THESIS, **{f"seed {seed}": random_pairs(seed) for seed in SEEDS}}


def policy_of(pairs: Pairs) -> Policy:
    """The decision procedure on the state in which exactly these hold Grant."""
    lines = [f"entities {PEERS}", *(f"{holder} {target} WG" for holder, target in sorted(pairs))]
    return Policy(parse_state("\n".join(lines).encode(), "pairs"))


def model_of(pairs: Pairs) -> State:
    """The same state, of the model."""
    heap: dict[int, list[Capability]] = {}
    for holder, target in pairs:
        heap.setdefault(holder, []).append(Capability(target, Right.WRITE | Right.GRANT))
    return State.of(heap, PEERS)


def pairs_in(state: State) -> set[tuple[int, int]]:
    """Who holds Grant over whom in the model."""
    return {(holder, c.entity) for holder, c in state.all_caps() if Right.GRANT in c.rights}


def true_leaks(policy: Policy) -> set[tuple[int, int]]:
    """All pairs of which the first will hold Grant over the second, if all do what they can."""
    return {pair for pair in ALL_PAIRS if policy.really_leaks(*pair)}


def test_the_states_say_something() -> None:
    """Among the states there are leaks that take commands, and closures that see one too many."""
    policies = [(pairs, policy_of(pairs)) for pairs in STATES.values()]
    assert sum(len(true_leaks(policy) - pairs) for pairs, policy in policies) > 2 * len(STATES)
    seen = sum(policy.can_leak(*pair) for _, policy in policies for pair in ALL_PAIRS)
    assert seen > sum(len(true_leaks(policy)) for _, policy in policies)


@pytest.mark.parametrize("name", STATES)
def test_the_society_is_the_state(stage: Stage, name: str) -> None:
    """What was built is what the model was asked about, before anybody acts."""
    society = Society(stage.arena, STATES[name])
    assert society.pairs() == society.any_pairs() == STATES[name]
    stage.check()


@pytest.mark.parametrize("name", STATES)
def test_witnesses_lead_there(stage: Stage, name: str) -> None:
    """After each grant of the witness, the kernel's CNodes hold what the model's entities hold."""
    pairs = STATES[name]
    policy = policy_of(pairs)
    for source, target in sorted(true_leaks(policy) - pairs):
        commands = find_leak(policy, source, target)
        assert commands
        stage.arena.reset()
        society = Society(stage.arena, pairs)
        model = model_of(pairs)
        for command in commands:
            assert legal(command, model)
            model = step(nothing_derived, command, model)
            society.run(command)
            assert society.pairs() == society.any_pairs() == pairs_in(model), command
        assert (source, target) in society.pairs(), commands
    stage.check()


@pytest.mark.parametrize("name", STATES)
def test_whatever_they_do_only_decided_leaks_come_about(stage: Stage, name: str) -> None:
    """All grants, legal or not, until nothing changes: exactly the decided leaks, by no door more.

    Whoever is not connected may write to each other: messages pass, but no capabilities. Who acts
    on whom is tried in an order that depends on the state, so no order is built in.
    """
    policy = policy_of(STATES[name])
    apart = [pair for pair in ALL_PAIRS if not policy.can_leak(*pair)]
    society = Society(stage.arena, STATES[name], writers=apart)
    tries = list(product(range(PEERS), repeat=3))
    random.Random(name).shuffle(tries)
    before: set[tuple[int, int]] | None = None
    while before != society.any_pairs():
        before = society.any_pairs()
        for actor, to, what in tries:
            if actor != to:  # nobody waits for a message of its own
                society.grant(actor, to, what)
    assert society.pairs() == society.any_pairs() == true_leaks(policy)
    stage.check()
