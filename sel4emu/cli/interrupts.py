# SPDX-License-Identifier: BSD-2-Clause
"""Signals: Ctrl-C counts once, and a signal that ends or stops us first restores the terminal."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

#: 128 + the number of the signal, as shells report it.
EXIT_INTERRUPTED: Final = 128 + signal.SIGINT

_FATAL: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


def _raise_first(_number: int, _frame: FrameType | None) -> None:
    ignore_interrupts()
    raise KeyboardInterrupt


def raise_once_on_interrupt() -> None:
    """Have the first Ctrl-C raise KeyboardInterrupt and those after it do nothing."""
    signal.signal(signal.SIGINT, _raise_first)


def ignore_interrupts() -> None:
    """Do what is left to do, however often Ctrl-C is pressed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


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
