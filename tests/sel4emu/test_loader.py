# SPDX-License-Identifier: BSD-2-Clause
"""The image loader: what it reads, and one sentence for everything that it refuses."""

import os
import resource
import struct
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sel4emu.errors import InputError
from sel4emu.loader import Image, Segment, read_elf, read_raw

FUNC, OBJECT, NOTYPE = 2, 1, 0


@dataclass(frozen=True)
class Load:
    """A program header and its bytes."""

    vaddr: int
    data: bytes
    memory_size: int
    paddr: int
    kind: int = 1


CODE = Load(0x8000_0000, b"\x00\x00\xa0\xe1" * 8, 0x40, 0x8000_0000)
DATA = Load(0x8000_1000, b"data", 0x100, 0x8000_1000)


@dataclass(frozen=True)
class Elf:
    """An ELF file to be: every field can be made wrong."""

    loads: tuple[Load, ...] = (CODE, DATA)
    symbols: tuple[tuple[str, int, int, int], ...] = ()  # name, value, type, binding
    entry: int = 0x8000_0000
    kind: int = 2
    machine: int = 40
    identity: bytes = b"\x7fELF\x01\x01\x01" + bytes(9)
    flags: int = 0x0500_0200
    wrong: dict[str, int] = field(default_factory=dict)

    def build(self) -> bytes:
        """The bytes of the file: header, program headers, data, symbols, names, sections."""
        body, headers = bytearray(), b""
        start = 52 + 32 * len(self.loads)
        for load in self.loads:
            headers += struct.pack(
                "<8I", load.kind, start + len(body), load.vaddr, load.paddr,
                self.wrong.get("filesz", len(load.data)), load.memory_size, 5, 4,
            )  # fmt: skip
            body += load.data
        names, table = b"\0", bytes(16)
        for name, value, kind, binding in self.symbols:
            table += struct.pack("<IIIBBH", len(names), value, 4, binding << 4 | kind, 0, 1)
            names += name.encode() + b"\0"
        at = start + len(body)
        sections = bytes(40)
        sections += struct.pack("<10I", 0, 2, 0, 0, at, len(table), 2, 1, 4, 16)
        sections += struct.pack("<10I", 0, 3, 0, 0, at + len(table), len(names), 0, 0, 1, 0)
        header = self.identity + struct.pack(
            "<HHIIIIIHHHHHH", self.kind, self.machine, 1, self.entry,
            self.wrong.get("phoff", 52), self.wrong.get("shoff", at + len(table) + len(names)),
            self.flags, 52, self.wrong.get("phentsize", 32), len(self.loads),
            40, self.wrong.get("shnum", 3), 2,
        )  # fmt: skip
        return bytes(header + headers + body + table + names + sections)


GOOD = Elf(
    symbols=(
        ("_start", 0x8000_0001, FUNC, 1),
        ("local", 0x8000_0000, NOTYPE, 0),
        ("main", 0x8000_0010, FUNC, 1),
        ("$a", 0x8000_0018, NOTYPE, 0),
        ("value", 0x8000_1000, OBJECT, 1),
    )
)

Write = Callable[[bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes bytes to a file and gives its path."""

    def put(data: bytes) -> Path:
        path = tmp_path / "image.elf"
        path.write_bytes(data)
        return path

    return put


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file for all examples of a generated test."""
    return tmp_path_factory.mktemp("fuzz") / "image.elf"


def test_reads_segments_entry_and_flags(write: Write) -> None:
    """Segments keep both addresses, their bytes and their size in memory."""
    moved = replace(DATA, paddr=0x8010_0000)
    image = read_elf(write(replace(GOOD, loads=(CODE, moved)).build()))
    assert image.name == "image.elf"
    assert image.entry == 0x8000_0000
    assert image.flags == 0x0500_0200
    assert image.segments == (
        Segment(0x8000_0000, 0x8000_0000, CODE.data, 0x40),
        Segment(0x8000_1000, 0x8010_0000, b"data", 0x100),
    )


def test_symbols_without_thumb_bit_and_mapping_symbols(write: Write) -> None:
    """Functions lose the Thumb bit; `$a` and its like are not symbols."""
    image = read_elf(write(GOOD.build()))
    assert image.symbols == {
        "_start": 0x8000_0000,
        "local": 0x8000_0000,
        "main": 0x8000_0010,
        "value": 0x8000_1000,
    }


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (0x8000_0000, "_start"),
        (0x8000_000C, "_start+0xc"),
        (0x8000_0014, "main+0x4"),
        (0x8000_003F, "main+0x2f"),
        (0x8000_0040, None),
        (0x8000_10FF, "value+0xff"),
        (0x7FFF_FFFF, None),
        (0, None),
    ],
)
def test_symbol_lookup_stays_inside_the_segment(
    write: Write, address: int, expected: str | None
) -> None:
    """The nearest symbol below, the function first, and none outside of the segments."""
    assert read_elf(write(GOOD.build())).symbol_at(address) == expected


def test_image_without_symbols_or_sections(write: Write) -> None:
    """A stripped file is fine; there are just no names."""
    image = read_elf(write(replace(GOOD, wrong={"shnum": 0, "shoff": 0}).build()))
    assert image.symbols == {}
    assert image.symbol_at(0x8000_0000) is None


def test_thumb_entry_and_empty_segments(write: Write) -> None:
    """The Thumb bit of the entry stays; segments without memory or of other types are dropped."""
    empty = Load(0x1234, b"", 0, 0)
    note = Load(0x8000_0000, b"note", 4, 0, kind=4)
    image = read_elf(write(replace(GOOD, loads=(CODE, empty, note), entry=0x8000_0021).build()))
    assert image.entry == 0x8000_0021
    assert len(image.segments) == 1


def test_physical_addresses_that_a_linker_left_zero(write: Write) -> None:
    """All physical addresses zero means that they are the virtual ones."""
    loads = (replace(CODE, paddr=0), replace(DATA, paddr=0))
    image = read_elf(write(replace(GOOD, loads=loads).build()))
    assert [segment.paddr for segment in image.segments] == [0x8000_0000, 0x8000_1000]


def test_huge_memory_size_is_only_a_number(write: Write) -> None:
    """A segment of 2 GB of zeros costs nothing here."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    image = read_elf(write(replace(GOOD, loads=(replace(CODE, memory_size=0x8000_0000),)).build()))
    assert image.segments[0].memory_size == 0x8000_0000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # KB


IDENTITY = GOOD.identity
REFUSED = {
    "empty": (b"", "the file is empty"),
    "short magic": (b"\x7fEL", "the ELF header to end at byte 52"),
    "text": (b"#!/bin/sh\necho no\n", "expected an ELF file"),
    "header cut": (GOOD.build()[:51], "the ELF header to end at byte 52"),
    "program headers cut": (GOOD.build()[:80], "the program header table to end"),
    "data cut": (replace(GOOD, wrong={"shnum": 0}).build()[:130], "the data of the segment"),
    "sections cut": (GOOD.build()[:-1], "the section header table to end"),
    "64-bit": (replace(GOOD, identity=b"\x7fELF\x02" + IDENTITY[5:]).build(), "class is 64-bit"),
    "class": (replace(GOOD, identity=b"\x7fELF\x07" + IDENTITY[5:]).build(), "class is number 7"),
    "big-endian": (
        replace(GOOD, identity=b"\x7fELF\x01\x02" + IDENTITY[6:]).build(),
        "byte order is big-endian",
    ),
    "x86": (replace(GOOD, machine=3).build(), "for ARM, but its machine is 386"),
    "unknown machine": (replace(GOOD, machine=0xFEFE).build(), "its machine is 65278"),
    "relocatable": (replace(GOOD, kind=1).build(), "this is a relocatable object"),
    "shared": (replace(GOOD, kind=3).build(), "this is a shared object"),
    "core": (replace(GOOD, kind=4).build(), "this is a core dump"),
    "no segment": (replace(GOOD, loads=()).build(), "at least one loadable segment"),
    "only empty ones": (
        replace(GOOD, loads=(replace(CODE, data=b"", memory_size=0),)).build(),
        "at least one loadable segment",
    ),
    "entry outside": (replace(GOOD, entry=0x8000_0040).build(), "expected the entry 0x80000040"),
    "overlap": (
        replace(GOOD, loads=(CODE, replace(DATA, vaddr=0x8000_0020))).build(),
        "0x80000020-0x8000011f begins inside the one at 0x80000000-0x8000003f",
    ),
    "physical overlap": (
        replace(GOOD, loads=(CODE, replace(DATA, paddr=0x7FFF_FFFF))).build(),
        "begins inside the one at 0x7fffffff-0x800000fe",
    ),
    "larger in the file": (
        replace(GOOD, loads=(replace(CODE, memory_size=4),)).build(),
        "at least as large in memory",
    ),
    "beyond 4 GB": (
        replace(GOOD, loads=(CODE, replace(DATA, vaddr=0xFFFF_FF80))).build(),
        "to end below 4 GB",
    ),
    "table beyond the file": (
        replace(GOOD, wrong={"phoff": 0xFFFF_FFF0}).build(),
        "the program header table to end",
    ),
    "size of headers": (replace(GOOD, wrong={"phentsize": 1}).build(), "headers of 32 bytes each"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refuses_with_one_sentence_that_names_the_file(write: Write, case: str) -> None:
    """Every kind of bad ELF file has a sentence of its own."""
    data, expected = REFUSED[case]
    path = write(data)
    with pytest.raises(InputError) as caught:
        read_elf(path)
    sentence = str(caught.value)
    assert sentence.startswith(f"{path}: ")
    assert expected in sentence
    assert "\n" not in sentence


def special_paths(folder: Path) -> dict[str, tuple[str | Path, str]]:
    """Paths that are no regular file, and what is said of them."""
    os.mkfifo(folder / "fifo")
    return {
        "missing": (folder / "none", "No such file"),
        "folder": (folder, "this is a directory"),
        "fifo": (folder / "fifo", "this is a special file"),
        "device": ("/dev/zero", "this is a special file"),
        "through a file": (folder / "fifo" / "x", "Not a directory"),
        "null": ("a\0b", "without null characters"),
        "empty name": ("", "No such file"),
        "long": ("x" * 5000, "File name too long"),
    }


@pytest.mark.parametrize("reader", [read_elf, lambda path: read_raw(path, 0)], ids=["elf", "raw"])
@pytest.mark.parametrize(
    "case",
    ["missing", "folder", "fifo", "device", "through a file", "null", "empty name", "long"],
)
def test_refuses_what_is_no_regular_file(
    tmp_path: Path, case: str, reader: Callable[[str | Path], Image]
) -> None:
    """Neither a pipe that nobody writes nor an endless device makes us hang."""
    path, expected = special_paths(tmp_path)[case]
    with pytest.raises(InputError, match=expected):
        reader(path)


def test_unreadable_file_says_why(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that may not be read is refused with the reason of the host."""
    path = write(GOOD.build())

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(InputError, match="expected a readable file: Permission denied"):
        read_elf(path)


def test_enormous_file_is_refused_unread(tmp_path: Path) -> None:
    """A sparse file of many GB is not read into memory."""
    path = tmp_path / "huge"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(InputError, match="at most 536870912 bytes"):
        read_elf(path)


def test_raw_image_is_one_segment(write: Write) -> None:
    """Raw bytes go to the load address, which is also the entry."""
    image = read_raw(write(b"\x01\x02\x03"), 0x8000_8000)
    assert image.segments == (Segment(0x8000_8000, 0x8000_8000, b"\x01\x02\x03", 3),)
    assert image.entry == 0x8000_8000
    assert image.symbol_at(0x8000_8000) is None


@pytest.mark.parametrize("load_address", [-1, 0xFFFF_FFFE, 1 << 40])
def test_raw_image_must_fit_below_four_gigabytes(write: Write, load_address: int) -> None:
    """The end of the image is checked, not only its start."""
    with pytest.raises(InputError, match="expected to end below 4 GB"):
        read_raw(write(b"abc"), load_address)


def test_endless_names_cost_bounded_time(write: Write) -> None:
    """Many symbols whose names all run to the end of one long string are cut, not copied."""
    symbols = tuple(("n" * 50, 0x8000_0000 + 4 * n, FUNC, 1) for n in range(2000))
    image = read_elf(write(replace(GOOD, symbols=(*symbols, ("m" * 100_000, 0, FUNC, 1))).build()))
    assert max(map(len, image.symbols)) == 256


WHOLE = GOOD.build()


def read_or_refuse(path: Path) -> Image | None:
    """The image, or None if the file was refused with a sentence that names it."""
    sentence = ""
    try:
        return read_elf(path)
    except InputError as error:
        sentence = str(error)
    assert sentence.startswith(f"{path}: expected ")
    return None


@given(st.integers(0, len(WHOLE)))
def test_truncated_file_is_refused(scratch: Path, length: int) -> None:
    """A file that lost its end is never loaded."""
    scratch.write_bytes(WHOLE[:length])
    if length == len(WHOLE):
        assert read_elf(scratch).segments
        return
    with pytest.raises(InputError, match=r"image\.elf: expected"):
        read_elf(scratch)


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=6))
def test_damaged_file_is_read_or_refused(scratch: Path, damage: list[tuple[int, int]]) -> None:
    """Whatever bytes are wrong, there is an image or an InputError, nothing else."""
    data = bytearray(WHOLE)
    for place, value in damage:
        data[place] = value
    scratch.write_bytes(data)
    image = read_or_refuse(scratch)
    if image is not None:
        assert any(segment.holds(image.entry & ~1) for segment in image.segments)
        image.symbol_at(image.entry)


@given(st.integers(0, 0x33), st.integers(0, 0xFFFF_FFFF))
def test_damaged_header_word_is_read_or_refused(scratch: Path, place: int, word: int) -> None:
    """Any word of the ELF header may be nonsense."""
    data = bytearray(WHOLE)
    data[place : place + 4] = struct.pack("<I", word)
    scratch.write_bytes(data)
    image = read_or_refuse(scratch)
    assert image is None or image.segments
