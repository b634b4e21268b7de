# SPDX-License-Identifier: BSD-2-Clause
"""The text form is read back as what was written, and what is none is refused."""

import pytest

from kernel.model.proofs.agreement import scenarios
from kernel.model.state import ALL_RIGHTS, NO_RIGHTS, Capability, Right
from kernel.model.text import (
    operation_text,
    parse_operation,
    parse_rights,
    parse_state,
    rights_text,
    state_lines,
)


@pytest.mark.parametrize("value", range(16))
def test_rights_round_trip(value: int) -> None:
    """Every set of rights is read back."""
    assert parse_rights(rights_text(Right(value))) == Right(value)


def test_rights() -> None:
    """The letters have one order when written, any when read; none is a dash."""
    assert rights_text(ALL_RIGHTS) == "RWGC" and rights_text(NO_RIGHTS) == "-"
    assert parse_rights("CR") == Right.READ | Right.CREATE


def test_states_and_operations_round_trip() -> None:
    """Generated states and operations of every kind are read back."""
    kinds = set()
    for each in scenarios(5, 40):
        assert parse_state(list(state_lines(each.first))) == each.first
        for a in each.ops:
            assert parse_operation(operation_text(a)) == a
            kinds.add(type(a))
    assert len(kinds) == 7


def test_operation_in_words() -> None:
    """A capability is two words, and the mask comes last."""
    a = parse_operation("grant 0 1 RWGC 2 RWGC W")
    assert operation_text(a) == "grant 0 1 RWGC 2 RWGC W"
    assert vars_of(a) == (0, Capability(1, ALL_RIGHTS), Capability(2, ALL_RIGHTS), Right.WRITE)


def vars_of(a: object) -> tuple[object, ...]:
    """The arguments of an operation, in order."""
    return tuple(getattr(a, name) for name in ("e", "c1", "c2", "rights"))


@pytest.mark.parametrize(
    "line", ["take 0 1 R", "read 0 1", "read 0 1 R R", "write 0 1 X", "noop x"]
)
def test_refused(line: str) -> None:
    """An unknown operation, a wrong number of words, a wrong letter or number is refused."""
    with pytest.raises(ValueError, match=r"take|words|rights|literal"):
        parse_operation(line)
