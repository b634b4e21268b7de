# SPDX-License-Identifier: BSD-2-Clause
"""The transmit FIFO of a UART, and the shift register behind it.

Modelled: how many bytes wait at a cycle, computed when asked for, so that a byte costs no event.
The byte itself goes to the far end when it is written: only the state that a guest sees takes time.

Not modelled: a start in the middle of a bit, and a transmitter that is stopped on its way.
"""

from typing import Final

FIFO_ENTRIES: Final = 32


class TransmitFifo:
    """32 bytes and one being sent; `cycles` is the time of a byte, 0 for none at all."""

    def __init__(self, cycles: int) -> None:
        self._cycles = cycles
        self._done = 0  # the cycle at which the last byte has left

    def put(self, now: int) -> bool:
        """Take one more byte; False if there is no room."""
        if self.level(now) >= FIFO_ENTRIES:
            return False
        self._done = max(now, self._done) + self._cycles
        return True

    def clear(self) -> None:
        """Drop everything."""
        self._done = 0

    def level(self, now: int) -> int:
        """Bytes that wait behind the one being sent."""
        left = self._done - now
        return (left - 1) // self._cycles if left > 0 else 0

    def busy(self, now: int) -> bool:
        """Whether a byte is being sent."""
        return now < self._done

    def next_change(self, now: int) -> int | None:
        """The next cycle at which the level falls or the last byte has left, or None."""
        if not self.busy(now):
            return None
        return self._done - self.level(now) * self._cycles
