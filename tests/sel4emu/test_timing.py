# SPDX-License-Identifier: BSD-2-Clause
"""The levels of timing: each makes a machine, and no other does."""

import pytest

from sel4emu.errors import InputError
from sel4emu.machine import Machine
from sel4emu.timing import TIMING_LEVELS


@pytest.mark.parametrize("level", TIMING_LEVELS)
def test_every_level_makes_a_machine(level: str) -> None:
    """A machine of each level that is on offer can be built, and knows its level."""
    assert Machine.from_board(timing=level).cpu.timing == level


@pytest.mark.parametrize("level", ["", "x", "Count", "full"])
def test_unknown_level_is_the_users_mistake(level: str) -> None:
    """Another level is refused with a sentence that lists those that there are."""
    with pytest.raises(InputError) as caught:
        Machine.from_board(timing=level)
    assert all(f'"{known}"' in str(caught.value) for known in (*TIMING_LEVELS, level))
