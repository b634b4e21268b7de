# SPDX-License-Identifier: BSD-2-Clause
"""From a description to the compact global state that the resource manager reads (R6.56).

`kernel.policy.layout` has the form. Programs are laid out page by page, each page in the block
once for each subsystem that runs it: no two subsystems ever share one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from kernel.policy import layout
from kernel.policy.description import Description, Program, ProgramSegment, Range, Subsystem
from kernel.policy.layout import ARRAYS, HEADER, NONE, PAGE_BYTES, Record, SegmentRights
from sel4emu.errors import InputError

_READ_EXECUTE: Final = SegmentRights.READ | SegmentRights.EXECUTE
_READ_WRITE: Final = SegmentRights.READ | SegmentRights.WRITE

Values = dict[str, int | str]


@dataclass(frozen=True, slots=True)
class _Run:
    """Neighbouring pages with the same rights."""

    first_page: int
    rights: SegmentRights
    data: bytes


@dataclass(slots=True)
class _Block:
    """The arrays and pages of a state while it grows."""

    arrays: dict[str, list[Values]] = field(default_factory=lambda: {name: [] for name in ARRAYS})
    pages: bytearray = field(default_factory=bytearray)

    def add(self, array: str, values: list[Values]) -> int:
        """Append records; the index of the first."""
        first = len(self.arrays[array])
        self.arrays[array] += values
        return first

    def add_segment(self, run: _Run) -> Values:
        """Append pages; their record, whose offset counts from the first page for now."""
        offset = len(self.pages)
        self.pages += run.data
        return {
            "vaddr": run.first_page * PAGE_BYTES,
            "offset": offset,
            "pages": len(run.data) // PAGE_BYTES,
            "rights": int(run.rights),
        }

    def serialise(self) -> bytes:
        """The whole block."""
        offsets, end = _array_offsets({name: len(rows) for name, rows in self.arrays.items()})
        first_page = -(-end // PAGE_BYTES) * PAGE_BYTES
        header: Values = {
            "magic": layout.MAGIC,
            "version": layout.VERSION,
            "bytes": first_page + len(self.pages),
            "pages": first_page,
        }
        body = b""
        for name, rows in self.arrays.items():
            header |= {f"{name}_count": len(rows), f"{name}_offset": offsets[name]}
            body += b"".join(_packed(ARRAYS[name], row, first_page) for row in rows)
        return (HEADER.pack(header) + body).ljust(first_page, b"\0") + bytes(self.pages)


def _array_offsets(counts: Mapping[str, int]) -> tuple[dict[str, int], int]:
    offsets, end = {}, HEADER.size
    for name, record in ARRAYS.items():
        offsets[name] = end
        end += counts[name] * record.size
    return offsets, end


def _packed(record: Record, row: Values, first_page: int) -> bytes:
    if record is layout.SEGMENT:
        offset = row["offset"]
        assert isinstance(offset, int)
        row = {**row, "offset": offset + first_page}
    return record.pack(row)


def compile_state(
    description: Description,
    *,
    programs: Mapping[str, Program] = MappingProxyType({}),
    builtin: Mapping[str, int] = MappingProxyType({}),
    store: bytes | None = None,
) -> bytes:
    """The compact state of a description, a whole number of pages.

    A subsystem with an image runs it. Another runs, by its name, one of `programs` or the
    program of the manager with the number in `builtin`; where neither has it, the bytes of
    `store` that its text and data name. Raises InputError where these lie beyond the store;
    asserts that every subsystem has a program.
    """
    block = _Block()
    for number, subsystem in enumerate(description.subsystems):
        if subsystem.program is None:
            program = programs.get(subsystem.name)
            if program is None and subsystem.name not in builtin:
                program = _stored_program(description.file, subsystem, store)
            elif program is not None:
                assert len(program.pages) * PAGE_BYTES <= layout.BUILTIN_BYTES, subsystem.name
            subsystem = replace(subsystem, program=program)  # noqa: PLW2901 - the same, complete
        _add_subsystem(block, description, number, subsystem, builtin)
    return block.serialise()


def _add_subsystem(
    block: _Block,
    description: Description,
    number: int,
    subsystem: Subsystem,
    builtin: Mapping[str, int],
) -> None:
    program = subsystem.program
    text, data = (part or Range(0, 0) for part in (subsystem.text, subsystem.data))
    channels: list[Values] = [
        {"sender": c.sender, "receiver": c.receiver, "kind": int(c.kind)}
        for c in description.channels
        if c.sender == number
    ]
    segments = [block.add_segment(run) for run in _runs(program)] if program else []
    tables: list[Values] = [{"vaddr": vaddr} for vaddr in subsystem.table_vaddrs]
    devices: list[Values] = [
        {
            "name": device.name, "base": device.base, "frame_bits": device.frame_bits,
            "frames": device.frames, "irq": NONE if device.irq is None else device.irq,
        }
        for device in subsystem.devices
    ]  # fmt: skip
    row: Values = {
        "name": subsystem.name, "priority": subsystem.priority, "memory_mib": subsystem.memory_mib,
        "text_start": text.start, "text_end": text.end,
        "data_start": data.start, "data_end": data.end,
        "entry": program.entry if program else 0,
        "builtin": NONE if program else builtin[subsystem.name],
        "first_channel": block.add("channels", channels), "channel_count": len(channels),
        "first_segment": block.add("segments", segments), "segment_count": len(segments),
        "first_table": block.add("tables", tables), "table_count": len(tables),
        "first_device": block.add("devices", devices), "device_count": len(devices),
    }  # fmt: skip
    block.add("subsystems", [row])


def _runs(program: Program) -> Iterator[_Run]:
    """The pages of a program, neighbours with the same rights together."""
    pages: dict[int, tuple[bytearray, SegmentRights]] = {}
    for segment in program.segments:
        for page in segment.pages:
            content, rights = pages.get(page, (bytearray(PAGE_BYTES), SegmentRights(0)))
            _copy(content, page * PAGE_BYTES, segment)
            pages[page] = (content, rights | segment.rights)
    run: list[int] = []
    for page in sorted(pages):
        if run and (page != run[-1] + 1 or pages[page][1] != pages[run[0]][1]):
            yield _run(run, pages)
            run = []
        run.append(page)
    yield _run(run, pages)


def _run(numbers: list[int], pages: dict[int, tuple[bytearray, SegmentRights]]) -> _Run:
    rights = pages[numbers[0]][1]
    return _Run(numbers[0], rights, b"".join(pages[number][0] for number in numbers))


def _copy(content: bytearray, vaddr: int, segment: ProgramSegment) -> None:
    """The part of a segment that lies in the page at `vaddr`."""
    start = max(vaddr, segment.vaddr)
    end = min(vaddr + PAGE_BYTES, segment.vaddr + len(segment.data))
    if start < end:
        part = segment.data[start - segment.vaddr : end - segment.vaddr]
        content[start - vaddr : end - vaddr] = part


def _stored_program(file: str, subsystem: Subsystem, store: bytes | None) -> Program:
    """Text at PROGRAM_BASE, data on the page behind it."""
    assert store is not None, f"'{subsystem.name}' has neither an image nor a built-in program"
    segments: list[ProgramSegment] = []
    vaddr = layout.PROGRAM_BASE
    for part, rights in ((subsystem.text, _READ_EXECUTE), (subsystem.data, _READ_WRITE)):
        if part is None:
            continue
        if part.end > len(store):
            raise InputError(
                f"{file}: '{subsystem.name}' names the bytes {part.start} to {part.end}, but the "
                f"programs end at {len(store)}"
            )
        segment = ProgramSegment(vaddr, store[part.start : part.end], part.size, rights)
        segments.append(segment)
        vaddr = segment.pages.stop * PAGE_BYTES
    return Program(layout.PROGRAM_BASE, tuple(segments))


def read_state(block: bytes) -> dict[str, list[Values]]:
    """The records of each array of a compact state, and its header as "header"."""
    header = HEADER.unpack(block, 0)
    assert (header["magic"], header["version"]) == (layout.MAGIC, layout.VERSION), header
    arrays: dict[str, list[Values]] = {"header": [header]}
    for name, record in ARRAYS.items():
        count, offset = header[f"{name}_count"], header[f"{name}_offset"]
        assert isinstance(count, int) and isinstance(offset, int)
        arrays[name] = [record.unpack(block, offset + i * record.size) for i in range(count)]
    return arrays
