# SPDX-License-Identifier: BSD-2-Clause
"""The Python model gives the answers of the extracted Coq model, which are kept as data."""

from functools import cache

import pytest

from kernel.model import analysis, operations
from kernel.model.operations import SysRevoke, step
from kernel.model.proofs.agreement import (
    BOUND,
    CORPUS,
    CORPUS_SCENARIOS,
    OPERATIONS_EACH,
    Scenario,
    answers,
    parse_scenario,
    read_corpus,
    scenario_lines,
    scenarios,
)
from kernel.model.state import NULL_ENTITY, Capability, Right, State, all_cap, sane


@cache
def _corpus() -> list[tuple[Scenario, list[str]]]:
    return read_corpus()


def _agrees() -> bool:
    return all(list(answers(scenario)) == said for scenario, said in _corpus())


def test_corpus_agrees() -> None:
    """On every scenario that is kept, both models say the same, line for line."""
    for scenario, said in _corpus():
        assert list(answers(scenario)) == said


def test_corpus_is_varied() -> None:
    """It holds sane and other states, legal and illegal operations, and is not too large."""
    firsts = [sane(scenario.first) for scenario, _ in _corpus()]
    lines = [line[0] for _, said in _corpus() for line in said]
    assert len(firsts) == CORPUS_SCENARIOS and 5 < firsts.count(False) < 100
    assert min(lines.count("0"), lines.count("1")) > CORPUS_SCENARIOS * OPERATIONS_EACH / 4
    assert CORPUS.stat().st_size < 1_000_000


def _create_without_entity(c2: Capability, s: State) -> State:
    return operations.place(c2.entity, s.caps(c2.entity) | {all_cap(s.next_id)}, s)


def _revoke_nothing(_cdt: object, _c: Capability, s: State) -> State:
    return s


BROKEN = (
    (operations, "legal", lambda a, s: True),
    (operations, "diminish", lambda c, rights: Capability(c.entity, rights)),
    (operations, "diminish", lambda c, rights: c),
    (operations, "create_operation", _create_without_entity),
    (operations, "remove_operation", lambda c1, c2, s: operations.place(c1.entity, NULL_ENTITY, s)),
    (operations, "revoke_operation", _revoke_nothing),
    (analysis, "leak", lambda s, x, y: any(c.entity == y for c in s.caps(x))),
    (analysis, "GRW", Right.READ | Right.WRITE),
    (analysis, "dominates", lambda c, caps: all(d.rights in c.rights for d in caps)),
)


@pytest.mark.parametrize(("module", "name", "wrong"), BROKEN)
def test_corpus_notices(
    monkeypatch: pytest.MonkeyPatch, module: object, name: str, wrong: object
) -> None:
    """A Python model that is wrong in one place does not give the kept answers."""
    monkeypatch.setattr(module, name, wrong)
    assert not _agrees()


def test_scenarios_repeat() -> None:
    """One seed gives the same scenarios each time; another gives others."""
    assert scenarios(1, 5) == scenarios(1, 5) != scenarios(2, 5)


def test_scenarios_are_read_back() -> None:
    """A scenario's text is read back as the scenario."""
    for each in scenarios(6, 50):
        assert parse_scenario(list(scenario_lines(each))) == each


def test_scenarios_stay_within_bound() -> None:
    """No entity from the bound on holds anything or exists, or the oracle would not see it."""
    for each in scenarios(8, 50):
        s = each.first
        for a in each.ops:
            s = step(each.cdt, a, s)
            assert max([s.next_id, *s.heap]) < BOUND


def test_revocations_take_something() -> None:
    """Many of the generated revocations change the state."""
    changed = 0
    for each in scenarios(9, 50):
        s = each.first
        for a in each.ops:
            after = step(each.cdt, a, s)
            changed += isinstance(a, SysRevoke) and after != s
            s = after
    assert changed > 20
