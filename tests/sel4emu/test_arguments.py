# SPDX-License-Identifier: BSD-2-Clause
"""Wrong use of the Python interface: refused at once, with a sentence, and nothing has run."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sel4emu import Machine
from sel4emu.arguments import duration, whole_number

WRONG: dict[str, tuple[Callable[[Any], object], type[Exception]]] = {
    "cycles of a fraction": (lambda m: m.run(cycles=1.5), TypeError),
    "negative cycles": (lambda m: m.run(cycles=-1), ValueError),
    "negative seconds": (lambda m: m.run(seconds=-1), ValueError),
    "no number of seconds": (lambda m: m.run(seconds=math.nan), ValueError),
    "endless seconds": (lambda m: m.run(seconds=math.inf), ValueError),
    "seconds in words": (lambda m: m.run(seconds="1"), TypeError),
    "a fraction of an address": (lambda m: m.run(until=1.5, cycles=1), TypeError),
    "a negative address": (lambda m: m.run(until=-4, cycles=1), ValueError),
    "an unknown symbol": (lambda m: m.run(until="nosuch", cycles=1), KeyError),
    "negative steps": (lambda m: m.step(-1), ValueError),
    "a value beyond a register": (lambda m: m.registers.__setitem__("r0", 1 << 40), ValueError),
    "an unknown register": (lambda m: m.registers["r16"], KeyError),
    "a negative size": (lambda m: m.read_physical(0x8000_0000, -4), ValueError),
    "a negative virtual size": (lambda m: m.read_virtual(0x8000_0000, -1), ValueError),
    "an unknown kind of access": (lambda m: m.translate(0x8000_0000, "z"), ValueError),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_use_is_refused(wrong: str) -> None:
    """A run of 1.5 cycles once never ended, and a value too large for a register became 0."""
    act, error = WRONG[wrong]
    machine = Machine.from_board()
    with pytest.raises(error):
        act(machine)
    assert machine.cycles == 0


def test_whole_numbers_of_every_kind() -> None:
    """Python's and numpy's integers are whole numbers, and the bounds belong to the range."""
    assert whole_number("n", 0, 0, 7) == 0
    assert whole_number("n", np.int64(7), 0, 7) == 7
    with pytest.raises(ValueError, match="n must be from 0 to 7, not 8"):
        whole_number("n", 8, 0, 7)
    with pytest.raises(TypeError, match="n must be a whole number"):
        whole_number("n", "8", 0, 7)  # type: ignore[arg-type]  # the mistake that is tested


def test_durations() -> None:
    """Zero, whole and broken numbers of seconds are times."""
    assert duration("s", 0) == 0.0
    assert duration("s", 2.5) == 2.5
    with pytest.raises(TypeError, match="s must be a number"):
        duration("s", True)  # the mistake that is tested


def test_registers_show_their_values() -> None:
    """An interactive user sees what is in them."""
    machine = Machine.from_board()
    machine.registers["r3"] = 0x1234
    assert "r3=0x00001234" in repr(machine.registers)
