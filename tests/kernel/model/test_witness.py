# SPDX-License-Identifier: BSD-2-Clause
"""Witnesses lead where they claim to, and exist exactly where a leak can come about."""

from itertools import product

import pytest

from kernel.model.analysis import can_ever_leak, connection, granted, leak
from kernel.model.operations import legal, nothing_derived, run, step
from kernel.model.proofs.agreement import Generator, scenarios
from kernel.model.state import State, grant_cap, sane
from kernel.model.text import parse_state
from kernel.model.witness import connection_path, witness


def _leads_to_leak(s: State, x: int, y: int) -> bool:
    """Whether each operation of the witness is legal in its turn and the leak is there at last."""
    ops = witness(s, x, y)
    assert ops is not None
    for a in ops:
        assert legal(a, s)
        s = step(nothing_derived, a, s)
    return leak(s, x, y)


def test_witnesses_lead_to_leaks() -> None:
    """On generated states, for every pair: a witness where a leak can come about, else none."""
    long = 0
    for each in scenarios(21, 150):
        s = each.first
        if not sane(s):
            continue
        for x, y in product(range(s.next_id), repeat=2):
            if can_ever_leak(s, x, y):
                assert _leads_to_leak(s, x, y)
                long += len(witness(s, x, y) or []) > 4
            else:
                assert witness(s, x, y) is None
    assert long > 100


def test_no_run_leaks_where_none_can() -> None:
    """On generated runs nobody leaks to an entity that it could never leak to."""
    checked = 0
    for each in scenarios(22, 150):
        s = each.first
        if not sane(s):
            continue
        after = run(each.cdt, each.ops, s)
        for x, y in product(range(s.next_id), repeat=2):
            if not can_ever_leak(s, x, y):
                assert not leak(after, x, y)
                checked += connection(s).same(x, y)
    assert checked > 50


def test_thesis_figure() -> None:
    """Grant to oneself turns a chain of grants round (figure 6.2)."""
    s = parse_state(["entities 4", "1 1 G", "1 2 G", "2 3 G"])
    assert _leads_to_leak(s, 3, 1)


def test_create_turns_nothing_round() -> None:
    """Where nobody has Grant to 1, nobody ever leaks to it, whatever it creates (Example 5)."""
    s = parse_state(["entities 5", "1 1 C", "1 2 G", "2 3 G", "2 2 GC"])
    assert connection(s).same(3, 1) and not granted(s, 1)
    assert witness(s, 3, 1) is None
    assert _leads_to_leak(s, 3, 2)


@pytest.mark.parametrize("zigzag", ["forward", "backward", "in turns"])
def test_long_path(zigzag: str) -> None:
    """A path of 200 connections gives a witness of at most four grants for each."""
    n = 200
    heap: dict[int, list[int]] = {e: [] for e in range(n)}
    for e in range(n - 1):
        forward = zigzag == "forward" or (zigzag == "in turns" and e % 2)
        holder, target = (e, e + 1) if forward else (e + 1, e)
        heap[holder].append(target)
    heap[0].append(0)
    heap[n - 1].append(n - 1)
    s = State.of({e: map(grant_cap, targets) for e, targets in heap.items()}, n)
    assert _leads_to_leak(s, 0, n - 1) and _leads_to_leak(s, n - 1, 0)
    assert len(witness(s, 0, n - 1) or []) <= 4 * n


def test_path() -> None:
    """A path leads along capabilities with Grant, in either direction, and is as short as any."""
    s = parse_state(["entities 6", "0 1 G", "2 1 G", "2 3 G", "3 4 W", "0 3 G"])
    assert connection_path(s, 0, 2) in ([0, 1, 2], [0, 3, 2])
    assert connection_path(s, 0, 4) == []
    assert connection_path(s, 5, 5) == [5]


def test_nothing_to_do() -> None:
    """A leak that is there needs no operation."""
    s = Generator(1).scenario().first
    pairs = [(e, c.entity) for e, c in s.all_caps() if leak(s, e, c.entity)]
    assert pairs and all(witness(s, x, y) == [] for x, y in pairs)
