# SPDX-License-Identifier: BSD-2-Clause
"""The ELF writer, read back by the loader that knows nothing of it."""

from io import BytesIO
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile
from hypothesis import given
from hypothesis import strategies as st

from kernel.elf import Section, Symbol, write_elf
from sel4emu.loader import Image, Segment, read_elf

OFFSET = 0x7000_0000
TEXT = Section(".text", 0xF000_0000, b"\x01\x02\x03\x04" * 5, executable=True)
DATA = Section(".data", 0xF000_2000, b"data", executable=False)
SYMBOLS = [Symbol("late", DATA.address), Symbol("_start", TEXT.address), Symbol("far", 0xFFFF_0000)]


def _read_back(path: Path, file: bytes) -> Image:
    target = path / "written.elf"
    target.write_bytes(file)
    return read_elf(target)


@pytest.fixture
def written() -> bytes:
    """A file with two sections and a symbol outside of both."""
    return write_elf([TEXT, DATA], SYMBOLS, TEXT.address - OFFSET, OFFSET)


def test_sections_load_where_they_are_linked(tmp_path: Path, written: bytes) -> None:
    """Each section is a segment at its address, physically lower by the offset."""
    image = _read_back(tmp_path, write_elf([TEXT, DATA], [], TEXT.address, OFFSET))
    assert image.segments == tuple(
        Segment(part.address, part.address - OFFSET, part.data, len(part.data))
        for part in (TEXT, DATA)
    )
    assert image.entry == TEXT.address


def test_symbols_keep_their_addresses(tmp_path: Path) -> None:
    """Every symbol is found again, also one that lies in no section."""
    image = _read_back(tmp_path, write_elf([TEXT, DATA], SYMBOLS, TEXT.address, OFFSET))
    assert image.symbols == {symbol.name: symbol.address for symbol in SYMBOLS}
    assert image.symbol_at(TEXT.address + 8) == "_start+0x8"


def test_header_says_what_it_is(written: bytes) -> None:
    """A 32-bit little-endian ARM executable of EABI 5, entered at a physical address."""
    header = ELFFile(BytesIO(written)).header
    assert (header["e_machine"], header["e_type"]) == ("EM_ARM", "ET_EXEC")
    assert header["e_flags"] >> 24 == 5
    assert header["e_entry"] == TEXT.address - OFFSET


def test_text_is_executable_and_data_writable(written: bytes) -> None:
    """No segment is both, and sections and segments agree."""
    elf = ELFFile(BytesIO(written))
    assert [segment["p_flags"] for segment in elf.iter_segments()] == [5, 6]
    sections = [elf.get_section_by_name(part.name) for part in (TEXT, DATA)]
    assert [section["sh_flags"] for section in sections] == [2 | 4, 2 | 1]
    assert [section.data() for section in sections] == [TEXT.data, DATA.data]


def test_offsets_are_congruent_to_addresses(written: bytes) -> None:
    """A segment can be mapped by pages: its place in the file is aligned as its address."""
    for segment in ELFFile(BytesIO(written)).iter_segments():
        assert segment["p_offset"] % segment["p_align"] == segment["p_vaddr"] % segment["p_align"]


def test_symbols_name_their_sections(written: bytes) -> None:
    """A symbol belongs to the section that holds it, one outside of all is absolute."""
    table = ELFFile(BytesIO(written)).get_section_by_name(".symtab")
    owners = {symbol.name: symbol["st_shndx"] for symbol in table.iter_symbols()}
    assert owners == {"": "SHN_UNDEF", "_start": 1, "late": 2, "far": "SHN_ABS"}


@given(st.lists(st.binary(min_size=1, max_size=9000), min_size=1, max_size=4))
def test_any_contents_come_back(contents: list[bytes]) -> None:
    """Sections of any lengths do not disturb each other."""
    sections = [
        Section(f".part{n}", 0x1_0000 * (n + 1), data, executable=n == 0)
        for n, data in enumerate(contents)
    ]
    elf = ELFFile(BytesIO(write_elf(sections, [], 0x1_0000, 0)))
    assert [segment.data() for segment in elf.iter_segments()] == contents
