# SPDX-License-Identifier: BSD-2-Clause
"""What may be at the other end of a serial port: the console, or nobody.

Modelled: what a far end sends, bytes and breaks; a line that takes every byte and never sends
anything; it counts what it took.

Not modelled: modem signals, noise.
"""

import logging
from typing import Final, Protocol

#: What a far end sends in place of a byte when it holds the line low: a break.
BREAK: Final = 0x100

_log = logging.getLogger(__name__)


class FarEnd(Protocol):
    """What a serial port asks of its other end; a console is one."""

    @property
    def at_end(self) -> bool:
        """Whether no byte will ever come again."""

    def transmit(self, byte: int) -> None:
        """One byte from the guest."""

    def next_byte(self) -> int | None:
        """The next byte, or BREAK, or None if there is none now."""


class IdleLine:
    """Nobody listens and nobody sends; `count` bytes were taken so far."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self.count = 0

    @property
    def at_end(self) -> bool:
        """Always: nothing ever comes."""
        return True

    def transmit(self, byte: int) -> None:
        """Count a byte; the first is logged."""
        if self.count == 0:
            _log.info("%s: output, first byte 0x%02x, goes to an idle line", self._owner, byte)
        self.count += 1

    def next_byte(self) -> int | None:
        """Nothing."""
        return None
