# SPDX-License-Identifier: BSD-2-Clause
"""Settings for all tests: generated input and signals are the same in every run."""

import signal

import pytest
from hypothesis import settings

# No deadline: the first call of a compiled hook takes far longer than the later ones.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


@pytest.fixture(scope="session", autouse=True)
def _default_signals() -> None:
    """Start from the signals' defaults, as an interactive shell does.

    A job in the background inherits ignored signals, and so would every process that a test
    starts to send it one.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
