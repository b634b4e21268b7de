# SPDX-License-Identifier: BSD-2-Clause
"""The terminal of a run, with a pseudo-terminal in the place of a person."""

import os
import signal
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from sel4emu.cli.terminal import single_keys

MakeImage = Callable[[str], Path]

TIMEOUT_SECONDS: Final = 60
LOCAL_FLAGS: Final = 3
#: Makes the terminal on standard input the controlling one, as a login does, then the command.
LOGIN: Final = (
    "import fcntl, os, sys, termios\n"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
    "os.execv(sys.executable, [sys.executable, '-m', 'sel4emu', *sys.argv[1:]])\n"
)
#: A shell with one job in the foreground, which it continues when it has been stopped.
SHELL: Final = (
    "import fcntl, os, signal, subprocess, sys, termios\n"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
    "signal.signal(signal.SIGTTOU, signal.SIG_IGN)\n"
    "job = subprocess.Popen([sys.executable, '-m', 'sel4emu', *sys.argv[1:]], process_group=0)\n"
    "os.tcsetpgrp(0, job.pid)\n"
    "stopped = os.WIFSTOPPED(os.waitpid(job.pid, os.WUNTRACED)[1])\n"
    "echo = termios.tcgetattr(0)[3] & termios.ECHO\n"
    "os.write(1, b'stopped, echo is %s;' % (b'on' if stopped and echo else b'off'))\n"
    "os.kill(job.pid, signal.SIGCONT)\n"
    "sys.exit(os.waitstatus_to_exitcode(os.waitpid(job.pid, 0)[1]))\n"
)
#: Says `!`, then sends each key back between brackets, until the key is a full stop.
ECHO: Final = (
    "_start: ldr r1, =0x43f90000\nmov r0, #'!'\nstr r0, [r1, #0x40]\n"
    "again: ldr r0, [r1]\ntst r0, #0x8000\nbeq again\nand r0, r0, #0xff\n"
    "mov r2, #'['\nstr r2, [r1, #0x40]\nstr r0, [r1, #0x40]\n"
    "mov r2, #']'\nstr r2, [r1, #0x40]\n"
    "cmp r0, #'.'\nbne again\nmov r0, #0x18\nldr r1, =0x20026\nsvc #0x123456\n"
    "literals:\n.ltorg\n"
)


class Session(NamedTuple):
    """A command at a terminal: the person's side, the program's side, and the process."""

    person: int
    terminal: int
    process: subprocess.Popen[bytes]

    def read_until(self, end: bytes) -> bytes:
        """What appears on the screen up to and with `end`."""
        screen = b""
        while end not in screen:
            screen += os.read(self.person, 1024)
        return screen

    def flags(self) -> int:
        """The local flags of the terminal."""
        flags = termios.tcgetattr(self.terminal)[LOCAL_FLAGS]
        assert isinstance(flags, int)
        return flags


@pytest.fixture
def at_terminal(environment: dict[str, str]) -> Iterator[Callable[..., Session]]:
    """Starts the command in a terminal of its own."""
    sessions = []

    def start(*arguments: str | Path, login: str = LOGIN) -> Session:
        person, terminal = os.openpty()
        process = subprocess.Popen(
            [sys.executable, "-c", login, *map(str, arguments)],
            env=environment,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,
        )
        sessions.append(Session(person, terminal, process))
        return sessions[-1]

    yield start
    for session in sessions:
        # The job of a shell is not our child; it ends with its terminal.
        session.process.kill()
        session.process.wait()
        os.close(session.person)
        os.close(session.terminal)


def test_keys_arrive_at_once(at_terminal: Callable[..., Session], bare_elf: MakeImage) -> None:
    """A key reaches the guest without a newline and is not echoed; afterwards all is as before."""
    session = at_terminal("boot", "--quiet", "--bare", bare_elf(ECHO))
    before = session.flags()
    session.read_until(b"!")
    assert not session.flags() & (termios.ECHO | termios.ICANON)
    assert session.flags() & termios.ISIG
    os.write(session.person, b"a")
    assert session.read_until(b"]") == b"[a]"
    os.write(session.person, b".")
    assert session.process.wait(TIMEOUT_SECONDS) == 0
    assert session.flags() == before and before & termios.ECHO


def test_control_c(at_terminal: Callable[..., Session], bare_elf: MakeImage) -> None:
    """Ctrl-C typed at the terminal ends the run and restores it."""
    session = at_terminal("boot", "--bare", bare_elf(ECHO))
    before = session.flags()
    session.read_until(b"!")
    os.write(session.person, b"\x03")
    session.read_until(b"interrupted, status 130: Ctrl-C")
    assert session.process.wait(TIMEOUT_SECONDS) == 130
    assert session.flags() == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_ending_signal_restores(
    at_terminal: Callable[..., Session], bare_elf: MakeImage, number: signal.Signals
) -> None:
    """A process that is told to end leaves the terminal as it was."""
    session = at_terminal("boot", "--bare", bare_elf(ECHO))
    before = session.flags()
    session.read_until(b"!")
    session.process.send_signal(number)
    assert session.process.wait(TIMEOUT_SECONDS) == -number
    assert session.flags() == before


def test_stop_and_continue(at_terminal: Callable[..., Session], bare_elf: MakeImage) -> None:
    """Ctrl-Z gives the terminal back to the shell, and a run that goes on takes it again."""
    session = at_terminal("boot", "--quiet", "--bare", bare_elf(ECHO), login=SHELL)
    before = session.flags()
    session.read_until(b"!")
    during = session.flags()
    os.write(session.person, b"\x1a")
    session.read_until(b"stopped, echo is on;")
    os.write(session.person, b"b")
    session.read_until(b"[b]")
    assert session.flags() == during != before
    os.write(session.person, b".")
    assert session.process.wait(TIMEOUT_SECONDS) == 0
    assert session.flags() == before


def test_no_terminal(tmp_path: Path) -> None:
    """A file in the place of the terminal is left alone, and so is a closed descriptor."""
    path = tmp_path / "input"
    path.touch()
    with path.open() as stream, single_keys(stream.fileno()):
        handler = signal.getsignal(signal.SIGTERM)
    assert handler is signal.SIG_DFL
    descriptor = os.open(path, os.O_RDONLY)
    os.close(descriptor)
    with single_keys(descriptor):
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_restored_after_an_error() -> None:
    """An exception inside restores the terminal and the signals too."""
    person, terminal = os.openpty()
    before = termios.tcgetattr(terminal)

    def fail() -> None:
        with single_keys(terminal):
            assert termios.tcgetattr(terminal) != before
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert termios.tcgetattr(terminal) == before
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    os.close(person)
    os.close(terminal)
