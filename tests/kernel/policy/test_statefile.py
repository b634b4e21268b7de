# SPDX-License-Identifier: BSD-2-Clause
"""Protection states as text."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.policy.statefile import (
    CREATE,
    GRANT,
    READ,
    WRITE,
    parse_rights,
    parse_state,
    read_state,
    rights_text,
)
from sel4emu.errors import InputError


def test_every_form_of_line() -> None:
    """Comments, blank lines, tabs, CR LF and a missing last newline change nothing."""
    text = b"# a\n\n  entities 4 # four\r\n0 1 RG\r\n\n\t2\t3\t-\t# none\n  3 0 RWGC# all"
    state = parse_state(text, "x")
    assert state.entities == 4
    assert state.holders.tolist() == [0, 2, 3]
    assert state.targets.tolist() == [1, 3, 0]
    assert state.rights.tolist() == [READ | GRANT, 0, READ | WRITE | GRANT | CREATE]


def test_a_state_without_capabilities() -> None:
    """The header alone is a state."""
    assert len(parse_state(b"entities 1", "x")) == 0


@pytest.mark.parametrize("rights", range(16))
def test_rights_survive_their_text(rights: int) -> None:
    """Letters and bits say the same."""
    assert parse_rights(rights_text(rights)) == rights


@pytest.mark.parametrize("text", ["", "X", "RR", "rw", "R ", "-R"])
def test_other_letters_are_refused(text: str) -> None:
    """Rights are the letters RWGC, each once, or a dash."""
    with pytest.raises(InputError, match="RWGC"):
        parse_rights(text)


MISTAKES = {
    b"": "line 1: expected 'entities N'",
    b"0 1 R\n": "line 1: expected 'entities N'",
    b"# c\n\nentities\n": "line 3: expected 'entities N'",
    b"entities 0\n": "line 1: the number of entities",
    b"entities -1\n": "line 1: expected 'entities N'",
    b"entities 1000000000000\n": "line 1: the number of entities",
    b"entities 99999999999999999999999\n": "line 1: the number of entities",
    b"entities 3 4\n": "line 1: expected 'entities N'",
    b"entities 3\n0 3 R\n": "line 2: an entity has a number from 0 to 2",
    b"entities 3\n7 0 R\n": "line 2: an entity has a number from 0 to 2",
    b"entities 3\n0 18446744073709551617 R\n": "line 2: an entity has a number from 0 to 2",
    b"entities 3\n0 -1 R\n": "line 2: expected the numbers",
    b"entities 3\n0 R\n": "line 2: expected the numbers",
    b"entities 3\nzero 1 R\n": "line 2: expected the numbers",
    b"entities 3\n0 1\n": "line 2: rights are",
    b"entities 3\n0 1 Q\n": "line 2: rights are",
    b"entities 3\n0 1 RR\n": "line 2: rights are",
    b"entities 3\n0 1 R\n\n# c\n0 1 R W\n": "line 5: expected nothing behind",
    b"entities 3\n0 1 \xff\xfe\n": "line 2: rights are",
    b"entities 3\n0 1 R\n\x00\x00\n": "line 3: expected the numbers",
}


@pytest.mark.parametrize("data", MISTAKES)
def test_a_mistake_names_its_line(data: bytes) -> None:
    """One sentence: the file, the line, what was expected, what stands there."""
    with pytest.raises(InputError) as caught:
        parse_state(data, "some.state")
    assert f"some.state, {MISTAKES[data]}" in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_state_or_a_mistake(data: bytes) -> None:
    """No input does anything else than be read or be refused."""
    for text in (data, b"entities 5\n" + data):
        try:
            state = parse_state(text, "x")
        except InputError:
            continue
        assert state.holders.max(initial=0) < state.entities
        assert state.targets.max(initial=0) < state.entities


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """A missing file, a folder and a device without end make a sentence."""
    with pytest.raises(InputError, match="cannot be read"):
        read_state(str(tmp_path / "missing"))
    with pytest.raises(InputError, match="cannot be read"):
        read_state(str(tmp_path))
    assert stat.S_ISCHR(Path("/dev/zero").stat().st_mode)
    with pytest.raises(InputError, match="neither a regular file"):
        read_state("/dev/zero")
