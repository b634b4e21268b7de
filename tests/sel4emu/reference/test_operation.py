# SPDX-License-Identifier: BSD-2-Clause
"""What decoders hand over."""

from sel4emu.reference.operation import Operation, Result, undefined


def test_destinations() -> None:
    """Results and a written-back base are destinations."""
    operation = Operation(1, results=(Result(1, 3), Result(2, 4)), writeback=(5,))
    assert operation.destinations == (1, 2, 5)


def test_undefined() -> None:
    """An undefined instruction issues for a cycle under its condition and has no sources."""
    operation = undefined(3)
    assert operation.issue == 1 and operation.condition == 3 and not operation.destinations
