# SPDX-License-Identifier: BSD-2-Clause
"""States: what exists, what is sane, and when two are equal."""

import pytest

from kernel.model.state import (
    ALL_RIGHTS,
    INITIAL_STATE,
    NULL_ENTITY,
    Capability,
    Right,
    State,
    all_cap,
    grant_cap,
    no_cap,
    sane,
)


def test_initial_state() -> None:
    """One entity exists, has all rights to itself and nothing else, and is sane (Lemma 1)."""
    assert INITIAL_STATE.caps(0) == {all_cap(0)}
    assert INITIAL_STATE.is_entity(0) and not INITIAL_STATE.is_entity(1)
    assert sane(INITIAL_STATE)


def test_heap_is_total() -> None:
    """A place without an entity holds nothing."""
    assert INITIAL_STATE.caps(7) == NULL_ENTITY


def test_equal_states() -> None:
    """An empty entity and one that is not mentioned are the same; another number is not."""
    assert State.of({0: [], 1: [grant_cap(0)]}, 2) == State.of({1: {grant_cap(0)}}, 2)
    assert State.of({}, 2) != State.of({}, 3)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.of({}, 0), True),
        (State.of({1: [no_cap(1)]}, 2), True),
        (State.of({0: [no_cap(2)]}, 2), False),
        (State.of({2: [no_cap(0)]}, 2), False),
    ],
    ids=["empty", "at the edge", "dangling capability", "capability where nothing is"],
)
def test_sane(state: State, expected: bool) -> None:
    """A state is sane if its capabilities lie in and name entities that exist."""
    assert sane(state) is expected


def test_state_is_frozen() -> None:
    """The heap of a state cannot be written to."""
    with pytest.raises(TypeError):
        INITIAL_STATE.heap[0] = NULL_ENTITY  # type: ignore[index]


def test_capability_is_its_entity_and_rights() -> None:
    """Equal sets of rights make equal capabilities, however the sets were put together."""
    some = Right.GRANT | Right.READ
    assert Capability(1, Right.READ | Right.GRANT) == Capability(1, some)
    assert Capability(1, some) != Capability(1, ALL_RIGHTS)
