# SPDX-License-Identifier: BSD-2-Clause
"""Texts that are waited for: found exactly where they end, whatever lies between their bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sel4emu.errors import InputError
from sel4emu.expect import TextMatcher


def ends(text: bytes, output: bytes) -> list[int]:
    """The positions in the output at which the text is complete."""
    matcher = TextMatcher(text)
    return [at for at, byte in enumerate(output) if matcher.feed(byte)]


def test_found_at_its_last_byte() -> None:
    """A text is found with its last byte, each time that it comes."""
    assert ends(b"ab", b"aab.ab") == [2, 5]
    assert ends("grün".encode(), "x grün".encode()) == [6]


def test_overlapping_beginnings() -> None:
    """A beginning that turns out wrong does not hide the right one: `aab` in `aaab`."""
    assert ends(b"aab", b"aaab") == [3]
    assert ends(b"aa", b"aaa") == [1, 2]


def test_carriage_returns_do_not_count() -> None:
    """Consoles send CR LF, CR CR LF or a stray CR; the text is found all the same."""
    assert ends(b"a\nb", b"a\r\nb") == [3]
    assert ends(b"a\r\nb", b"a\nb") == [2]
    assert ends(b"login:", b"log\rin:") == [6]


def test_nothing_to_find() -> None:
    """An empty text is a mistake of the user's."""
    with pytest.raises(InputError, match="it is empty"):
        TextMatcher(b"\r")


@given(st.binary(min_size=1, max_size=4), st.binary(max_size=40))
def test_finds_what_a_search_finds(text: bytes, output: bytes) -> None:
    """Byte by byte, the same places are found as in the whole output."""
    text, output = text.replace(b"\r", b"x"), output.replace(b"\r", b"x")
    expected = [
        at for at in range(len(output)) if output[: at + 1].endswith(text) and at + 1 >= len(text)
    ]
    assert ends(text, output) == expected
