# SPDX-License-Identifier: BSD-2-Clause
"""Texts that are waited for in the console's output, and what happens when they come.

A text is found wherever its bytes follow one another, however they were sent. Carriage returns do
not count, neither in the text nor in the output: most consoles send one before a line feed.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sel4emu.errors import InputError
from sel4emu.stop import Stop, StopReason

if TYPE_CHECKING:
    from sel4emu.machine import Machine

_IGNORED: Final = b"\r"


class TextMatcher:
    """Finds one text in a stream of bytes; InputError where nothing is left to be found."""

    def __init__(self, text: bytes) -> None:
        self._wanted = text.replace(_IGNORED, b"")
        if not self._wanted:
            raise InputError("expected a text to wait for, but it is empty")
        self._last = self._wanted[-1]
        self._seen = bytearray()

    def feed(self, byte: int) -> bool:
        """Take the next byte; whether the text is complete with it."""
        if byte == _IGNORED[0]:
            return False
        self._seen.append(byte)
        if byte != self._last:
            return False
        del self._seen[: -len(self._wanted)]
        return self._seen == self._wanted


class Until:
    """Ends a run as soon as one of several texts has been printed: nothing behind it is shown."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = tuple(texts)
        self._matchers = [TextMatcher(text.encode("utf-8", "surrogateescape")) for text in texts]
        self._machine: Machine | None = None

    def start(self, machine: "Machine") -> None:
        """Look at what the machine's console prints from now on."""
        self._machine = machine
        machine.console.watch(self._take)

    def _take(self, byte: int) -> None:
        assert self._machine is not None
        for text, matcher in zip(self.texts, self._matchers, strict=True):
            if matcher.feed(byte):
                self._machine.console.close()
                self._machine.end(Stop(StopReason.TEXT, f"the console printed {text!r}"))
                return

    def missing(self) -> str:
        """What to say about a run that ended otherwise."""
        return "the console never printed " + " nor ".join(repr(text) for text in self.texts)
