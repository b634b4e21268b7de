# SPDX-License-Identifier: BSD-2-Clause
"""Files that a command writes: tried before the work begins, and never left half-written.

A regular file is replaced in one step. A pipe or device, or a file in a folder where none can be
made, is opened at the beginning and written directly.
"""

import os
import stat
import tempfile
from pathlib import Path
from typing import Final, Protocol

from sel4emu.cli.streams import (
    EXIT_PIPE,
    is_closed,
    output_error,
    standard_error,
    write_standard_output,
)
from sel4emu.errors import InputError

#: The name that stands for standard output, and others for the same.
_STANDARD_OUTPUT: Final = ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")
_STANDARD_ERROR: Final = ("/dev/stderr", "/dev/fd/2", "/proc/self/fd/2")
_NEW_FILE_MODE: Final = 0o666


class OutputFile(Protocol):
    """A place for the result of a command."""

    @property
    def is_standard_output(self) -> bool:
        """Whether nothing else may be written to standard output."""

    def write(self, data: bytes) -> int:
        """Write everything; the exit status of that, 0 if it went well. Raises InputError."""


def output_file(name: str, option: str) -> OutputFile:
    """The place of that name, `-` for standard output; InputError if it cannot be written."""
    if not name or "\0" in name:
        raise InputError(f"{option}: expected the name of a file, not {name!r}")
    if name in _STANDARD_OUTPUT or _is_same_file(name, 1):
        return _StandardOutput(option)
    if name in _STANDARD_ERROR or _is_same_file(name, 2):
        return _StandardError()
    try:
        return _file(name, option)
    except OSError as error:
        raise _refusal(name, option, error) from None


def _is_same_file(name: str, descriptor: int) -> bool:
    """Whether a name leads to the file, not the device, that a standard stream is."""
    try:
        ours, theirs = os.fstat(descriptor), Path(name).stat()
    except OSError:
        return False
    return os.path.samestat(ours, theirs) and not stat.S_ISCHR(ours.st_mode)


def _file(name: str, option: str) -> OutputFile:
    path = Path(os.path.realpath(name))
    # The name itself, because what /dev/fd/N leads to may have no other name.
    if not Path(name).exists():
        _try_folder(path)
        return _Replaced(name, option, path)
    descriptor = os.open(name, os.O_WRONLY | os.O_CLOEXEC)
    is_regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
    if is_regular and os.access(path.parent, os.W_OK):
        os.close(descriptor)
        return _Replaced(name, option, path)
    return _Direct(name, option, descriptor)


def _try_folder(path: Path) -> None:
    """Make a file of that name and remove it: the folder may refuse it, or the name be too long."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _NEW_FILE_MODE))
    path.unlink()


def _refusal(name: str, option: str, error: OSError) -> InputError:
    return InputError(f"{name}: expected a file that can be written ({option}): {error.strerror}")


class _StandardOutput:
    is_standard_output = True

    def __init__(self, option: str) -> None:
        if is_closed("stdout"):
            raise InputError(f"{option}: expected standard output to be open, but it is closed")

    def write(self, data: bytes) -> int:
        return write_standard_output(data)


class _StandardError:
    is_standard_output = False

    def write(self, data: bytes) -> int:
        output = standard_error()
        output.write(data)
        if output.lost is not None:
            raise output_error(output.lost, "standard error")
        return 0


class _Direct:
    """A pipe, a device, or a file that cannot be replaced."""

    is_standard_output = False

    def __init__(self, name: str, option: str, descriptor: int) -> None:
        self._name = name
        self._option = option
        self._descriptor = descriptor

    def write(self, data: bytes) -> int:
        try:
            with os.fdopen(self._descriptor, "wb") as stream:
                if stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                    stream.truncate(0)
                stream.write(data)
        except BrokenPipeError:
            return EXIT_PIPE
        except OSError as error:
            raise _refusal(self._name, self._option, error) from None
        return 0


class _Replaced:
    """A regular file: written beside its place, then moved there in one step."""

    is_standard_output = False

    def __init__(self, name: str, option: str, path: Path) -> None:
        self._name = name
        self._option = option
        self._path = path

    def write(self, data: bytes) -> int:
        try:
            self._replace(data)
        except OSError as error:
            raise _refusal(self._name, self._option, error) from None
        return 0

    def _replace(self, data: bytes) -> None:
        descriptor, fresh = tempfile.mkstemp(dir=self._path.parent, prefix=".sel4emu-")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                os.fchmod(descriptor, self._mode())
                stream.write(data)
            Path(fresh).replace(self._path)
        except OSError:
            Path(fresh).unlink(missing_ok=True)
            raise

    def _mode(self) -> int:
        """The rights of the file that is replaced, or those that a new file gets."""
        if self._path.exists():
            return stat.S_IMODE(self._path.stat().st_mode)
        mask = os.umask(0)
        os.umask(mask)
        return _NEW_FILE_MODE & ~mask
