# SPDX-License-Identifier: BSD-2-Clause
"""The promised states, and the commands that lead there."""

import random
from collections.abc import Callable

import pytest

from kernel.model import analysis
from kernel.model.operations import legal, nothing_derived, run, step
from kernel.model.state import INITIAL_STATE, Capability, Right, State, sane
from kernel.policy.decide import Policy
from kernel.policy.description import Description
from kernel.policy.promise import Kind, bootstrap, promise
from kernel.policy.statefile import parse_state

Describe = Callable[..., Description]

THESIS = """\
"ss1" { text { 1024 to 4096 }; data { 4096 to 5120 }; resource { 4 }; %s };
"ss2" { text { 5120 to 6144 }; resource { 4 }; %s };
"""


def held(*capabilities: tuple[int, Right]) -> list[Capability]:
    """Capabilities from pairs."""
    return [Capability(entity, rights) for entity, rights in capabilities]


@pytest.fixture
def random_description(describe: Describe) -> Callable[[int], Description]:
    """Up to nine subsystems with some channels; the first has the clock."""

    def make(seed: int) -> Description:
        source = random.Random(seed)
        count = source.randint(1, 9)
        blocks = []
        for i in range(count):
            clauses = [f"text {{ {i}K to {i + 1}K }};", "resource { 1 };"]
            clauses += ["device clock;"] * (i == 0)
            for j in range(count):
                if i != j and source.random() < 0.15:
                    clauses.append(f"{source.choice(['comm', 'notify'])} {{ this -> s{j} }};")
            blocks.append(f'"s{i}" {{ {" ".join(clauses)} }};')
        return describe("\n".join(blocks))

    return make


def test_the_example_of_section_6_4_1(describe: Describe) -> None:
    """The promised state is s0 of the thesis, capability for capability."""
    made = promise(describe(THESIS % ("comm { this → ss2 };", "comm { this → ss1 };")))
    s0 = {
        1: held((1, Right.GRANT), (2, Right.WRITE), (3, Right.CREATE)),
        2: held((2, Right.GRANT), (1, Right.WRITE), (4, Right.CREATE)),
    }
    assert made.state == State.of(s0, 5)
    assert made.domains == ((0, 1),)


def test_the_example_of_section_6_5_3(describe: Describe) -> None:
    """The promised state is s_iso, and the two are isolated (Theorem 4)."""
    made = promise(describe(THESIS % ("", "")))
    s_iso = {
        1: held((1, Right.GRANT), (3, Right.CREATE)),
        2: held((2, Right.GRANT), (4, Right.CREATE)),
    }
    assert made.state == State.of(s_iso, 5)
    assert made.domains == ((0,), (1,))


def test_devices_are_entities(describe: Describe) -> None:
    """A device is Read and Write, its interrupt Write, both its owner's alone."""
    made = promise(
        describe('"a" { text { 0 to 1K }; resource { 1 }; device clock; device port; };')
    )
    kinds = [(entity.kind, entity.name, entity.owner) for entity in made.entities]
    assert kinds == [
        (Kind.MANAGER, "", None),
        (Kind.SUBSYSTEM, "a", 0),
        (Kind.MEMORY, "a", 0),
        (Kind.DEVICE, "clock", 0),
        (Kind.INTERRUPT, "clock", 0),
        (Kind.DEVICE, "port", 0),
    ]
    both = Right.READ | Right.WRITE
    assert made.state.caps(1) == frozenset(
        held((1, Right.GRANT), (2, Right.CREATE), (3, both), (4, Right.WRITE), (5, both))
    )


def test_two_channels_to_one_are_one_right(describe: Describe) -> None:
    """Comm and notify to the same subsystem are one Write in the model."""
    made = promise(describe(THESIS % ("comm { this → ss2 }; notify { this → ss2 };", "")))
    assert made.state.caps(1) == frozenset(
        held((1, Right.GRANT), (2, Right.WRITE), (3, Right.CREATE))
    )


@pytest.mark.parametrize("seed", range(40))
def test_the_commands_lead_to_the_promise(
    random_description: Callable[[int], Description], seed: int
) -> None:
    """Each is legal when it runs, and from the initial state they make exactly what is promised."""
    made = promise(random_description(seed))
    state = INITIAL_STATE
    for command in bootstrap(made):
        assert legal(command, state), command
        state = step(nothing_derived, command, state)
    assert state == made.state == run(nothing_derived, bootstrap(made), INITIAL_STATE)
    assert sane(state)


@pytest.mark.parametrize("seed", range(40))
def test_no_description_connects_two_subsystems(
    random_description: Callable[[int], Description], seed: int
) -> None:
    """Each is a subsystem of its own, and holds no right but Write over another (R6.55)."""
    made = promise(random_description(seed))
    assert not made.joined
    count = len(made.description.subsystems)
    for number in range(count):
        entity = made.subsystem(number)
        assert analysis.sub_sys(made.state, entity) == {entity}
        for capability in made.state.caps(entity):
            owner = made.entities[capability.entity].owner
            assert owner == number or capability.rights == Right.WRITE


@pytest.mark.parametrize("seed", range(40))
def test_domains_are_what_channels_join(
    random_description: Callable[[int], Description], seed: int
) -> None:
    """Two subsystems are in one domain exactly if channels lead from one to the other."""
    description = random_description(seed)
    groups = [{number} for number in range(len(description.subsystems))]
    for channel in description.channels:
        one = next(group for group in groups if channel.sender in group)
        other = next(group for group in groups if channel.receiver in group)
        if one is not other:
            groups.remove(other)
            one |= other
    assert sorted(map(sorted, groups)) == sorted(map(list, promise(description).domains))


@pytest.mark.parametrize("seed", range(10))
def test_the_decision_procedure_reads_the_state(
    random_description: Callable[[int], Description], seed: int
) -> None:
    """The written state gives the same domains, and no way to another's memory."""
    made = promise(random_description(seed))
    policy = Policy(parse_state(made.text().encode(), "promise"))
    count = len(made.description.subsystems)
    for domain in made.domains:
        first = made.subsystem(domain[0])
        members = set(policy.domain(first).tolist())
        assert {made.subsystem(n) for n in domain} == members & set(range(1, count + 1))
    for one in range(count):
        for other in range(count):
            authority = policy.authority(made.subsystem(one), made.memory(other))
            assert bool(authority) == (one == other)
