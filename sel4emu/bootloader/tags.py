# SPDX-License-Identifier: BSD-2-Clause
"""The tag list that an ARM Linux kernel without a device tree is given.

A list of words, little-endian: each tag is its size in words, its number and its fields; the
first is CORE, the last NONE. Source: Linux, Documentation/arm/booting, asm/setup.h.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

CORE: Final = 0x5441_0001
MEM: Final = 0x5441_0002
CMDLINE: Final = 0x5441_0009
INITRD2: Final = 0x5442_0005
NONE: Final = 0x0000_0000
#: Bytes of a command line, its null character included (COMMAND_LINE_SIZE of Linux for ARM).
COMMAND_LINE_BYTES: Final = 1024

_READ_ONLY: Final = 1
_PAGE_BYTES: Final = 4096
_NO_ROOT_DEVICE: Final = 0
_WORD_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class Span:
    """`size` bytes from physical address `start` on."""

    start: int
    size: int


def tag_list(
    memories: Iterable[Span], *, command_line: bytes | None = None, initrd: Span | None = None
) -> bytes:
    """The list, to lie at an address that is a multiple of 4."""
    tags = [_tag(CORE, _READ_ONLY, _PAGE_BYTES, _NO_ROOT_DEVICE)]
    tags += [_tag(MEM, memory.size, memory.start) for memory in memories]
    if initrd is not None:
        tags.append(_tag(INITRD2, initrd.start, initrd.size))
    if command_line is not None:
        assert b"\0" not in command_line and len(command_line) < COMMAND_LINE_BYTES
        tags.append(_text_tag(CMDLINE, command_line))
    return b"".join(tags) + struct.pack("<II", 0, NONE)


def _tag(number: int, *fields: int) -> bytes:
    return struct.pack(f"<{2 + len(fields)}I", 2 + len(fields), number, *fields)


def _text_tag(number: int, text: bytes) -> bytes:
    """A null-terminated text, filled up to whole words."""
    words = len(text) // _WORD_BYTES + 1
    return struct.pack("<II", 2 + words, number) + text.ljust(words * _WORD_BYTES, b"\0")
