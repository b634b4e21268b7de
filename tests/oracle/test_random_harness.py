# SPDX-License-Identifier: BSD-2-Clause
"""Images of random sequences."""

import pytest

from oracle.random_harness import (
    RECORD_BYTES,
    SLOTS,
    build_image,
    cut,
    describe_record,
    slot_address,
    split_records,
)
from oracle.random_sequence import SLOT_BYTES, Sequence, make_sequence

SEED = 4


@pytest.fixture
def sequence() -> Sequence:
    """One that begins in ARM state and is in Thumb state later."""
    return next(
        made
        for made in (make_sequence(SEED, number) for number in range(100))
        if not made.start.status & 0x20 and any(place.thumb for place in made.places)
    )


def test_a_prefix_ends_in_the_state_it_is_in(sequence: Sequence) -> None:
    """The end is an ARM or a Thumb instruction, as the code before it needs."""
    assert len(cut(sequence, 0)) == 4
    assert len(cut(sequence, None)) == len(cut(sequence, len(sequence.places)))
    for number, place in enumerate(sequence.places):
        code = cut(sequence, number + 1)
        assert code[: place.offset] == sequence.code[: place.offset]
        assert len(code) == place.offset + (2 if place.thumb else 4)


def test_a_sequence_has_its_place_whatever_is_beside_it() -> None:
    """The slot follows from the number alone, so that addresses in registers stay the same."""
    sequences = [make_sequence(SEED, number) for number in (3, 5)]
    both = build_image(SEED, sequences).segments[-1]
    alone = build_image(SEED, sequences[1:]).segments[-1]
    assert both.paddr == slot_address(3)
    assert alone.paddr == slot_address(5) == both.paddr + 2 * SLOT_BYTES
    assert both.data[2 * SLOT_BYTES :] == alone.data
    assert slot_address(5 + SLOTS) == slot_address(5)


def test_a_record_is_a_fixed_number_of_bytes() -> None:
    """Memory is cut into records, and exceptions that were not raised read as none."""
    records = split_records(bytes(3 * RECORD_BYTES))
    assert len(records) == 3
    texts = describe_record(records[0])
    assert texts["cpsr"] == "0x00000000"
    assert texts["exception 1"] == "none"
