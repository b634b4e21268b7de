# SPDX-License-Identifier: BSD-2-Clause
"""Standard output and standard error, whatever the shell made of them: closed, full, a dead pipe.

A pipe that nobody reads any more (`sel4emu boot | head -1`) ends the run without a word.
"""

import errno
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TextIO

from sel4emu.errors import InputError

#: 128 + the number of the signal that ends other programs in this place.
EXIT_PIPE: Final = 128 + signal.SIGPIPE

_NAMES: Final = ("stdin", "stdout", "stderr")
_closed: Final[set[str]] = set()


def open_missing_descriptors() -> None:
    """Open the null device for each standard stream that is closed.

    Otherwise the next file that we open would get its number, and the console's output.
    """
    for descriptor, name in enumerate(_NAMES):
        try:
            os.fstat(descriptor)
        except OSError:
            _closed.add(name)
            opened = os.open(os.devnull, os.O_RDWR)
            assert opened == descriptor, "the lowest free number is given"
            mode = "r" if descriptor == 0 else "w"
            setattr(sys, name, os.fdopen(descriptor, mode, closefd=False))


def is_closed(name: str) -> bool:
    """Whether "stdin", "stdout" or "stderr" was closed when we were started."""
    return name in _closed


class Output:
    """A standard stream for bytes, handed on at once; its loss is told instead of raised.

    `on_loss` is called once, with the reason, when the stream cannot be written any more.
    """

    def __init__(self, stream: TextIO, on_loss: Callable[[OSError], None]) -> None:
        self._stream = stream
        self._on_loss = on_loss
        self.lost: OSError | None = None

    def write(self, data: bytes) -> None:
        """Write all of it, or lose the stream."""
        if self.lost is None:
            try:
                self._stream.buffer.write(data)
                self._stream.buffer.flush()
            except OSError as error:
                self.lost = error
                _discard(self._stream)
                self._on_loss(error)

    def flush(self) -> None:
        """Nothing is ever kept back."""

    def text(self, text: str) -> None:
        """Write text as UTF-8; what it cannot hold (parts of a file name) as escapes."""
        self.write(text.encode("utf-8", "backslashreplace"))


def _discard(stream: TextIO) -> None:
    """Lead what is left in the buffer of a dead stream nowhere, or Python complains at exit."""
    with suppress(OSError, ValueError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)
        stream.flush()


def standard_error() -> Output:
    """Standard error; if it is lost nobody is left to be told."""
    return Output(sys.stderr, lambda error: None)


def is_broken_pipe(error: OSError) -> bool:
    """Whether the reader has gone, which is no mistake of anybody."""
    return error.errno == errno.EPIPE


def write_standard_output(data: bytes | str) -> int:
    """Write the result of a command; the exit status. Raises InputError where that is impossible.

    A reader who has gone makes EXIT_PIPE.
    """
    output = Output(sys.stdout, lambda error: None)
    if isinstance(data, str):
        output.text(data)
    else:
        output.write(data)
    if output.lost is None:
        return 0
    if is_broken_pipe(output.lost):
        return EXIT_PIPE
    raise output_error(output.lost)


def output_error(error: OSError, name: str = "standard output") -> InputError:
    """The sentence for a stream that cannot be written."""
    return InputError(f"{name} cannot be written: {error.strerror}")
