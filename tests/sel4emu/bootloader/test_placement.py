# SPDX-License-Identifier: BSD-2-Clause
"""Room in RAM: nothing outside of it, nothing twice, and places that are free."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sel4emu.board import Board, MemoryEntry
from sel4emu.bootloader.placement import Placement, kernel_memories, main_ram
from sel4emu.bootloader.tags import Span
from sel4emu.errors import InputError

BASE, SIZE = 0x8000_0000, 0x800_0000
CLAIMS = st.lists(st.tuples(st.integers(0, SIZE - 1), st.integers(1, SIZE // 4)), max_size=6)


def test_a_kernel_is_told_of_large_memories(board: Board) -> None:
    """On-chip RAM is not told; where there is nothing else, it is."""
    assert kernel_memories(board) == [Span(BASE, SIZE)]
    more = MemoryEntry("more", "ram", 0x7000_0000, 1 << 20)
    assert kernel_memories(replace(board, memories=(*board.memories, more))) == [
        Span(0x7000_0000, 1 << 20), Span(BASE, SIZE)
    ]  # fmt: skip
    chip = tuple(memory for memory in board.memories if memory.name == "iram")
    assert kernel_memories(replace(board, memories=chip)) == [Span(0x1FFF_C000, 0x4000)]


def test_overlap_names_both(board: Board) -> None:
    """The sentence has both names and both ranges; neighbours are no overlap."""
    room = Placement(board)
    room.claim("kernel", BASE + 0x8000, 0x1000)
    room.claim("before", BASE + 0x7000, 0x1000)
    room.claim("behind", BASE + 0x9000, 1)
    for start, size in ((BASE + 0x8FFF, 2), (BASE, 0x8001), (BASE + 0x8800, 4), (BASE, SIZE)):
        with pytest.raises(InputError) as caught:
            room.claim("disk", start, size)
        sentence = str(caught.value)
        assert sentence.startswith("disk: expected memory of its own, but it would lie at ")
        assert f"0x{start:08x}-0x{start + size - 1:08x}, which overlaps 0x8000" in sentence


@pytest.mark.parametrize(
    ("start", "size"),
    [
        (0, 4),
        (BASE - 1, 2),
        (BASE + SIZE - 1, 2),
        (BASE + SIZE, 1),
        (0x1FFF_C000, 0x4001),
        (0x43F9_0000, 4),
        (0xFFFF_FFFC, 8),
        (BASE, 1 << 32),
    ],
)
def test_outside_of_ram(board: Board, start: int, size: int) -> None:
    """What is not wholly in one RAM is refused, with where RAM is."""
    with pytest.raises(InputError, match=r"inside the board's RAM \(0x1fffc000-0x1fffffff, 0x8"):
        Placement(board).claim("disk", start, size)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    claims=CLAIMS,
    size=st.integers(1, SIZE),
    preferred=st.integers(0, SIZE - 1),
    alignment=st.sampled_from([1, 4096, 1 << 20]),
)
def test_a_place_is_free_or_there_is_none(
    board: Board, claims: list[tuple[int, int]], size: int, preferred: int, alignment: int
) -> None:
    """A found place can be claimed; where none is found, no gap is large enough."""
    room = Placement(board)
    taken = bytearray(SIZE >> 12)  # by page: good enough for what touches one
    for start, length in claims:
        if start + length <= SIZE and room.is_free(BASE + start, length):
            room.claim("one", BASE + start, length)
            for page in range(start >> 12, (start + length - 1 >> 12) + 1):
                taken[page] = 1
    place = room.find(size, alignment, BASE + preferred)
    if place is not None:
        assert place % alignment == 0 and room.largest_free() >= size
        room.claim("found", place, size)
        return
    run = bytes((size + alignment - 1 >> 12) + 2)
    assert run not in taken


def test_the_preferred_place_or_the_nearest(board: Board) -> None:
    """The preferred place if it is free, otherwise the nearest that is."""
    room = Placement(board)
    middle = main_ram(board).base + SIZE // 2
    assert room.find(0x5000, 0x1000, middle) == middle
    room.claim("one", middle, 0x1000)
    assert room.find(0x5000, 0x1000, middle) == middle + 0x1000
    assert room.find(SIZE // 2, 0x1000, middle) == BASE
    assert room.find(SIZE // 2 + 1, 0x1000, middle) is None
    assert room.largest_free() == SIZE // 2


def test_a_thousand_segments_take_no_time(board: Board) -> None:
    """Claims are found by address: a file with as many segments as fit cannot hold us up."""
    room = Placement(board)
    for index in range(0xFFFF):
        room.claim("segment", BASE + 8 * index, 4)
    assert room.find(4096, 4096, BASE) == BASE + 0x8_0000
