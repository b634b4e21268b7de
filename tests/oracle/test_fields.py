# SPDX-License-Identifier: BSD-2-Clause
"""Names for what a program leaves behind."""

from oracle.fields import LOG_NAMES, STATE_NAMES, differing, fields_of, shown
from oracle.outcome import Ending, Outcome
from oracle.program import REGION_BYTES


def words(*values: int) -> bytes:
    """A region that begins with these words."""
    data = b"".join(value.to_bytes(4, "little") for value in values)
    return data.ljust(REGION_BYTES, b"\0")


def test_names() -> None:
    """Results, the log's records and the state are told apart; zeros are left out."""
    log = [0] * len(LOG_NAMES) + [2, 0x8000_0004]
    regions = (words(7, 0, 8), words(*log), words(1, 0, 3))
    fields = fields_of(Outcome(Ending.FINISHED, b"hi\xff", regions))
    assert fields == {
        "ending": "finished",
        "console": "hi\xff",
        "result[0]": 7,
        "result[2]": 8,
        "log[1].kind": 2,
        "log[1].lr": 0x8000_0004,
        "r0": 1,
        "r2": 3,
    }


def test_other_endings_have_no_registers() -> None:
    """What a program that did not finish has left in memory is not looked at."""
    assert fields_of(Outcome(Ending.TIMEOUT, b"", ())) == {"ending": "timeout"}


def test_state_names_are_all_different() -> None:
    """Every word of the dump has its own name."""
    assert len(set(STATE_NAMES)) == len(STATE_NAMES)


def test_differing() -> None:
    """A field that only one has differs; order is that of the first."""
    left = {"a": 1, "b": 2, "c": 3}
    right = {"c": 4, "b": 2, "d": 5}
    assert differing(left, right) == ["a", "c", "d"]


def test_shown() -> None:
    """Words in hexadecimal, text in quotes, nothing as 0."""
    assert (shown(10), shown("x\n"), shown(None)) == ("0x0000000a", r"'x\n'", "0")
