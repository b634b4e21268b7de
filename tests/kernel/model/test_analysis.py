# SPDX-License-Identifier: BSD-2-Clause
"""The questions about a state, held against their definitions and against the theorems."""

from collections.abc import Callable

import pytest

from kernel.model.analysis import (
    access,
    access_domain,
    can_access,
    can_grw,
    connected,
    connection,
    dominates,
    isolated,
    leak,
    provides,
    sub_sys,
    sub_sys_caps,
)
from kernel.model.operations import run
from kernel.model.proofs.agreement import Scenario, scenarios
from kernel.model.state import Capability, Right, State, grant_cap, no_cap, sane
from kernel.model.text import parse_state
from tests.kernel.model.conftest import Example

#: 0 -G-> 1, 2 -G-> 1, 3 -R-> 2, 4 -C-> 3: subsystems {0 1 2} {3} {4}, domains {0 1 2 3} {4}.
CHAIN = ["entities 5", "0 1 G", "2 1 G", "3 2 R", "4 3 C"]

#: In generated states nothing lies, and nothing is named, from here on.
PLACES = 10


@pytest.fixture
def chain() -> State:
    """A state in which the two closures and creation differ."""
    return parse_state(CHAIN)


def _closure(s: State, related: Callable[[State, int, int], bool], x: int) -> set[int]:
    """The reflexive and transitive closure by its definition: grow until nothing is added."""
    reached = {x}
    while more := {z for y in reached for z in range(PLACES) if related(s, y, z)} - reached:
        reached |= more
    return reached


def _sane_runs(seed: int, count: int) -> list[Scenario]:
    return [each for each in scenarios(seed, count) if sane(each.first)]


def test_provides() -> None:
    """One capability with all the rights does; two with half of them each do not (R6.1)."""
    both = Capability(1, Right.READ | Right.WRITE)
    assert provides([Capability(1, Right.READ | Right.WRITE | Right.GRANT)], both)
    assert not provides([Capability(1, Right.READ), Capability(1, Right.WRITE)], both)
    assert not provides([Capability(2, Right.READ | Right.WRITE)], both)


def test_leak_has_a_direction(chain: State) -> None:
    """Who holds Grant leaks; connection goes both ways."""
    assert leak(chain, 0, 1) and not leak(chain, 1, 0)
    assert connected(chain, 0, 1) and connected(chain, 1, 0)
    assert not connected(chain, 0, 2)


def test_access_has_no_direction(chain: State) -> None:
    """Read, Write and Grant give access to both ends; Create gives none."""
    assert can_grw(chain, 3, 2) and not can_grw(chain, 2, 3)
    assert can_access(chain, 2, 3) and can_access(chain, 3, 2)
    assert not can_access(chain, 4, 3)


def test_classes(chain: State) -> None:
    """Subsystems follow Grant, access domains follow Read and Write as well."""
    assert sub_sys(chain, 2) == {0, 1, 2} and sub_sys(chain, 3) == {3}
    assert access_domain(chain, 0) == {0, 1, 2, 3} and access_domain(chain, 4) == {4}
    assert isolated(chain, 0, 4) and not isolated(chain, 0, 3)


def test_entity_that_does_not_exist(chain: State) -> None:
    """It is in a class of its own."""
    assert sub_sys(chain, 9) == {9} and isolated(chain, 9, 0)


def test_collective_authority(chain: State) -> None:
    """A subsystem has what each of its entities has."""
    assert sub_sys_caps(chain, 0) == {grant_cap(1)}
    assert sub_sys_caps(chain, 3) == {Capability(2, Right.READ)}


def test_dominates() -> None:
    """Only capabilities to the same entity count, and each by itself (R6.7)."""
    bound = Capability(1, Right.READ)
    assert dominates(bound, [Capability(1, Right.READ), Capability(2, Right.GRANT), no_cap(1)])
    assert not dominates(bound, [Capability(1, Right.READ | Right.WRITE)])
    assert dominates(bound, [])


def test_classes_are_the_closures() -> None:
    """On generated states, sane or not, both union-finds give the closures of the definitions."""
    for each in scenarios(3, 80):
        s = each.first
        for x in range(PLACES):
            assert connection(s).members(x) == _closure(s, connected, x)
            assert access(s).members(x) == _closure(s, can_access, x)


def test_members_and_same_agree() -> None:
    """Two entities are in the same class if and only if either is a member of the other's."""
    for each in scenarios(4, 20):
        classes = access(each.first)
        for x in range(each.first.next_id):
            for y in range(each.first.next_id):
                assert classes.same(x, y) == (y in classes.members(x))


def test_examples(subsystems: Example, domains: Example) -> None:
    """What Lemma 22 and Theorem 4 start from holds of the example states."""
    assert dominates(no_cap(4), sub_sys_caps(subsystems.target, 1))
    assert not isolated(subsystems.target, 1, 2)
    assert isolated(domains.target, 1, 2)


def test_theorem_1_and_3() -> None:
    """On generated runs nobody leaks or gains access beyond the classes at the start."""
    for each in _sane_runs(11, 80):
        leaks, flows = connection(each.first), access(each.first)
        n = each.first.next_id
        after = run(each.cdt, each.ops, each.first)
        for x in range(n):
            assert all(leaks.same(x, y) for y in sub_sys(after, x) if y < n)
            assert all(flows.same(x, y) for y in access_domain(after, x) if y < n)


def test_theorem_2() -> None:
    """On generated runs no subsystem gains authority over an entity that existed at the start."""
    for each in _sane_runs(12, 80):
        n = each.first.next_id
        after = run(each.cdt, each.ops, each.first)
        for e in range(n):
            held = sub_sys_caps(each.first, e)
            for c in sub_sys_caps(after, e):
                bound = Right(0)
                for d in held:
                    bound |= d.rights if d.entity == c.entity else Right(0)
                assert c.entity >= n or c.rights in bound


def test_a_chain_of_many() -> None:
    """A path through ten thousand entities is one class, and finding it needs no deep recursion."""
    n = 10_000
    s = State.of({e: [grant_cap(e + 1)] for e in range(n - 1)}, n)
    assert len(sub_sys(s, 0)) == n
