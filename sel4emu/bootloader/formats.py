# SPDX-License-Identifier: BSD-2-Clause
"""Formats of kernels that are not ELF: zImage, legacy uImage, and what is no image at all.

Sources: Linux, arch/arm/boot/compressed/head.S (zImage); U-Boot, include/image.h (uImage).
"""

import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sel4emu.errors import InputError

_ZIMAGE_FIELDS: Final = struct.Struct("<III")  # magic, start, end
_ZIMAGE_FIELDS_AT: Final = 0x24
_ZIMAGE_MAGIC: Final = 0x016F_2818
_ZIMAGE_MAGIC_SWAPPED: Final = 0x1828_6F01

# magic, header CRC, time, size, load, entry, data CRC; system, processor, type, compression; name
_UIMAGE_HEADER: Final = struct.Struct(">7I4B32s")
_UIMAGE_MAGIC: Final = 0x2705_1956
_UIMAGE_MAGIC_BYTES: Final = struct.pack(">I", _UIMAGE_MAGIC)
_UIMAGE_HEADER_CRC_AT: Final = slice(4, 8)
_UIMAGE_ARM: Final = 2
_UIMAGE_PROGRAMS: Final[Mapping[int, str]] = {1: "standalone program", 2: "kernel"}
_UIMAGE_UNCOMPRESSED: Final = 0
_UIMAGE_COMPRESSIONS: Final[Mapping[int, str]] = {
    1: "gzip", 2: "bzip2", 3: "lzma", 4: "lzo", 5: "lz4", 6: "zstd"
}  # fmt: skip

#: In every Linux kernel that is not compressed; a raw one says nowhere else what it is.
_LINUX_BANNER: Final = re.compile(rb"Linux version [0-9]+\.[0-9]+[!-~]* \(")

#: How files begin that a processor cannot run, and what they are.
_NO_CODE: Final[Mapping[bytes, str]] = {
    b"\x1f\x8b\x08": "compressed with gzip; decompress it first",
    b"BZh": "compressed with bzip2; decompress it first",
    b"\xfd7zXZ\0": "compressed with xz; decompress it first",
    b"\x28\xb5\x2f\xfd": "compressed with zstd; decompress it first",
    b"\xd0\x0d\xfe\xed": "a device tree (--dtb takes one) or an image in that format",
}


@dataclass(frozen=True, slots=True)
class Program:
    """Code of a uImage, with the addresses that its header gives."""

    data: bytes
    load: int
    entry: int


def check_code(path: str, data: bytes) -> None:
    """Refuse a raw image that is known to be no code (InputError)."""
    for start, kind in _NO_CODE.items():
        if data.startswith(start):
            raise InputError(
                f"{path}: expected an ELF, zImage, uImage or raw code, but this is {kind}"
            )


def zimage_start(path: str, data: bytes) -> int | None:
    """Where a zImage has to be loaded, 0 for anywhere; None if it is none. InputError if broken.

    What lies behind its end (a device tree, appended) belongs to the file.
    """
    if len(data) < _ZIMAGE_FIELDS_AT + _ZIMAGE_FIELDS.size:
        return None
    magic, start, end = _ZIMAGE_FIELDS.unpack_from(data, _ZIMAGE_FIELDS_AT)
    if magic == _ZIMAGE_MAGIC_SWAPPED:
        raise InputError(f"{path}: expected a little-endian zImage, but this one is big-endian")
    if magic != _ZIMAGE_MAGIC:
        return None
    if end - start < _ZIMAGE_FIELDS_AT + _ZIMAGE_FIELDS.size:
        raise InputError(
            f"{path}: expected a zImage that ends behind its header, but it says that it goes from "
            f"0x{start:08x} to 0x{end:08x}"
        )
    if end - start > len(data):
        raise InputError(
            f"{path}: expected the zImage to have {end - start} bytes, as it says, but the file "
            f"has {len(data)} (truncated?)"
        )
    return int(start)


def is_linux(data: bytes) -> bool:
    """Whether raw bytes are a Linux kernel that is not compressed (`Image`)."""
    return _LINUX_BANNER.search(data) is not None


def is_uimage(data: bytes) -> bool:
    """Whether a file begins as a legacy uImage does."""
    return data.startswith(_UIMAGE_MAGIC_BYTES)


def read_uimage(path: str, data: bytes) -> Program:
    """The program in a uImage (InputError for one that is damaged, or not to be run here)."""
    if len(data) < _UIMAGE_HEADER.size:
        raise InputError(
            f"{path}: expected a uImage header of {_UIMAGE_HEADER.size} bytes, but the file has "
            f"{len(data)} (truncated?)"
        )
    fields = _UIMAGE_HEADER.unpack_from(data)
    _, header_crc, _, size, load, entry, data_crc = fields[:7]
    header = bytearray(data[: _UIMAGE_HEADER.size])
    header[_UIMAGE_HEADER_CRC_AT] = bytes(4)
    _check_crc(path, "header", bytes(header), header_crc)
    _check_kind(path, *fields[8:11])
    program = data[_UIMAGE_HEADER.size : _UIMAGE_HEADER.size + size]
    if not size:
        raise InputError(f"{path}: expected a uImage with a program in it, but its size is 0")
    if len(program) < size:
        raise InputError(
            f"{path}: expected {size} bytes behind the uImage header, as it says, but there are "
            f"{len(data) - _UIMAGE_HEADER.size} (truncated?)"
        )
    _check_crc(path, "data", program, data_crc)
    return Program(program, load, entry)


def _check_crc(path: str, what: str, data: bytes, expected: int) -> None:
    found = zlib.crc32(data)
    if found != expected:
        raise InputError(
            f"{path}: expected a uImage {what} with the checksum 0x{expected:08x} that is in it, "
            f"but it is 0x{found:08x} (damaged?)"
        )


def _check_kind(path: str, processor: int, kind: int, compression: int) -> None:
    if processor != _UIMAGE_ARM:
        raise InputError(f"{path}: expected a uImage for ARM (2), but its processor is {processor}")
    if kind not in _UIMAGE_PROGRAMS:
        kinds = " or ".join(f"{name} ({number})" for number, name in _UIMAGE_PROGRAMS.items())
        raise InputError(f"{path}: expected a uImage of a {kinds}, but its type is {kind}")
    if compression != _UIMAGE_UNCOMPRESSED:
        name = _UIMAGE_COMPRESSIONS.get(compression, f"method {compression}")
        raise InputError(
            f"{path}: expected a uImage that is not compressed, but this one is, with {name}; "
            "a zImage decompresses itself"
        )
