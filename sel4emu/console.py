# SPDX-License-Identifier: BSD-2-Clause
"""The far end of UART1: where the guest's output goes and where its input comes from.

A source never blocks when it is asked for a byte; `wait` is the only call that does, and it waits
in the host's kernel for input. The state of a terminal (raw mode, echo) is the command line's.
"""

import os
import select
from collections.abc import Callable
from math import ceil
from typing import Final, Protocol

_CHUNK_BYTES: Final = 4096
#: Reading is worth a try on any of these; the read then tells input, end and error apart.
_READABLE: Final = select.POLLIN | select.POLLHUP | select.POLLERR | select.POLLNVAL


class InputSource(Protocol):
    """What a console asks of its input."""

    @property
    def at_end(self) -> bool:
        """Whether no byte will ever come again."""

    def next_byte(self) -> int | None:
        """The next byte, or None if there is none now."""

    def wait(self, seconds: float) -> None:
        """Return when a byte can be read or the input has ended, at the latest after `seconds`."""


class OutputStream(Protocol):
    """What a console asks of the stream that shows its output; OSError means that it is lost."""

    def write(self, data: bytes, /) -> object:
        """Write all bytes."""

    def flush(self) -> object:
        """Have them seen now."""


class BytesInput:
    """Input that is known beforehand; always ready, hence the same in every run."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    @property
    def at_end(self) -> bool:
        """Whether all bytes have been taken."""
        return self._position == len(self._data)

    def next_byte(self) -> int | None:
        """The next byte, or None at the end."""
        if self.at_end:
            return None
        self._position += 1
        return self._data[self._position - 1]

    def wait(self, seconds: float) -> None:
        """Nothing to wait for: what there is can be read now."""


class NoInput(BytesInput):
    """Input that is at its end from the start."""

    def __init__(self) -> None:
        super().__init__(b"")


class StreamInput:
    """Input from a file descriptor: a regular file, a pipe or a terminal, or one that is closed.

    The end of the file, a lost terminal and a closed descriptor all mean `at_end`.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._buffer = b""
        self._position = 0
        self._ended = not _is_open(descriptor)
        self._poll = select.poll()
        if not self._ended:
            self._poll.register(descriptor, select.POLLIN)

    @property
    def at_end(self) -> bool:
        """Whether the stream has ended and every byte of it has been taken."""
        return self._ended and self._position == len(self._buffer)

    def next_byte(self) -> int | None:
        """The next byte, or None if nothing can be read now; never blocks."""
        if self._position == len(self._buffer):
            self._refill()
        if self._position == len(self._buffer):
            return None
        self._position += 1
        return self._buffer[self._position - 1]

    def wait(self, seconds: float) -> None:
        """Block until there is input, the stream ends, or `seconds` have passed."""
        if not self._ended and self._position == len(self._buffer):
            self._poll.poll(ceil(seconds * 1000))

    def _refill(self) -> None:
        if self._ended or not any(flags & _READABLE for _, flags in self._poll.poll(0)):
            return
        try:
            self._buffer = os.read(self._descriptor, _CHUNK_BYTES)
        except BlockingIOError:
            return  # another reader of a shared descriptor was faster
        except OSError:
            self._buffer = b""
        self._position = 0
        self._ended = not self._buffer


class Console:
    """Keeps everything that the guest sends, and hands it the bytes of a source.

    `captured` holds the whole output. With `stream`, every byte is also written there at once, so
    that a prompt without a newline is seen; a stream that is lost (a closed pipe) ends only that.
    """

    def __init__(
        self, source: InputSource | None = None, stream: OutputStream | None = None
    ) -> None:
        self.captured = bytearray()
        self._watchers: list[Callable[[int], None]] = []
        self._closed = False
        self._source: InputSource = NoInput() if source is None else source
        self._stream = stream

    @property
    def at_end(self) -> bool:
        """Whether no byte of input will ever come again."""
        return self._source.at_end

    def watch(self, watcher: Callable[[int], None]) -> None:
        """Have `watcher` called with each byte from the guest, after it has been shown."""
        self._watchers.append(watcher)

    def close(self) -> None:
        """Drop what the guest still sends: the run is over."""
        self._closed = True

    def transmit(self, byte: int) -> None:
        """One byte from the guest."""
        if self._closed:
            return
        self.captured.append(byte)
        if self._stream is not None:
            self._show(byte, self._stream)
        for watcher in tuple(self._watchers):  # one may add another, for the next byte on
            watcher(byte)

    def _show(self, byte: int, stream: OutputStream) -> None:
        try:
            stream.write(bytes((byte,)))
            stream.flush()
        except OSError:
            self._stream = None

    def next_byte(self) -> int | None:
        """The next byte of input, or None if there is none now."""
        return self._source.next_byte()

    def wait(self, seconds: float) -> None:
        """Block until input can be read or has ended, at the latest for `seconds`."""
        self._source.wait(seconds)


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True
