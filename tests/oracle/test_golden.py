# SPDX-License-Identifier: BSD-2-Clause
"""QEMU's kept answers: our machine gives the same, but for the differences that are listed."""

import dataclasses
from typing import Final

import pytest

from oracle.fields import Fields, fields_of
from oracle.golden import (
    FOLDER,
    Known,
    complaints,
    known_differences,
    read_golden,
    stale,
)
from oracle.ours import run_variants
from oracle.program import load_program, names
from sel4emu.errors import InputError


@pytest.mark.parametrize("name", names())
def test_replay(name: str) -> None:
    """At each level of timing, and on each core, the program leaves what it left on QEMU."""
    program = load_program(name)
    golden = read_golden(name)
    assert stale(program, golden) is None
    known = known_differences().get(name, ())
    for variant, outcome in run_variants(program):
        found = list(complaints(golden.fields, fields_of(outcome), known))
        assert not found, f"{variant}, {outcome.detail or 'finished'}: {found}"


def test_every_answer_has_its_program() -> None:
    """No answers are kept for a program that is gone, and there are at least 80 of them."""
    kept = sorted(path.stem for path in FOLDER.glob("*.json"))
    assert kept == names()
    assert len(kept) >= 80


def test_answers_are_worth_something() -> None:
    """Every program finished on QEMU, and left more than its last state."""
    for name in names():
        fields = read_golden(name).fields
        assert fields["ending"] == "finished", name
        assert any(key.startswith(("result[", "log[", "console")) for key in fields), name


def test_known_differences_name_programs() -> None:
    """Every known difference is one of a program that exists, and gives a reason."""
    for name, entries in known_differences().items():
        assert name in names()
        for entry in entries:
            assert entry.ours and len(entry.reason) > 20


EXPECTED: Final[Fields] = {"ending": "finished", "r0": 1, "r1": 2}


@pytest.mark.parametrize(
    ("found", "known", "sentences"),
    [
        ({}, {}, []),
        ({"r0": 5}, {}, ["r0: QEMU 0x00000001, ours 0x00000005"]),
        ({"r2": 5}, {}, ["r2: QEMU 0, ours 0x00000005"]),
        ({"console": "a"}, {}, ["console: QEMU 0, ours 'a'"]),
        ({"r0": 5}, {"r0": 5}, []),
        (
            {"r0": 6},
            {"r0": 5},
            ["r0: expected our 0x00000005 (a known difference), is 0x00000006"],
        ),
        ({}, {"r0": 1}, ["r0: listed as a known difference, but is 0x00000001 on both"]),
    ],
)
def test_complaints(found: dict[str, int], known: dict[str, int], sentences: list[str]) -> None:
    """A field that differs is named with both values; so is a known difference that is none."""
    entries = [Known("for the test", known)] if known else []
    assert list(complaints(EXPECTED, {**EXPECTED, **found}, entries)) == sentences


def test_another_program_is_stale() -> None:
    """Answers to a program that was changed since are told apart by its bytes."""
    program = load_program("kernel_boot_state")
    golden = read_golden("kernel_boot_state")
    changed = dataclasses.replace(program, typed=b"x")
    assert stale(program, golden) is None
    assert "has changed" in (stale(changed, golden) or "")


def test_missing_answers() -> None:
    """A program without answers is refused with what to do."""
    with pytest.raises(InputError, match="--record"):
        read_golden("no_such_program")
