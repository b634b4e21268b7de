# SPDX-License-Identifier: BSD-2-Clause
"""The exceptions that reach a user, each carrying one clear sentence.

A mistake in what the user gave us is an `InputError`; the command line prints its sentence and
ends with status 2. A programmer's mistake is an `AssertionError` and is never caught.
"""


class Sel4EmuError(Exception):
    """Base of every error that this project raises on purpose."""


class InputError(Sel4EmuError):
    """The user's input is wrong: the sentence names the file, the place and what was expected."""


class MachineCrash(Sel4EmuError):
    """The guest did something after which the machine cannot go on (exit status 3)."""
