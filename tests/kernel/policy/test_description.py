# SPDX-License-Identifier: BSD-2-Clause
"""What a subsystem consumes."""

from kernel.policy.description import Program, ProgramSegment, Range, Subsystem, whole_pages
from kernel.policy.layout import BUILTIN_BYTES, IPC_BUFFER_VADDR, MIB, SegmentRights, object_bytes

RIGHTS = SegmentRights.READ


def test_ranges_touch_without_overlapping() -> None:
    """A range ends before its end."""
    assert not Range(0, 4096).overlaps(Range(4096, 5120))
    assert Range(0, 4097).overlaps(Range(4096, 5120))
    assert Range(0, 10).overlaps(Range(3, 4)) and Range(3, 4).overlaps(Range(0, 10))


def test_a_copy_of_a_range_takes_whole_pages() -> None:
    """Wherever the range lies, its copy begins on a page."""
    assert [whole_pages(part) for part in (None, Range(4095, 4097), Range(1, 4098))] == [
        0,
        4096,
        8192,
    ]


def test_a_page_of_two_segments_counts_once() -> None:
    """Pages of a program are counted by address, page tables by megabyte."""
    segments = (
        ProgramSegment(0x10000, b"", 0x1001, RIGHTS),
        ProgramSegment(0x11800, b"", 0x100, RIGHTS),
        ProgramSegment(0x2FFFFF, b"", 2, RIGHTS),
    )
    one = Subsystem("a", 3, 100, program=Program(0x10000, segments))
    assert one.program_bytes == 4 * 4096
    assert one.table_vaddrs == (0, 2 * MIB, 3 * MIB, IPC_BUFFER_VADDR // MIB * MIB)
    assert one.object_bytes == object_bytes(4)
    assert one.total_bytes == 3 * MIB + 4 * 4096 + object_bytes(4)


def test_without_an_image_a_built_in_program_has_room() -> None:
    """The bound covers the bytes of text and data as well as a built-in program."""
    small = Subsystem("a", 1, 100, text=Range(0, 100), data=Range(100, 200))
    assert small.program_bytes == BUILTIN_BYTES
    big = Subsystem("a", 1, 100, text=Range(0, MIB), data=Range(MIB, MIB + 1))
    assert big.program_bytes == MIB + 4096
    assert [len(each.table_vaddrs) for each in (small, big)] == [2, 3]
