# SPDX-License-Identifier: BSD-2-Clause
"""Each operation: what makes it legal, what it does, and what a run of several does."""

from collections.abc import Sequence

import pytest

from kernel.model.operations import (
    Derived,
    SysCreate,
    SysGrant,
    SysRevoke,
    execute,
    legal,
    nothing_derived,
    run,
    step,
)
from kernel.model.proofs.agreement import scenarios
from kernel.model.state import (
    INITIAL_STATE,
    NO_RIGHTS,
    Capability,
    Right,
    State,
    all_cap,
    grant_cap,
    sane,
)
from kernel.model.text import parse_operation, parse_state
from tests.kernel.model.conftest import Example

#: Entity 0 has one capability with each right, to an entity of its own, and one with none.
HOLDER = ["entities 6", "0 1 R", "0 2 W", "0 3 G", "0 4 C", "0 5 -"]

LEGAL = (
    "noop 0",
    "noop 5",
    "read 0 1 R",
    "write 0 2 W",
    "create 0 4 C 3 G",
    "grant 0 3 G 5 - RWGC",
    "remove 0 5 - 9 RWGC",
    "revoke 0 5 -",
)
ILLEGAL = (
    "noop 6",
    "read 0 2 W",
    "read 0 1 RW",
    "read 1 1 R",
    "write 0 1 R",
    "write 1 2 W",
    "create 0 3 G 3 G",
    "create 0 4 C 4 C",
    "create 0 4 C 2 G",
    "create 0 5 C 3 G",
    "grant 0 2 W 5 - RWGC",
    "grant 0 3 G 5 R RWGC",
    "grant 1 3 G 5 - RWGC",
    "remove 0 4 G 5 -",
    "remove 6 5 - 5 -",
    "revoke 0 0 -",
    "revoke 6 5 -",
)


@pytest.mark.parametrize("line", LEGAL)
def test_legal(line: str) -> None:
    """What is held with the right that the operation needs makes it legal."""
    assert legal(parse_operation(line), parse_state(HOLDER))


@pytest.mark.parametrize("line", ILLEGAL)
def test_illegal(line: str) -> None:
    """Each missing premise makes the operation illegal, and a step with it changes nothing."""
    s = parse_state(HOLDER)
    a = parse_operation(line)
    assert not legal(a, s)
    assert step(nothing_derived, a, s) == s


@pytest.mark.parametrize("line", ["noop 0", "read 0 1 R", "write 0 2 W"])
def test_quiet_operations(line: str) -> None:
    """NoOp, Read and Write leave the authority as it is."""
    s = parse_state(HOLDER)
    assert step(nothing_derived, parse_operation(line), s) == s


def test_create() -> None:
    """The new entity is empty, and only the parent gains, namely all rights to it (R5.12)."""
    s = parse_state(HOLDER)
    after = step(nothing_derived, parse_operation("create 0 4 C 3 G"), s)
    assert after == State.of({**s.heap, 3: [all_cap(6)]}, 7)


def test_grant_diminishes() -> None:
    """The copy has the rights that both the capability and the mask have (R5.13)."""
    s = State.of({0: [grant_cap(1), Capability(2, Right.READ | Right.WRITE)]}, 3)
    give = SysGrant(
        0, grant_cap(1), Capability(2, Right.READ | Right.WRITE), Right.WRITE | Right.CREATE
    )
    assert step(nothing_derived, give, s).caps(1) == {Capability(2, Right.WRITE)}


def test_grant_without_common_rights() -> None:
    """A copy with no right is a capability all the same."""
    s = State.of({0: [grant_cap(1)]}, 2)
    give = SysGrant(0, grant_cap(1), grant_cap(1), Right.READ)
    assert step(nothing_derived, give, s).caps(1) == {Capability(1, NO_RIGHTS)}


def test_remove() -> None:
    """Exactly the named capability goes; one with other rights stays (R5.14)."""
    s = parse_state(["entities 2", "0 1 -", "1 0 R", "1 0 RW"])
    after = step(nothing_derived, parse_operation("remove 0 1 - 0 R"), s)
    assert after == parse_state(["entities 2", "0 1 -", "1 0 RW"])


def test_revoke() -> None:
    """What the derivation lists goes, from the entities that it names, and nothing else (R5.15)."""
    s = parse_state(["entities 3", "0 1 R", "1 1 R", "1 2 W", "2 1 R", "2 2 W"])

    def cdt(_s: State, c: Capability) -> Sequence[Derived]:
        lost = [Capability(1, Right.READ), Capability(2, Right.WRITE)]
        return [(all_cap(1), lost), (all_cap(2), lost[:1])] if c.entity == 1 else []

    after = step(cdt, SysRevoke(0, Capability(1, Right.READ)), s)
    assert after == parse_state(["entities 3", "0 1 R", "2 2 W"])


def test_examples_are_built(subsystems: Example, domains: Example) -> None:
    """Both printed sequences, run as written, build the printed states."""
    assert run(nothing_derived, subsystems.ops, INITIAL_STATE) == subsystems.target
    assert run(nothing_derived, domains.ops, INITIAL_STATE) == domains.target


def test_execute_runs_the_last_first(subsystems: Example) -> None:
    """Folded from the right, the printed sequence builds another state; reversed, the printed."""
    ops = subsystems.ops
    assert execute(nothing_derived, ops, INITIAL_STATE) != subsystems.target
    assert execute(nothing_derived, ops[::-1], INITIAL_STATE) == subsystems.target


def test_last_remove_is_needed(subsystems: Example) -> None:
    """Without it the resource manager keeps a capability to itself, and only that."""
    left = run(nothing_derived, subsystems.ops[:-1], INITIAL_STATE)
    assert left.caps(0) == {all_cap(0)}
    assert State.of({**left.heap, 0: []}, left.next_id) == subsystems.target


def test_sanity_is_kept() -> None:
    """Lemmas 2 and 21 on generated runs: sane stays sane, and no entity ceases to exist."""
    runs = [each for each in scenarios(7, 60) if sane(each.first)]
    assert len(runs) > 30
    for each in runs:
        s = each.first
        for a in each.ops:
            after = step(each.cdt, a, s)
            assert sane(after) and after.next_id >= s.next_id
            s = after


def test_creation_repeats() -> None:
    """Each Create makes the next entity; its name was never in use."""
    make = SysCreate(0, all_cap(0), all_cap(0))
    s = run(nothing_derived, [make] * 3, INITIAL_STATE)
    assert s == State.of({0: [all_cap(e) for e in range(4)]}, 4)
