# SPDX-License-Identifier: BSD-2-Clause
"""Texts from outside (file names above all) made fit for one line of a report."""

import os


def one_line(text: str) -> str:
    """Text on one line and without control characters."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode()
        for char in " ".join(text.split())
    )


def printable_line(text: str) -> str:
    """A line of a guest's output: its blanks are kept, what controls a terminal is written out."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "backslashreplace").decode()
        for char in text.expandtabs()
    )


def printable_path(path: str) -> str:
    """A file name as text that every encoding of Unicode can hold."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
