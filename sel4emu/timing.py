# SPDX-License-Identifier: BSD-2-Clause
"""The levels of timing: how a machine counts cycles, and what its counts mean.

Modelled: one cycle an instruction, charged before each instruction or at the head of each block.

Not modelled: what an instruction costs on the chip.
"""

from collections.abc import Mapping
from typing import Final

from sel4emu.errors import InputError

#: The levels, and what their cycles mean.
TIMING_LEVELS: Final[Mapping[str, str]] = {
    "count": "one cycle an instruction, not a model of the chip",
    "off": "one cycle an instruction, devices looked at between blocks, not a model of the chip",
}


def check_level(timing: str) -> None:
    """Raise InputError for a level that does not exist."""
    if timing not in TIMING_LEVELS:
        known = " or ".join(f'"{level}"' for level in TIMING_LEVELS)
        raise InputError(f'expected timing to be {known}, but it is "{timing}"')
