# SPDX-License-Identifier: BSD-2-Clause
"""Tag lists, read back by a walker that shares nothing with their writer."""

import struct
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sel4emu.bootloader.tags import COMMAND_LINE_BYTES, Span, tag_list

ReadTags = Callable[[bytes], list[tuple[int, tuple[int, ...]]]]

CORE, MEM, CMDLINE, INITRD2 = 0x54410001, 0x54410002, 0x54410009, 0x54420005
SPANS = st.builds(Span, st.integers(0, 0xFFFF_FFFF), st.integers(0, 0xFFFF_FFFF))
LINES = st.binary(min_size=1, max_size=COMMAND_LINE_BYTES - 1).filter(lambda line: 0 not in line)


def test_the_bytes_of_a_list() -> None:
    """CORE, MEM, INITRD2, CMDLINE and NONE are the words that the boot protocol tells."""
    data = tag_list(
        [Span(0x8000_0000, 0x800_0000)], command_line=b"abcd", initrd=Span(0x8400_0000, 0x123)
    )
    assert data == struct.pack(
        "<5I 4I 4I 2I4s4s 2I",
        5, CORE, 1, 4096, 0,
        4, MEM, 0x800_0000, 0x8000_0000,
        4, INITRD2, 0x8400_0000, 0x123,
        4, CMDLINE, b"abcd", b"\0\0\0\0",
        0, 0,
    )  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    memories=st.lists(SPANS, max_size=4),
    line=st.none() | LINES,
    initrd=st.none() | SPANS,
)
def test_every_list_reads_back(
    read_tags: ReadTags, memories: list[Span], line: bytes | None, initrd: Span | None
) -> None:
    """A walker by sizes finds CORE first, each memory, and what was asked for, and nothing else."""
    tags = read_tags(tag_list(memories, command_line=line, initrd=initrd))
    assert tags[0] == (CORE, (1, 4096, 0))
    rest = tags[1:]
    for memory in memories:
        assert rest.pop(0) == (MEM, (memory.size, memory.start))
    if initrd is not None:
        assert rest.pop(0) == (INITRD2, (initrd.start, initrd.size))
    if line is not None:
        number, words = rest.pop(0)
        text = struct.pack(f"<{len(words)}I", *words)
        assert number == CMDLINE and text.rstrip(b"\0") == line and text[len(line)] == 0
    assert not rest


@pytest.mark.parametrize("line", [b"a\0b", b"x" * COMMAND_LINE_BYTES])
def test_a_command_line_that_a_kernel_would_cut_is_the_callers_error(line: bytes) -> None:
    """A null inside, or no room for the one at the end."""
    with pytest.raises(AssertionError):
        tag_list([], command_line=line)
