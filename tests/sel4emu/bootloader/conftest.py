# SPDX-License-Identifier: BSD-2-Clause
"""Readers of what a boot loader writes, independent of its writers, and files to load."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from sel4emu.board import Board, load_board

#: read_tags(bytes) -> (number, fields as words) of each tag up to the end
ReadTags = Callable[[bytes], list[tuple[int, tuple[int, ...]]]]
#: read_blob(bytes) -> value of each property by its path
ReadTree = Callable[[bytes], dict[str, bytes]]


@pytest.fixture(scope="session")
def board() -> Board:
    """The board of the default."""
    return load_board("kzm_arm11")


@pytest.fixture(scope="session")
def read_tags() -> ReadTags:
    """Walks a tag list as a kernel does: by sizes in words, up to the one that is 0."""

    def walk(data: bytes) -> list[tuple[int, tuple[int, ...]]]:
        words = [word for (word,) in struct.iter_unpack("<I", data[: len(data) & ~3])]
        tags, at = [], 0
        while words[at]:
            tags.append((words[at + 1], tuple(words[at + 2 : at + words[at]])))
            at += words[at]
        assert words[at + 1] == 0 and at + 2 == len(words), "the list ends with NONE"
        return tags

    return walk


@pytest.fixture(scope="session")
def flat_tree() -> ReadTree:
    """Reads a blob by the letter of the specification: `/node/property` -> value."""

    def read(blob: bytes) -> dict[str, bytes]:
        header = struct.unpack_from(">10I", blob)
        assert header[0] == 0xD00DFEED and header[1] == len(blob) and header[5:7] == (17, 16)
        at, names = header[2], header[3]
        found, path = {}, []
        while True:
            (token,) = struct.unpack_from(">I", blob, at)
            at += 4
            if token == 1:
                end = blob.index(b"\0", at)
                path.append(blob[at:end].decode())
                at += (end - at) // 4 * 4 + 4
            elif token == 2:
                path.pop()
            elif token == 3:
                size, name_at = struct.unpack_from(">II", blob, at)
                name = blob[names + name_at : blob.index(b"\0", names + name_at)].decode()
                found["/".join((*path, name))] = blob[at + 8 : at + 8 + size]
                at += 8 + (size + 3) // 4 * 4
            else:
                assert token == 9 and not path and at == header[2] + header[9]
                return found

    return read


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, bytes], str]:
    """Writes a file and gives its path."""

    def put(name: str, data: bytes) -> str:
        path = tmp_path / name
        path.write_bytes(data)
        return str(path)

    return put


@pytest.fixture(scope="session")
def zimage() -> Callable[..., bytes]:
    """Makes the head of a zImage, with as many bytes as asked for."""

    def make(size: int = 0x100, *, start: int = 0, end: int | None = None) -> bytes:
        magic = struct.pack("<III", 0x016F2818, start, start + size if end is None else end)
        return (bytes(0x24) + magic).ljust(size, b"\xee")

    return make


@pytest.fixture(scope="session")
def uimage() -> Callable[..., bytes]:
    """Makes a legacy uImage; every field that a test breaks is an argument."""

    def make(
        data: bytes = b"\xfe\xff\xff\xea",
        *,
        load: int = 0x8000_8000,
        entry: int = 0x8000_8000,
        processor: int = 2,
        kind: int = 2,
        compression: int = 0,
    ) -> bytes:
        def header(crc: int) -> bytes:
            return struct.pack(
                ">7I4B32s", 0x27051956, crc, 0, len(data), load, entry, zlib.crc32(data),
                5, processor, kind, compression, b"test",
            )  # fmt: skip

        return header(zlib.crc32(header(0))) + data

    return make
