# SPDX-License-Identifier: BSD-2-Clause
"""Sequences out of a seed: repeatable, long enough, and of valid instructions."""

from collections import Counter
from collections.abc import Iterator

import pytest

from oracle.random_golden import COUNT, SEED
from oracle.random_sequence import SLOT_BYTES, Kind, Sequence, make_sequence, pattern_words
from sel4emu.disassembly import disassemble

#: What the golden sequences are to have at least, in all.
INSTRUCTIONS = 100_000


@pytest.fixture(scope="module")
def sequences() -> list[Sequence]:
    """The sequences of the golden answers."""
    return [make_sequence(SEED, number) for number in range(COUNT)]


def items(sequence: Sequence) -> Iterator[tuple[str, bool, bytes]]:
    """Name, instruction set and code of each item."""
    begin, thumb = 0, bool(sequence.start.status & 0x20)
    for place in sequence.places:
        yield place.name, thumb, sequence.code[begin : place.offset]
        begin, thumb = place.offset, place.thumb


def test_a_seed_makes_the_same_sequence_again(sequences: list[Sequence]) -> None:
    """Each number has one sequence, and another seed has others."""
    assert make_sequence(SEED, 7) == sequences[7]
    assert make_sequence(SEED + 1, 7).code != sequences[7].code
    assert pattern_words(SEED, 3, 8) == pattern_words(SEED, 3, 16)[:8]


def test_there_are_enough_instructions(sequences: list[Sequence]) -> None:
    """Without the items that branch, whose code is run in part or often, there are 100,000."""
    straight = 0
    for sequence in sequences:
        for name, thumb, code in items(sequence):
            if name != "flow":
                straight += len(code) // (2 if thumb else 4)
    assert straight >= INSTRUCTIONS


def test_every_kind_and_mode_is_there(sequences: list[Sequence]) -> None:
    """Each kind has at least 5 in 100; user mode and every privileged one begins some."""
    kinds = Counter(sequence.kind for sequence in sequences)
    assert all(kinds[kind] >= COUNT // 20 for kind in Kind)
    modes = Counter(sequence.start.status & 0x1F for sequence in sequences)
    assert set(modes) == {0x10, 0x11, 0x12, 0x13, 0x17, 0x1B, 0x1F}
    assert min(modes.values()) >= COUNT // 50


def test_both_instruction_sets_are_there(sequences: list[Sequence]) -> None:
    """A fifth of the items at least is Thumb code, and more than a third ARM code."""
    states = Counter(thumb for sequence in sequences for _, thumb, _ in items(sequence))
    assert 0.2 < states[True] / states.total() < 0.65


def test_sequences_fit_their_slots(sequences: list[Sequence]) -> None:
    """With the instruction that ends it, each is shorter than a slot."""
    assert max(len(sequence.code) for sequence in sequences) + 4 <= SLOT_BYTES


def test_simple_items_are_instructions_that_the_disassembler_knows(
    sequences: list[Sequence],
) -> None:
    """No word of a simple item is undefined, and none is of ARMv7."""
    unknown = []
    for sequence in sequences[:200]:
        for name, thumb, code in items(sequence):
            if name == "simple":
                text = disassemble(int.from_bytes(code, "little"), 0, thumb=thumb)
                if not text or text.startswith(("movw", "movt", "mls", "udiv", "sdiv", "bf")):
                    unknown.append((code.hex(), thumb, text))
    assert not unknown
