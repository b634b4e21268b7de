# SPDX-License-Identifier: BSD-2-Clause
"""Finding the item in which two machines part."""

from collections.abc import Callable

import pytest

from oracle import random_compare
from oracle.outcome import Ending, Outcome
from oracle.random_compare import Runner, differences, ours, report, run
from oracle.random_harness import RECORD_BYTES, describe_record
from oracle.random_sequence import Sequence, make_sequence
from sel4emu.loader import Image

SEED = 3


@pytest.fixture(scope="module")
def sequences() -> list[Sequence]:
    """Six of some seed."""
    return [make_sequence(SEED, number) for number in range(6)]


@pytest.fixture
def like_qemu(monkeypatch: pytest.MonkeyPatch) -> Callable[[Runner], None]:
    """Put another runner in QEMU's place."""
    return lambda runner: monkeypatch.setattr(random_compare, "qemu", runner)


def broken(sequence: Sequence, item: int) -> Runner:
    """Our machine, but for the first byte of an item that is replaced by an undefined one."""
    right = ours("off")
    begin = sequence.places[item - 1].offset
    old = sequence.code[begin : sequence.places[item].offset]
    new = bytes(2) if sequence.places[item - 1].thumb else b"\xf0\x00\xf0\xe7"

    def runner(image: Image, regions: list[tuple[int, int]]) -> Outcome:
        *others, slots = image.segments
        place = slots.data.find(sequence.code[:begin] + old)
        if place >= 0:
            place += begin
            data = slots.data[:place] + new + slots.data[place + len(new) :]
            slots = type(slots)(slots.vaddr, slots.paddr, data, len(data))
        return right(Image(image.name, (*others, slots), image.entry), regions)

    return runner


def test_the_two_levels_agree(sequences: list[Sequence]) -> None:
    """A record does not depend on the level, nor on what else is in the image."""
    records = run(ours("off"), SEED, sequences)
    assert run(ours("full"), SEED, sequences) == records
    assert run(ours("off"), SEED, sequences[2:4]) == records[2:4]


def test_nothing_is_found_where_nothing_differs(
    sequences: list[Sequence], like_qemu: Callable[[Runner], None]
) -> None:
    """Our machine does not differ from itself."""
    like_qemu(ours("off"))
    assert differences(SEED, sequences, ours("off")) == []


def test_the_item_is_found(sequences: list[Sequence], like_qemu: Callable[[Runner], None]) -> None:
    """An instruction that one side does not have is the one that the report names."""
    like_qemu(ours("off"))
    sequence = next(s for s in sequences if not any(p.thumb for p in s.places[:12]))
    item = 9
    (found,) = differences(SEED, sequences, broken(sequence, item))
    assert (found.sequence.number, found.item) == (sequence.number, item)
    lines = list(report(found))
    assert f"item {item + 1} of {len(sequence.places)}" in lines[0]
    text = "\n".join(lines)
    assert "exceptions: QEMU" in text and "undefined, on to" in text


def test_a_sequence_that_never_ends_is_told_apart(sequences: list[Sequence]) -> None:
    """Where an image does not end, the others' records are still there."""
    right = ours("off")

    def runner(image: Image, regions: list[tuple[int, int]]) -> Outcome:
        if sequences[4].code in image.segments[-1].data:
            return Outcome(Ending.TIMEOUT, b"", ())
        return right(image, regions)

    records = run(runner, SEED, sequences)
    assert [len(record) for record in records] == [*[RECORD_BYTES] * 4, 0, RECORD_BYTES]


def test_a_record_is_described_by_names(sequences: list[Sequence]) -> None:
    """It has every register, the exceptions and the scratch memory."""
    (record,) = run(ours("off"), SEED, sequences[:1])
    texts = describe_record(record)
    number = sequences[0].start.anchor
    assert texts[f"r{number}"] == "0x80300240"
    assert {"cpsr", "spsr_fiq", "lr_und", "fpscr", "s31", "scratch+0x47c"} <= set(texts)
