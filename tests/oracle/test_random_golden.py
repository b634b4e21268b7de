# SPDX-License-Identifier: BSD-2-Clause
"""100,000 random instructions on our machine, against the answers of QEMU that are kept."""

from pathlib import Path

import pytest

from oracle import random_golden
from oracle.random_compare import ours, run
from oracle.random_golden import (
    COUNT,
    SEED,
    RandomGolden,
    complaints,
    digest,
    read_random_golden,
    write_random_golden,
)
from oracle.random_sequence import VERSION, make_sequence
from sel4emu.errors import InputError


@pytest.mark.parametrize(("level", "revision"), [("off", "r0p4"), ("full", "r1p3")])
def test_every_sequence_ends_as_on_qemu(level: str, revision: str) -> None:
    """All registers of all modes, VFP, memory and exceptions are QEMU's after each sequence."""
    golden = read_random_golden()
    assert (golden.seed, len(golden.digests)) == (SEED, COUNT)
    sequences = [make_sequence(SEED, number) for number in range(COUNT)]
    found = list(complaints(golden, run(ours(level, revision), SEED, sequences)))
    assert not found, "show one with `python -m oracle.random_run --sequence N`"


def test_answers_are_read_as_they_were_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The file keeps everything, and a record that is another is complained about."""
    monkeypatch.setattr(random_golden, "PATH", tmp_path / "random.txt")
    records = [bytes([n]) * 8 for n in range(7)]
    golden = RandomGolden(VERSION, "7.2.0", 5, tuple(digest(record) for record in records))
    write_random_golden(golden)
    assert read_random_golden() == golden
    assert list(complaints(golden, records)) == []
    records[3] = b"other"
    (complaint,) = complaints(golden, records)
    assert complaint.startswith("sequence 3 of seed 5: ")


def test_answers_of_another_generator_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A sentence says how they are made anew."""
    monkeypatch.setattr(random_golden, "PATH", tmp_path / "random.txt")
    write_random_golden(RandomGolden(VERSION + 1, "7.2.0", 5, ()))
    with pytest.raises(InputError, match=r"expected that of version .*--record"):
        read_random_golden()
