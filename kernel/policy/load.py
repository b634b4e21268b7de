# SPDX-License-Identifier: BSD-2-Clause
"""Reads a protection state from whatever holds one: a file of text, or a saved machine."""

import numpy as np

from kernel.policy.saved import SavedState, read_saved
from kernel.policy.savedfile import is_saved
from kernel.policy.statefile import ProtectionState, parse_state, read_file
from sel4emu.errors import InputError


def load_state(path: str) -> ProtectionState:
    """The state in a file. Raises InputError naming the file and what was expected."""
    data = read_file(path)
    return read_saved(data, path).state if is_saved(data) else parse_state(data, path)


def load_saved(path: str) -> SavedState:
    """The saved machine in a file. Raises InputError, also for a state in text."""
    data = read_file(path)
    if not is_saved(data):
        raise InputError(
            f"{path}: expected a saved machine (sel4emu boot --save): the entities of a state in "
            "text are numbers and nothing else"
        )
    return read_saved(data, path)


def without(state: ProtectionState, entities: tuple[int, ...]) -> ProtectionState:
    """The state in which these entities hold nothing. Raises InputError for one that is not."""
    for entity in entities:
        if entity >= state.entities:
            raise InputError(
                f"there is no entity {entity}: the state has 0 to {state.entities - 1}"
            )
    if not entities:
        return state
    kept = ~np.isin(state.holders, np.array(entities, np.int32))
    held = state.holders[kept], state.targets[kept], state.rights[kept]
    return ProtectionState(state.entities, *held)
