# SPDX-License-Identifier: BSD-2-Clause
"""A checked system description: what the specification language can say, and nothing else.

Nothing here can hold a Grant right, a shared CNode or a shared page table: a channel is one
endpoint in one direction, and everything else belongs to exactly one subsystem (R6.55).
"""

from dataclasses import dataclass
from functools import cached_property

from kernel.policy.layout import (
    BUILTIN_BYTES,
    IPC_BUFFER_VADDR,
    MIB,
    PAGE_BYTES,
    PROGRAM_BASE,
    ChannelKind,
    SegmentRights,
    object_bytes,
)


@dataclass(frozen=True, slots=True)
class Range:
    """Byte addresses from `start` to `end`, without `end`."""

    start: int
    end: int

    @property
    def size(self) -> int:
        """Bytes."""
        return self.end - self.start

    def overlaps(self, other: "Range") -> bool:
        """Whether a byte belongs to both."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class ProgramSegment:
    """`data` at `vaddr`, followed by zeros up to `memory_size` bytes."""

    vaddr: int
    data: bytes
    memory_size: int
    rights: SegmentRights

    @property
    def pages(self) -> range:
        """The numbers of the virtual pages that it touches."""
        return range(self.vaddr // PAGE_BYTES, -(-(self.vaddr + self.memory_size) // PAGE_BYTES))


@dataclass(frozen=True, slots=True)
class Program:
    """What a subsystem runs: its segments, and the address of its first instruction."""

    entry: int
    segments: tuple[ProgramSegment, ...]

    @property
    def pages(self) -> list[int]:
        """The numbers of all virtual pages, in order; two segments may share one."""
        return sorted({page for segment in self.segments for page in segment.pages})


@dataclass(frozen=True, slots=True)
class BoardDevice:
    """A device of the board: its window of physical addresses, its interrupt line if any."""

    name: str
    base: int
    size: int
    irq: int | None


@dataclass(frozen=True, slots=True)
class BoardFacts:
    """What a description is held against: the RAM that the kernel manages, and the devices."""

    name: str
    ram_bytes: int
    devices: tuple[BoardDevice, ...]


@dataclass(frozen=True, slots=True)
class DeviceGrant:
    """A device in the possession of one subsystem: `frames` frames of 2^frame_bits bytes."""

    name: str
    base: int
    frame_bits: int
    frames: int
    irq: int | None


@dataclass(frozen=True, slots=True)
class Subsystem:
    """One subsystem; `image` is the name as written, `program` what was found there."""

    name: str
    memory_mib: int
    priority: int
    text: Range | None = None
    data: Range | None = None
    image: str | None = None
    program: Program | None = None
    devices: tuple[DeviceGrant, ...] = ()

    @property
    def untyped_bytes(self) -> int:
        """Its Untyped memory."""
        return self.memory_mib * MIB

    @property
    def program_bytes(self) -> int:
        """The most that its program takes when it starts: whole pages.

        Without an image it runs the bytes of its text and data, or a built-in program.
        """
        if self.program is not None:
            return len(self.program.pages) * PAGE_BYTES
        return max(sum(whole_pages(part) for part in (self.text, self.data)), BUILTIN_BYTES)

    @property
    def table_vaddrs(self) -> tuple[int, ...]:
        """The megabytes that need a page table."""
        addresses = {IPC_BUFFER_VADDR // MIB}
        if self.program is None:
            first = PROGRAM_BASE // MIB
            addresses |= set(range(first, (PROGRAM_BASE + self.program_bytes - 1) // MIB + 1))
        else:
            addresses |= {page * PAGE_BYTES // MIB for page in self.program.pages}
        return tuple(address * MIB for address in sorted(addresses))

    @property
    def object_bytes(self) -> int:
        """The objects that the manager makes for it."""
        return object_bytes(len(self.table_vaddrs))

    @property
    def total_bytes(self) -> int:
        """All memory that it can ever consume."""
        return self.untyped_bytes + self.program_bytes + self.object_bytes


@dataclass(frozen=True, slots=True)
class Channel:
    """One endpoint: subsystem number `sender` sends, number `receiver` waits."""

    sender: int
    receiver: int
    kind: ChannelKind


@dataclass(frozen=True)
class Description:
    """A whole system; subsystems are numbered from 0 in the order of the file."""

    file: str
    board: BoardFacts
    subsystems: tuple[Subsystem, ...]
    channels: tuple[Channel, ...]

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each subsystem."""
        return {each.name: number for number, each in enumerate(self.subsystems)}

    def name(self, number: int) -> str:
        """The name of a subsystem."""
        return self.subsystems[number].name


def whole_pages(part: Range | None) -> int:
    """The bytes of the pages that hold a copy of a range."""
    return 0 if part is None else -(-part.size // PAGE_BYTES) * PAGE_BYTES
