# SPDX-License-Identifier: BSD-2-Clause
"""Texts from outside on one line."""

import os

import pytest

from sel4emu.cli.printable import one_line, printable_path


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain \u00e9", "plain \u00e9"),
        ("a\nb\r\n c\t", "a b c"),
        ("\x1b[2J\x07", "\\x1b[2J\\x07"),
        ("\udc80", "\\udc80"),
        ("", ""),
    ],
)
def test_one_line(text: str, expected: str) -> None:
    """White space becomes a blank, what a terminal would obey an escape."""
    assert one_line(text) == expected


def test_path_of_any_bytes() -> None:
    """A file name that is no UTF-8 can be shown."""
    assert printable_path(os.fsdecode(b"a\xff\xc3\xa9")) == "a\\xff\u00e9"
