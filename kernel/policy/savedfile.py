# SPDX-License-Identifier: BSD-2-Clause
"""The file format of a saved machine.

The head is what `sel4emu boot --save` writes first:

    magic     8 bytes
    version   u32     little-endian, like all that follows
    options   u32     one bit for each of OPTIONS
    name      u32     bytes of the board's name, which follows the head
    RAM       u32     bytes of RAM
    checksum  u32     CRC-32 of the RAM, begun with that of the head before it and of the name

Behind it come the name, in UTF-8, and the RAM as one zlib stream, with which the file ends.
"""

import struct
import zlib
from dataclasses import dataclass
from typing import Final

from kernel import layout
from kernel.options import KernelOptions
from sel4emu.errors import InputError

#: The first byte is in no text, so that no state in text begins like this.
MAGIC: Final = b"\xf4sel4emu"
VERSION: Final = 1
#: Kernel options by bit, from bit 0.
OPTIONS: Final = ("compat", "slow", "debug")

_HEAD: Final = struct.Struct("<8s4I")
_CHECKSUM: Final = struct.Struct("<I")
_MOST_NAME_BYTES: Final = 4096
#: The window ends where the kernel's devices begin.
_MOST_RAM_BYTES: Final = min(layout.KERNEL_DEVICE_PAGES) - layout.WINDOW_BASE
_PAGE_BYTES: Final = 4096
#: RAM is mostly zero: more effort saves next to nothing.
_EFFORT: Final = 1


@dataclass(frozen=True, slots=True)
class SavedMachine:
    """The RAM of a machine on which the kernel runs, from its start, and what ran there."""

    board: str
    options: KernelOptions
    ram: bytes


def is_saved(data: bytes) -> bool:
    """Whether this is a saved machine, perhaps a damaged one."""
    return data.startswith(MAGIC)


def pack(machine: SavedMachine) -> bytes:
    """The bytes of the file."""
    assert layout.IMAGE_BYTES <= len(machine.ram) <= _MOST_RAM_BYTES
    assert len(machine.ram) % _PAGE_BYTES == 0
    name = machine.board.encode("utf-8", "backslashreplace")[:_MOST_NAME_BYTES]
    name = name.decode("utf-8", "ignore").encode()
    options = sum(getattr(machine.options, each) << bit for bit, each in enumerate(OPTIONS))
    head = _HEAD.pack(MAGIC, VERSION, options, len(name), len(machine.ram))
    checksum = _checksum(head, name, machine.ram)
    return head + _CHECKSUM.pack(checksum) + name + zlib.compress(machine.ram, _EFFORT)


def unpack(data: bytes, file: str) -> SavedMachine:
    """The machine in a file; `file` is its name in the sentence of an InputError."""
    if len(data) < _HEAD.size + _CHECKSUM.size:
        raise damaged(file, "it ends within its head")
    _magic, version, options, name_bytes, ram_bytes = _HEAD.unpack_from(data)
    if version != VERSION:
        raise InputError(f"{file}: expected a saved machine of version {VERSION}, not {version}")
    _check_sizes(file, options, name_bytes, ram_bytes)
    start = _HEAD.size + _CHECKSUM.size
    name = data[start : start + name_bytes]
    ram = _inflated(data[start + name_bytes :], ram_bytes, file)
    (expected,) = _CHECKSUM.unpack_from(data, _HEAD.size)
    if _checksum(data[: _HEAD.size], name, ram) != expected:
        raise damaged(file, "its checksum is wrong")
    flags = {each: bool(options >> bit & 1) for bit, each in enumerate(OPTIONS)}
    return SavedMachine(name.decode("utf-8", "replace"), KernelOptions(**flags), ram)


def damaged(file: str, reason: str) -> InputError:
    """The error for a saved machine that is none any more."""
    return InputError(f"{file}: expected a saved machine, but it is damaged: {reason}")


def _check_sizes(file: str, options: int, name_bytes: int, ram_bytes: int) -> None:
    if options >> len(OPTIONS):
        raise damaged(file, "it has unknown kernel options")
    if name_bytes > _MOST_NAME_BYTES:
        raise damaged(file, "the name of its board is too long")
    fits = layout.IMAGE_BYTES <= ram_bytes <= _MOST_RAM_BYTES
    if not fits or ram_bytes % _PAGE_BYTES:
        raise damaged(file, f"no board has {ram_bytes} bytes of RAM")


def _inflated(packed: bytes, ram_bytes: int, file: str) -> bytes:
    """Exactly so many bytes of RAM; never more is unpacked."""
    inflater = zlib.decompressobj()
    try:
        ram = inflater.decompress(packed, ram_bytes + 1)
    except zlib.error:
        raise damaged(file, "its RAM cannot be unpacked") from None
    if len(ram) != ram_bytes or not inflater.eof or inflater.unused_data:
        raise damaged(file, f"it has not exactly {ram_bytes} bytes of RAM")
    return ram


def _checksum(head: bytes, name: bytes, ram: bytes) -> int:
    return zlib.crc32(ram, zlib.crc32(name, zlib.crc32(head)))
