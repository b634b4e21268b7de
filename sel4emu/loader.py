# SPDX-License-Identifier: BSD-2-Clause
"""Reads images to run: ELF executables for 32-bit little-endian ARM, and raw bytes.

A file is an untrusted input. pyelftools knows the formats; which structure is read where is decided
here, after the check that it lies inside the file, so that no file makes us loop, recurse or
allocate more than its own size. `memory_size` of a segment is only a number here.
"""

import os
import stat
import struct
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, Final

from elftools.common.exceptions import ELFParseError
from elftools.common.utils import struct_parse
from elftools.elf.structs import ELFStructs

from sel4emu.errors import InputError

ADDRESS_SPACE: Final = 1 << 32
#: No image for a board with some 128 MB of memory is larger than this.
MAX_FILE_BYTES: Final = 1 << 29
#: What is beyond is ignored: a file could let millions of names overlap in one long string.
MAX_SYMBOLS: Final = 200_000
MAX_NAME_BYTES: Final = 256
#: Notes of a file that are known for such; linkers write one or two.
MAX_NOTES: Final = 16
_HEADER_BYTES: Final = 52
_PROGRAM_HEADER_BYTES: Final = 32

_TYPE_NAMES: Final[Mapping[object, str]] = {
    "ET_NONE": "a file of no type",
    "ET_REL": "a relocatable object",
    "ET_DYN": "a shared object or position-independent executable",
    "ET_CORE": "a core dump",
}
_SYMBOL: Final = struct.Struct("<IIIBBH")  # name, value, size, info, other, section
_SYMBOL_TYPES: Final = {0: "NOTYPE", 1: "OBJECT", 2: "FUNC"}
_UNDEFINED_SECTION: Final = 0
_LOCAL: Final = 0


@dataclass(frozen=True, slots=True)
class Segment:
    """`data` goes to `vaddr` (or `paddr`); up to `memory_size` bytes it is followed by zeros.

    The first `spare` bytes are headers and notes of the file itself, and zeros between them:
    linkers put them into a segment, but a program on bare metal does not look at them.
    """

    vaddr: int
    paddr: int
    data: bytes = field(repr=False)
    memory_size: int
    spare: int = field(default=0, repr=False, compare=False)

    def holds(self, address: int) -> bool:
        """Whether the virtual address lies inside."""
        return self.vaddr <= address < self.vaddr + self.memory_size


@dataclass(frozen=True, slots=True)
class Image:
    """A program to load. `entry` may carry the Thumb bit, addresses of symbols never do.

    `flags` is e_flags of an ELF file, 0 for raw bytes. Segments are in the order of the file.
    """

    name: str
    segments: tuple[Segment, ...]
    entry: int
    symbols: Mapping[str, int] = field(default_factory=dict, repr=False)
    flags: int = 0
    _by_address: Sequence[tuple[int, str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # The first of several names for one address is the one that the reader put first.
        first: dict[int, str] = {}
        for name, address in self.symbols.items():
            first.setdefault(address, name)
        object.__setattr__(self, "_by_address", sorted(first.items()))

    def symbol_at(self, address: int) -> str | None:
        """The nearest symbol at or below an address of the same segment, as `name+0x10`."""
        segment = next((part for part in self.segments if part.holds(address)), None)
        index = bisect_right(self._by_address, address, key=lambda item: item[0])
        if segment is None or not index:
            return None
        start, name = self._by_address[index - 1]
        if start < segment.vaddr:
            return None
        return name if start == address else f"{name}+0x{address - start:x}"


def read_raw(path: str | Path, load_address: int) -> Image:
    """The bytes of a file as one segment, with its entry at the load address (InputError)."""
    return place_raw(path, read_file(path), load_address)


def place_raw(path: str | Path, data: bytes, load_address: int) -> Image:
    """Bytes that were read from `path` as one segment, with its entry at the load address."""
    if load_address < 0 or load_address + len(data) > ADDRESS_SPACE:
        raise InputError(
            f"{path}: {len(data)} bytes from load address 0x{load_address:x} were expected to end "
            "below 4 GB"
        )
    return Image(
        Path(path).name, (Segment(load_address, load_address, data, len(data)),), load_address
    )


def read_elf(path: str | Path) -> Image:
    """The loadable part and the symbols of an ELF executable (InputError, one sentence).

    Its virtual addresses hold together: no two segments overlap, and the entry lies in one.
    """
    image = read_physical_elf(path, read_file(path))
    _check_overlaps(path, image.segments, "vaddr")
    if not any(segment.holds(image.entry & ~1) for segment in image.segments):
        raise InputError(f"{path}: expected the entry 0x{image.entry:x} inside a loadable segment")
    return image


def read_physical_elf(path: str | Path, data: bytes) -> Image:
    """An ELF executable, the contents of a file, that is loaded by its physical addresses.

    These do not overlap. Virtual addresses may (overlays), and the entry, virtual or physical, may
    be anything.
    """
    elf = _ElfFile(path, data)
    segments = tuple(elf.segments())
    if not segments:
        raise InputError(f"{path}: expected at least one loadable segment that is not empty")
    _check_overlaps(path, segments, "paddr")
    header = elf.header
    return Image(Path(path).name, segments, header["e_entry"], elf.symbols(), header["e_flags"])


def read_file(path: str | Path, kind: str = "an image", limit: int = MAX_FILE_BYTES) -> bytes:
    """The contents of a regular file of 1 to `limit` bytes; never waits for a pipe or device.

    `kind` is what was expected, in the sentence of an InputError.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise InputError(f"{path}: expected a readable file: {error.strerror}") from None
    except ValueError:
        raise InputError(f"{str(path)!r}: expected a file name without null characters") from None
    try:
        data = _contents(path, descriptor, kind, limit)
    except OSError as error:
        raise InputError(f"{path}: expected a readable file: {error.strerror}") from None
    finally:
        os.close(descriptor)
    if not data:
        raise InputError(f"{path}: expected {kind}, but the file is empty")
    return data


def _contents(path: str | Path, descriptor: int, expected: str, limit: int) -> bytes:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        kind = "a directory" if stat.S_ISDIR(status.st_mode) else "a special file"
        raise InputError(f"{path}: expected a regular file, but this is {kind}")
    if status.st_size > limit:
        raise InputError(
            f"{path}: expected at most {limit} bytes in {expected}, not {status.st_size}"
        )
    with os.fdopen(descriptor, "rb", closefd=False) as stream:
        return stream.read(limit)


def _check_overlaps(path: str | Path, segments: Sequence[Segment], address: str) -> None:
    spans = sorted((getattr(part, address), part.memory_size) for part in segments)
    for (base, size), (following, next_size) in pairwise(spans):
        if following < base + size:
            raise InputError(
                f"{path}: expected segments that do not overlap, but the one at "
                f"0x{following:08x}-0x{following + next_size - 1:08x} begins inside the one at "
                f"0x{base:08x}-0x{base + size - 1:08x}"
            )


class _ElfFile:
    """The header of an ELF file, checked, and access to what it points to."""

    def __init__(self, path: str | Path, data: bytes) -> None:
        self._path = path
        self._data = data
        self._stream = BytesIO(data)
        self._check_identity()
        self._structs = ELFStructs(little_endian=True, elfclass=32)
        self._structs.create_basic_structs()
        self.header = self._parse("the ELF header", self._structs.Elf_Ehdr, 0)
        self._check_header()

    def segments(self) -> Iterator[Segment]:
        """The loadable segments that are not empty; physical addresses as the linker left them.

        A linker that knows none writes 0 everywhere: then they are the virtual ones.
        """
        headers = [header for header in self._program_headers("PT_LOAD") if header["p_memsz"]]
        no_physical = len(headers) > 1 and not any(header["p_paddr"] for header in headers)
        for header in headers:
            self._check_program_header(header)
            start = header["p_offset"]
            data = self._data[start : start + header["p_filesz"]]
            physical = header["p_vaddr" if no_physical else "p_paddr"]
            spare = 0 if start else self._spare(bytearray(data))
            yield Segment(header["p_vaddr"], physical, data, header["p_memsz"], spare)

    def _spare(self, data: bytearray) -> int:
        """How much of what the file begins with is headers, notes and zeros."""
        count = self.header["e_phnum"]
        own = [(0, _HEADER_BYTES), (self.header["e_phoff"], count * _PROGRAM_HEADER_BYTES)]
        notes = islice(self._program_headers("PT_NOTE"), MAX_NOTES)
        own += [(note["p_offset"], note["p_filesz"]) for note in notes]
        for start, size in own:
            data[start : start + size] = bytes(len(data[start : start + size]))
        return len(data) - len(data.lstrip(b"\0"))

    def symbols(self) -> dict[str, int]:
        """Defined names of the first symbol table, functions and globals first."""
        headers = list(self._section_headers())
        table = next((header for header in headers if header["sh_type"] == "SHT_SYMTAB"), None)
        if table is None or not table["sh_link"] < len(headers):
            return {}
        entries = self._section(table)
        names = self._section(headers[table["sh_link"]])
        whole = len(entries) - len(entries) % _SYMBOL.size
        return _named(_SYMBOL.iter_unpack(entries[:whole]), names)

    def _error(self, expected: str) -> InputError:
        return InputError(f"{self._path}: expected {expected}")

    def _check_identity(self) -> None:
        data = self._data
        if data[:4] != b"\x7fELF"[: len(data)]:
            raise self._error("an ELF file, but it does not begin with the bytes 7f 'ELF'")
        self._require("the ELF header", 0, _HEADER_BYTES)
        if data[4] != 1:
            raise self._error("a 32-bit ELF file, but its class is " + _class_name(data[4]))
        if data[5] != 1:
            order = "big-endian" if data[5] == 2 else f"number {data[5]}"
            raise self._error(f"a little-endian ELF file, but its byte order is {order}")

    def _check_header(self) -> None:
        machine, kind = self.header["e_machine"], self.header["e_type"]
        if machine != "EM_ARM":
            raise self._error(f"an ELF file for ARM, but its machine is {_plain(machine, 'EM_')}")
        self._structs.create_advanced_structs(kind, machine, "ELFOSABI_SYSV")
        if kind != "ET_EXEC":
            name = _TYPE_NAMES.get(kind, f"a file of type {kind}")
            raise self._error(f"an executable ELF file, but this is {name}")

    def _require(self, what: str, offset: int, size: int) -> None:
        """Refuse a truncated file: `size` bytes at `offset` must lie in it."""
        if offset + size > len(self._data):
            raise self._error(
                f"{what} to end at byte {offset + size}, but the file has {len(self._data)} bytes "
                "(truncated?)"
            )

    def _parse(self, what: str, structure: Any, offset: int) -> Any:
        try:
            return struct_parse(structure, self._stream, stream_pos=offset)
        except ELFParseError as error:
            raise self._error(f"{what} at byte {offset} to be readable: {error}") from None

    def _table(self, what: str, structure: Any, prefix: str, size: int) -> Iterator[Any]:
        """The headers of the program (`e_ph`) or section (`e_sh`) header table."""
        offset, count = self.header[prefix + "off"], self.header[prefix + "num"]
        given = self.header[prefix + "entsize"]
        if count and given != size:
            raise self._error(f"{what}s of {size} bytes each, not {given}")
        self._require(f"the {what} table", offset, count * size)
        for index in range(count):
            yield self._parse(f"{what} {index}", structure, offset + index * size)

    def _program_headers(self, kind: str) -> Iterator[Any]:
        size = _PROGRAM_HEADER_BYTES
        for header in self._table("program header", self._structs.Elf_Phdr, "e_ph", size):
            if header["p_type"] == kind:
                yield header

    def _section_headers(self) -> Iterator[Any]:
        return self._table("section header", self._structs.Elf_Shdr, "e_sh", 40)

    def _section(self, header: Any) -> bytes:
        offset, size = header["sh_offset"], header["sh_size"]
        self._require("a section of the symbol table", offset, size)
        return self._data[offset : offset + size]

    def _check_program_header(self, header: Any) -> None:
        place = f"the segment at 0x{header['p_vaddr']:x}"
        if header["p_filesz"] > header["p_memsz"]:
            raise self._error(f"{place} to be at least as large in memory as in the file")
        for address in ("p_vaddr", "p_paddr"):
            if header[address] + header["p_memsz"] > ADDRESS_SPACE:
                raise self._error(f"{place} to end below 4 GB")
        self._require(f"the data of {place}", header["p_offset"], header["p_filesz"])


def _named(entries: Iterable[tuple[int, ...]], names: bytes) -> dict[str, int]:
    """Names and addresses, the ones to show first: functions before others, globals before locals.

    Mapping symbols (`$a`, `$t`, `$d`) and names that a terminal cannot show are left out.
    """
    found: list[tuple[bool, bool, int, str]] = []
    for name_offset, value, _size, info, _other, section in islice(entries, MAX_SYMBOLS):
        kind = _SYMBOL_TYPES.get(info & 0xF)
        if kind is None or section == _UNDEFINED_SECTION or not name_offset:
            continue
        name = _string(names, name_offset)
        if name and name.isprintable() and not name.startswith("$"):
            address = value & ~1 if kind == "FUNC" else value
            found.append((kind != "FUNC", info >> 4 == _LOCAL, address, name))
    symbols: dict[str, int] = {}
    for _, _, address, name in sorted(found):
        symbols.setdefault(name, address)
    return symbols


def _string(table: bytes, offset: int) -> str:
    end = table.find(b"\0", offset, offset + MAX_NAME_BYTES)
    limit = offset + MAX_NAME_BYTES if end < 0 else end
    return table[offset:limit].decode("utf-8", errors="replace")


def _class_name(number: int) -> str:
    return "64-bit" if number == 2 else f"number {number}"


def _plain(value: object, prefix: str) -> str:
    """A name of pyelftools without its prefix; it gives unknown numbers as they are."""
    return str(value).removeprefix(prefix)
