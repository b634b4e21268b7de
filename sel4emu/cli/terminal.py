# SPDX-License-Identifier: BSD-2-Clause
"""The terminal during a run: each key goes to the guest at once and without echo.

Ctrl-C and Ctrl-Z keep their meaning. The guest's own output passes unchanged.
"""

import os
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from sel4emu.cli.interrupts import guarding

_LOCAL_FLAGS: Final = 3
_SPECIAL_CHARACTERS: Final = 6


def _settings_for_keys(settings: list[int | list[bytes | int]]) -> list[int | list[bytes | int]]:
    """The settings of a terminal, with every key readable at once and no echo."""
    changed = list(settings)
    flags, characters = changed[_LOCAL_FLAGS], changed[_SPECIAL_CHARACTERS]
    assert isinstance(flags, int) and isinstance(characters, list)
    changed[_LOCAL_FLAGS] = flags & ~(termios.ECHO | termios.ICANON)
    characters = list(characters)
    characters[termios.VMIN], characters[termios.VTIME] = 1, 0
    changed[_SPECIAL_CHARACTERS] = characters
    return changed


def _is_foreground(descriptor: int) -> bool:
    """Whether we may change the terminal: a background job that tries is stopped.

    One that is not our controlling terminal has no jobs.
    """
    try:
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        return True


@contextmanager
def single_keys(descriptor: int) -> Iterator[None]:
    """For the time of a run, if the descriptor is a terminal; restored whatever happens."""
    try:
        before = termios.tcgetattr(descriptor)
    except termios.error:
        yield
        return
    during = _settings_for_keys(before)

    def apply(settings: list[int | list[bytes | int]]) -> None:
        if _is_foreground(descriptor):
            # A terminal that has gone has nothing to restore.
            with suppress(termios.error):
                termios.tcsetattr(descriptor, termios.TCSADRAIN, settings)

    with guarding(lambda: apply(during), lambda: apply(before)):
        yield
