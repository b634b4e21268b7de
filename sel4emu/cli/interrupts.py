# SPDX-License-Identifier: BSD-2-Clause
"""Signals: Ctrl-C is not lost and counts once; what ends or stops us first restores the terminal.

During the run the machine's own handler for Ctrl-C is in force.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_FATAL: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class _Pressed:
    """Whether Ctrl-C was pressed before the run: an import may swallow the exception."""

    before_run = False


def _note_and_raise(_number: int, _frame: FrameType | None) -> None:
    _Pressed.before_run = True
    raise KeyboardInterrupt


def raise_on_interrupt() -> None:
    """Have Ctrl-C raise KeyboardInterrupt, and be remembered for `refuse_after_interrupt`."""
    signal.signal(signal.SIGINT, _note_and_raise)


def refuse_after_interrupt() -> None:
    """Raise KeyboardInterrupt if Ctrl-C was pressed and nobody took notice."""
    if _Pressed.before_run:
        raise KeyboardInterrupt


def ignore_interrupts() -> None:
    """Do what is left to do, however often Ctrl-C is pressed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def leaving_on_interrupt(finish: Callable[[], int]) -> Iterator[None]:
    """Have Ctrl-C end the process at once, with the status that `finish` returns.

    For work that holds nothing to be cleaned up, in libraries that swallow an exception or are
    broken by one (a compiler that calls back into Python).
    """

    def leave(_number: int, _frame: FrameType | None) -> None:
        ignore_interrupts()
        os._exit(finish())

    previous = signal.signal(signal.SIGINT, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)


def _resend(number: int) -> None:
    """Have the signal do what it does by default; returns if that was a stop, when it is over."""
    previous = signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    signal.signal(number, previous)


@contextmanager
def guarding(set_up: Callable[[], None], restore: Callable[[], None]) -> Iterator[None]:
    """Between `set_up` and `restore`, whatever ends, stops (Ctrl-Z) or continues the process."""

    def leave(number: int, _frame: FrameType | None) -> None:
        restore()
        _resend(number)

    def come_back(_number: int, _frame: FrameType | None) -> None:
        set_up()

    handlers = dict.fromkeys((*_FATAL, signal.SIGTSTP), leave) | {signal.SIGCONT: come_back}
    # What the parent ignores (nohup) stays ignored.
    wanted = {at: on for at, on in handlers.items() if signal.getsignal(at) != signal.SIG_IGN}
    previous = {number: signal.signal(number, handler) for number, handler in wanted.items()}
    try:
        set_up()
        yield
    finally:
        restore()
        for number, handler in previous.items():
            signal.signal(number, handler)
