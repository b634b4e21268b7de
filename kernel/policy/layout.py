# SPDX-License-Identifier: BSD-2-Clause
"""The compact global state that the resource manager reads (R6.56), as one table.

A state is one block of bytes: a header, five arrays of records, and the pages of the programs.
All words are 32 bits, little-endian; every offset counts from the beginning of the block, which
lies on a page boundary. `c_header` writes the same table for C, so that no offset is typed twice.

    header | subsystems | channels | segments | tables | devices | pages of programs

What a subsystem gets, besides its own CNode, VSpace and thread:

* `memory_mib` MiB of Untyped memory;
* each of its segments: `pages` whole pages of the block itself, which belong to no other
  subsystem, from `offset` on, mapped at `vaddr` (zeros for bss are in the block);
* a page table of 1 MiB at each address of its part of the tables;
* a Write capability to one endpoint for each channel it sends on, a Read capability to the
  endpoint of each channel it receives on; never Grant;
* the frames and the interrupt of its devices.

Its thread starts at `entry` with r0 = SUMMARY_VADDR and sp = the end of the stack pages.

Channels, segments, tables and devices are sorted by their owner (channels by the sender, `comm`
before `notify`), and a subsystem names its part by the first record and the count.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from functools import cached_property
from typing import Final

from kernel import abi

MAGIC: Final = 0x3153_4C50  # "PLS1"
VERSION: Final = 1
#: In place of an index or a number that is not there (no device interrupt, no built-in program).
NONE: Final = 0xFFFF_FFFF

MAX_SUBSYSTEMS: Final = 64
NAME_BYTES: Final = 32
#: 255 is the manager's own.
MAX_PRIORITY: Final = 254
DEFAULT_PRIORITY: Final = 100

PAGE_BYTES: Final = 1 << abi.SMALL_PAGE_BITS
MIB: Final = 1 << 20

#: Kept back for the manager itself: its root CNode (1 MiB), its image and the endpoints.
MANAGER_BYTES: Final = 3 * MIB
#: The CSpace of a subsystem: one CNode of 2^n slots. With its guard a small number is a pointer.
CNODE_BITS: Final = 9
#: Where a program may lie, and where text and data clauses without an image are put.
PROGRAM_BASE: Final = 0x0001_0000
PROGRAM_TOP: Final = 0xE000_0000
#: What a program that the manager brings itself may take of a subsystem's memory.
BUILTIN_BYTES: Final = 64 << 10
#: Pages that each subsystem finds at known addresses (R8.7); the page below the stack is empty.
STACK_BASE: Final = 0xE000_1000
STACK_PAGES: Final = 2
SUMMARY_VADDR: Final = 0xE000_4000
IPC_BUFFER_VADDR: Final = 0xE000_5000
PAGES_OF_ITS_OWN: Final = STACK_PAGES + 2


class ChannelKind(IntEnum):
    """What a channel is made of: an Endpoint, or an AsyncEndpoint."""

    COMM = 0
    NOTIFY = 1


class SegmentRights(IntFlag):
    """What a program may do with a segment; the bits are those of ELF."""

    EXECUTE = 1
    WRITE = 2
    READ = 4


@dataclass(frozen=True, slots=True)
class Field:
    """A word, or with `text_bytes` a name that is filled up with zeros (at least one)."""

    name: str
    text_bytes: int = 0

    @property
    def code(self) -> str:
        """The field in the notation of `struct`."""
        return f"{self.text_bytes}s" if self.text_bytes else "I"


@dataclass(frozen=True)
class Record:
    """A C structure without padding."""

    name: str
    fields: tuple[Field, ...]

    @cached_property
    def _struct(self) -> struct.Struct:
        return struct.Struct("<" + "".join(field.code for field in self.fields))

    @property
    def size(self) -> int:
        """Bytes of one record."""
        return self._struct.size

    def pack(self, values: Mapping[str, int | str]) -> bytes:
        """One record; every field must have a value that fits, and nothing else may have one."""
        assert values.keys() == {field.name for field in self.fields}, (self.name, values)
        return self._struct.pack(*(self._raw(field, values[field.name]) for field in self.fields))

    @staticmethod
    def _raw(field: Field, value: int | str) -> int | bytes:
        if isinstance(value, int):
            assert not field.text_bytes and 0 <= value <= abi.WORD_MASK, (field, value)
            return value
        assert len(value.encode()) < field.text_bytes, (field, value)
        return value.encode()

    def unpack(self, data: bytes, offset: int) -> dict[str, int | str]:
        """The record at an offset, as the mapping that `pack` takes."""
        raw = self._struct.unpack_from(data, offset)
        values = (v.rstrip(b"\0").decode() if isinstance(v, bytes) else v for v in raw)
        return {field.name: value for field, value in zip(self.fields, values, strict=True)}


def _record(name: str, *fields: str | Field) -> Record:
    return Record(name, tuple(Field(f) if isinstance(f, str) else f for f in fields))


SUBSYSTEM: Final = _record(
    "subsystem",
    Field("name", NAME_BYTES),
    "priority",
    "memory_mib",
    # The byte addresses of the text and data clauses, as written; 0 to 0 where there is none.
    "text_start", "text_end", "data_start", "data_end",
    # The first instruction; or, where `builtin` is not NONE, the number of a program that the
    # manager brings itself: then there are no segments and `entry` is 0.
    "entry", "builtin",
    "first_channel", "channel_count",
    "first_segment", "segment_count",
    "first_table", "table_count",
    "first_device", "device_count",
)  # fmt: skip
CHANNEL: Final = _record("channel", "sender", "receiver", "kind")
SEGMENT: Final = _record("segment", "vaddr", "offset", "pages", "rights")
TABLE: Final = _record("table", "vaddr")
#: `frames` frames of 2^frame_bits bytes from the physical address `base`; `irq` may be NONE.
DEVICE: Final = _record("device", Field("name", NAME_BYTES), "base", "frame_bits", "frames", "irq")

#: The arrays, in their order; the header has the count and the offset of each.
ARRAYS: Final[Mapping[str, Record]] = {
    "subsystems": SUBSYSTEM,
    "channels": CHANNEL,
    "segments": SEGMENT,
    "tables": TABLE,
    "devices": DEVICE,
}
#: `bytes` is the size of the whole block, `pages` the offset of the first page of a program.
HEADER: Final = _record(
    "header",
    "magic", "version", "bytes", "pages",
    *(f"{array}_{what}" for array in ARRAYS for what in ("count", "offset")),
)  # fmt: skip

_CONSTANTS: Final[Mapping[str, int]] = {
    name: globals()[name]
    for name in (
        "MAGIC", "VERSION", "NONE", "MAX_SUBSYSTEMS", "NAME_BYTES", "CNODE_BITS",
        "BUILTIN_BYTES", "PROGRAM_BASE", "PROGRAM_TOP", "STACK_BASE", "STACK_PAGES",
        "SUMMARY_VADDR", "IPC_BUFFER_VADDR",
    )
}  # fmt: skip


def object_bytes(table_count: int) -> int:
    """Bytes of the objects that the manager makes for one subsystem before it starts.

    Its thread, CNode and page directory, `table_count` page tables (the one of the known pages
    among them), and the known pages themselves.
    """
    bits = (abi.TCB_BITS, CNODE_BITS + abi.SLOT_BITS, abi.PAGE_DIRECTORY_BITS)
    fixed = sum(1 << each for each in bits) + PAGES_OF_ITS_OWN * PAGE_BYTES
    return fixed + (table_count << abi.PAGE_TABLE_BITS)


def _structure(record: Record) -> Iterator[str]:
    yield f"struct policy_{record.name} {{"
    for field in record.fields:
        extent = f"[{field.text_bytes}]" if field.text_bytes else ""
        yield f"    {'char' if field.text_bytes else 'unsigned int'} {field.name}{extent};"
    yield "};"
    yield f'_Static_assert(sizeof(struct policy_{record.name}) == {record.size}, "padding");'
    yield ""


def c_header() -> str:
    """The table for C: macros `POLICY_...`, structures `policy_header`, `policy_subsystem` ..."""
    lines = [
        "/* SPDX-License-Identifier: BSD-2-Clause */",
        "/* Generated from kernel/policy/layout.py when an image is built: do not edit. */",
        "#pragma once",
        "",
    ]
    lines += [f"#define POLICY_{name} {value:#x}u" for name, value in _CONSTANTS.items()]
    for enum, prefix in ((ChannelKind, "CHANNEL"), (SegmentRights, "SEGMENT")):
        lines += [f"#define POLICY_{prefix}_{member.name} {int(member)}u" for member in enum]
    lines.append("")
    for record in (HEADER, *ARRAYS.values()):
        lines += _structure(record)
    return "\n".join(lines)


assert STACK_BASE + STACK_PAGES * PAGE_BYTES < SUMMARY_VADDR < IPC_BUFFER_VADDR
assert PROGRAM_TOP <= STACK_BASE and IPC_BUFFER_VADDR // MIB == PROGRAM_TOP // MIB
