# SPDX-License-Identifier: BSD-2-Clause
"""Writes 32-bit little-endian ARM ELF executables with symbols (the reader is pyelftools)."""

import struct
from dataclasses import dataclass
from typing import Final

_HEADER: Final = struct.Struct("<16sHHIIIIIHHHHHH")
_PROGRAM: Final = struct.Struct("<8I")
_SECTION: Final = struct.Struct("<10I")
_SYMBOL: Final = struct.Struct("<IIIBBH")

_IDENT: Final = b"\x7fELF\x01\x01\x01".ljust(16, b"\0")
_ET_EXEC: Final = 2
_EM_ARM: Final = 40
_EF_ARM_EABI5: Final = 0x0500_0000
_PT_LOAD: Final = 1
_PF_X, _PF_W, _PF_R = 1, 2, 4
_SHT_PROGBITS, _SHT_SYMTAB, _SHT_STRTAB = 1, 2, 3
_SHF_WRITE, _SHF_ALLOC, _SHF_EXECINSTR = 1, 2, 4
_SYMBOL_GLOBAL: Final = 1 << 4
_SHN_ABS: Final = 0xFFF1
_PAGE: Final = 4096


@dataclass(frozen=True, slots=True)
class Section:
    """Bytes at a virtual address."""

    name: str
    address: int
    data: bytes
    executable: bool


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name for a virtual address."""

    name: str
    address: int


class _Strings:
    """A string table."""

    def __init__(self) -> None:
        self.data = bytearray(b"\0")

    def add(self, text: str) -> int:
        """The offset of a string in the table."""
        offset = len(self.data)
        self.data += text.encode() + b"\0"
        return offset


def _section_of(sections: list[Section], address: int) -> int:
    for index, section in enumerate(sections):
        if section.address <= address < section.address + len(section.data):
            return index + 1
    return _SHN_ABS


def _symbol_table(sections: list[Section], symbols: list[Symbol], names: _Strings) -> bytes:
    table = bytearray(_SYMBOL.size)
    for symbol in sorted(symbols, key=lambda item: item.address):
        index = _section_of(sections, symbol.address)
        table += _SYMBOL.pack(names.add(symbol.name), symbol.address, 0, _SYMBOL_GLOBAL, 0, index)
    return bytes(table)


def _program_header(section: Section, offset: int, window_offset: int) -> bytes:
    flags = _PF_R | _PF_X if section.executable else _PF_R | _PF_W
    size = len(section.data)
    physical = section.address - window_offset
    return _PROGRAM.pack(_PT_LOAD, offset, section.address, physical, size, size, flags, _PAGE)


def write_elf(
    sections: list[Section], symbols: list[Symbol], entry: int, window_offset: int
) -> bytes:
    """An executable whose sections load at their virtual addresses minus `window_offset`."""
    names, strings = _Strings(), _Strings()
    body = bytearray(_PAGE)  # header and program headers, padded
    headers = [bytes(_SECTION.size)]
    programs = b""
    for section in sections:
        programs += _program_header(section, len(body), window_offset)
        flags = _SHF_ALLOC | (_SHF_EXECINSTR if section.executable else _SHF_WRITE)
        headers.append(
            _SECTION.pack(
                names.add(section.name), _SHT_PROGBITS, flags, section.address,
                len(body), len(section.data), 0, 0, 4, 0,
            )
        )  # fmt: skip
        body += section.data + bytes(-len(section.data) % _PAGE)
    symbol_data = _symbol_table(sections, symbols, strings)
    string_index = len(sections) + 2
    for name, kind, data, link, info, size in (
        (".symtab", _SHT_SYMTAB, symbol_data, string_index, 1, _SYMBOL.size),
        (".strtab", _SHT_STRTAB, bytes(strings.data), 0, 0, 0),
    ):
        headers.append(
            _SECTION.pack(names.add(name), kind, 0, 0, len(body), len(data), link, info, 4, size)
        )
        body += data + bytes(-len(data) % 4)
    own_name = names.add(".shstrtab")
    table = bytes(names.data)
    headers.append(_SECTION.pack(own_name, _SHT_STRTAB, 0, 0, len(body), len(table), 0, 0, 1, 0))
    body += table + bytes(-len(table) % 4)
    header = _HEADER.pack(
        _IDENT, _ET_EXEC, _EM_ARM, 1, entry, _HEADER.size, len(body), _EF_ARM_EABI5,
        _HEADER.size, _PROGRAM.size, len(sections), _SECTION.size, len(headers), len(headers) - 1,
    )  # fmt: skip
    body[: len(header) + len(programs)] = header + programs
    return bytes(body) + b"".join(headers)
