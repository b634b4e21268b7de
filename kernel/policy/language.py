# SPDX-License-Identifier: BSD-2-Clause
"""What a description means: from the text to a checked `Description`, or the first mistake in it.

`docs/POLICY.md` explains the language and lists every sentence that can come from here.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kernel import layout as kernel_layout
from kernel.devices import DEVICE_REGIONS
from kernel.policy import layout
from kernel.policy.description import (
    BoardDevice,
    BoardFacts,
    Channel,
    Description,
    DeviceGrant,
    Program,
    Range,
    Subsystem,
)
from kernel.policy.layout import MIB, ChannelKind
from kernel.policy.syntax import Block, Clause, DescriptionError, Source, Word, parse, shown
from sel4emu.errors import InputError

#: Reads the ELF file of an `image` clause; InputError where that is impossible.
ProgramReader = Callable[[Path], Program]

MAX_FILE_BYTES: Final = 1 << 20
MAX_IMAGE_PAGES: Final = 16 * MIB // layout.PAGE_BYTES
#: A channel clause and what it makes.
_CHANNELS: Final = {"comm": ChannelKind.COMM, "notify": ChannelKind.NOTIFY}
#: Clauses that may stand more than once.
_REPEATED: Final = frozenset({*_CHANNELS, "device"})
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*(?:-[A-Za-z0-9_.]+)*")
_NUMBER: Final = re.compile(r"(0[xX][0-9a-fA-F]{1,16}|[0-9]{1,20})([KM]?)")
_UNITS: Final = {"": 1, "K": 1 << 10, "M": 1 << 20}
_ADDRESSES: Final = 1 << 32


def read_description(path: str, board: BoardFacts, read_program: ProgramReader) -> Description:
    """The description in a file. Raises InputError; a DescriptionError where a place is wrong.

    Images are looked for in the folder of the file.
    """
    return check_description(Source(path, _file_text(path)), board, read_program)


def check_description(
    source: Source, board: BoardFacts, read_program: ProgramReader
) -> Description:
    """The description in a text. Raises DescriptionError at the first mistake."""
    return _Checker(source, board, read_program).description(parse(source))


def _file_text(path: str) -> str:
    file = Path(path)
    try:
        kind = "" if file.is_fifo() else _missing(file)
        if kind:
            raise InputError(f"{path}: expected a description, but it {kind}")
        with file.open("rb") as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its name has a null character"
        raise InputError(f"{path}: cannot be read: {reason}") from None
    if len(data) > MAX_FILE_BYTES:
        raise InputError(f"{path}: expected a description of at most {MAX_FILE_BYTES} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}, line {line}: expected text in UTF-8") from None


@dataclass(slots=True)
class _Clauses:
    """The clauses of one subsystem by keyword, in their order."""

    name: Word
    by_keyword: dict[str, list[Clause]] = field(default_factory=dict)

    def first(self, keyword: str) -> Clause | None:
        """The only clause of a kind that may stand once."""
        return self.by_keyword.get(keyword, [None])[0]

    def all(self, keyword: str) -> list[Clause]:
        """Every clause of a kind."""
        return self.by_keyword.get(keyword, [])


def _missing(path: Path) -> str:
    """Why there is no file to read, or nothing."""
    try:
        if path.is_file():
            return ""
        return "is no regular file" if path.exists() else "does not exist"
    except OSError as error:
        return f"cannot be read ({error.strerror})"


def _same_place(word: Word) -> str:
    return f"line {word.line}, column {word.column}"


def _names(names: Iterable[str], most: int = 12) -> str:
    known = list(names)
    return ", ".join(known[:most]) + (", ..." if len(known) > most else "")


class _Checker:
    """One pass over a description; every method raises at the first mistake that it finds."""

    def __init__(self, source: Source, board: BoardFacts, read_program: ProgramReader) -> None:
        self._source = source
        self._board = board
        self._read_program = read_program
        self._ranges: list[tuple[Range, Word, str]] = []
        self._owners: dict[str, Word] = {}

    def description(self, blocks: tuple[Block, ...]) -> Description:
        """The checked description."""
        sorted_blocks = [self._sort_clauses(block) for block in blocks]
        numbers = self._check_names(sorted_blocks)
        subsystems: list[Subsystem] = []
        channels: list[Channel] = []
        for block in sorted_blocks:
            subsystems.append(self._subsystem(block))
            channels += self._channels(block, numbers)
        self._check_memory(sorted_blocks, subsystems)
        return Description(self._source.file, self._board, tuple(subsystems), tuple(channels))

    def _error(self, word: Word, reason: str) -> DescriptionError:
        return self._source.mistake(word, reason)

    # Names ---------------------------------------------------------------------------------

    def _sort_clauses(self, block: Block) -> _Clauses:
        clauses = _Clauses(block.name)
        for clause in block.clauses:
            keyword = clause.keyword.text
            known = clauses.by_keyword.setdefault(keyword, [])
            if known and keyword not in _REPEATED:
                raise self._error(
                    clause.keyword,
                    f"'{block.name.text}' has a second '{keyword}': expected one, "
                    f"as in {_same_place(known[0].keyword)}",
                )
            known.append(clause)
        return clauses

    def _check_names(self, blocks: list[_Clauses]) -> dict[str, int]:
        numbers: dict[str, int] = {}
        for number, block in enumerate(blocks):
            name = block.name
            if not _NAME.fullmatch(name.text) or len(name.text) >= layout.NAME_BYTES:
                raise self._error(
                    name,
                    f"'{shown(name.text)}' is no name: expected a letter or '_', then letters, "
                    f"digits, '_', '.' and '-', at most {layout.NAME_BYTES - 1} characters",
                )
            if name.text in numbers:
                first = blocks[numbers[name.text]].name
                raise self._error(
                    name,
                    f"there are two subsystems '{name.text}': expected a name that is not "
                    f"the one in {_same_place(first)}",
                )
            if number == layout.MAX_SUBSYSTEMS:
                raise self._error(name, f"expected at most {layout.MAX_SUBSYSTEMS} subsystems")
            numbers[name.text] = number
        return numbers

    # Numbers -------------------------------------------------------------------------------

    def _number(self, word: Word) -> int:
        """A number as written: decimal or hexadecimal, K and M times 2^10 and 2^20."""
        match = _NUMBER.fullmatch(word.text)
        if match is None:
            raise self._error(
                word,
                f"'{shown(word.text)}' is no number: expected digits, or 0x and hexadecimal "
                "digits, and perhaps K or M",
            )
        digits = match[1]
        value = int(digits, 16) if digits[:2] in {"0x", "0X"} else int(digits)
        return value * _UNITS[match[2]]

    def _range(self, block: _Clauses, keyword: str) -> Range | None:
        clause = block.first(keyword)
        if clause is None:
            return None
        first, last = clause.values
        part = Range(self._number(first), self._number(last))
        if not part.start < part.end:
            raise self._error(
                last, f"'{keyword}' is empty: expected an end above its start {first.text}"
            )
        if part.end > _ADDRESSES:
            raise self._error(last, f"'{keyword}' must end at or below 4 GB (4096M)")
        self._claim(part, clause.keyword, f"'{keyword}' of '{block.name.text}'")
        return part

    def _claim(self, part: Range, word: Word, owner: str) -> None:
        """Give bytes to one owner: no two ranges of a description may overlap."""
        for other, place, other_owner in self._ranges:
            if part.overlaps(other):
                raise self._error(
                    word,
                    f"{owner} ({part.start} to {part.end}) overlaps the {other_owner} "
                    f"({other.start} to {other.end}) in {_same_place(place)}: expected bytes "
                    "that belong to nothing else",
                )
        self._ranges.append((part, word, owner))

    # Clauses -------------------------------------------------------------------------------

    def _subsystem(self, block: _Clauses) -> Subsystem:
        text, data = self._range(block, "text"), self._range(block, "data")
        image = block.first("image")
        if text is None and image is None:
            raise self._error(
                block.name, f"'{block.name.text}' has no program: expected 'text' or 'image'"
            )
        return Subsystem(
            name=block.name.text,
            memory_mib=self._memory(block),
            priority=self._priority(block),
            text=text,
            data=data,
            image=None if image is None else image.values[0].text,
            program=None if image is None else self._image(image.values[0]),
            devices=tuple(self._device(clause.values[0]) for clause in block.all("device")),
        )

    def _memory(self, block: _Clauses) -> int:
        """MiB: a number without a unit counts them, one with K or M must make whole ones."""
        clause = block.first("resource")
        if clause is None:
            raise self._error(
                block.name, f"'{block.name.text}' has no memory: expected 'resource {{ MIB }};'"
            )
        word = clause.values[0]
        value = self._number(word)
        if word.text[-1] in "KM":
            if value % MIB:
                raise self._error(word, f"'resource' must be whole MiB, not {word.text}")
            value //= MIB
        if not value:
            raise self._error(word, "'resource' must be at least 1 MiB")
        return value

    def _priority(self, block: _Clauses) -> int:
        clause = block.first("priority")
        if clause is None:
            return layout.DEFAULT_PRIORITY
        word = clause.values[0]
        value = self._number(word)
        if value > layout.MAX_PRIORITY:
            raise self._error(
                word, f"priority {shown(word.text)}: expected 0 to {layout.MAX_PRIORITY}"
            )
        return value

    def _image(self, word: Word) -> Program:
        path = Path(self._source.file).parent / word.text
        kind = _missing(path) if word.text else "has no name"
        if kind:
            raise self._error(word, f"the image '{shown(word.text)}' {kind}: expected an ELF file")
        try:
            program = self._read_program(path)
        except InputError as error:
            raise self._error(word, f"the image cannot be used: {error}") from None
        for segment in program.segments:
            end = segment.vaddr + segment.memory_size
            if segment.vaddr < layout.PAGE_BYTES or end > layout.PROGRAM_TOP:
                raise self._error(
                    word,
                    f"the image '{shown(word.text)}' has a segment at {segment.vaddr:#x}: "
                    f"expected all of it from {layout.PAGE_BYTES:#x} to {layout.PROGRAM_TOP:#x}",
                )
        if sum(len(segment.pages) for segment in program.segments) > MAX_IMAGE_PAGES:
            most = MAX_IMAGE_PAGES * layout.PAGE_BYTES // MIB
            raise self._error(word, f"the image '{shown(word.text)}' takes more than {most} MiB")
        return program

    def _device(self, word: Word) -> DeviceGrant:
        device = next((each for each in self._board.devices if each.name == word.text), None)
        grants = {each.name: device_grant(each) for each in self._board.devices}
        free = _names(name for name, grant in grants.items() if grant is not None)
        board = self._board.name
        if device is None:
            raise self._error(
                word,
                f"the board {board} has no device '{shown(word.text)}': expected one of {free}",
            )
        grant = grants[device.name]
        if grant is None:
            raise self._error(
                word, f"the kernel keeps the device '{device.name}': expected one of {free}"
            )
        if device.name in self._owners:
            raise self._error(
                word,
                f"the device '{device.name}' is given away in "
                f"{_same_place(self._owners[device.name])}: expected one that has no owner yet",
            )
        self._owners[device.name] = word
        return grant

    def _channels(self, block: _Clauses, numbers: dict[str, int]) -> Iterable[Channel]:
        sender = numbers[block.name.text]
        for keyword, kind in _CHANNELS.items():
            known: dict[int, Word] = {}
            for clause in block.all(keyword):
                target = clause.values[0]
                receiver = numbers.get(target.text)
                if receiver is None:
                    raise self._error(
                        target,
                        f"there is no subsystem '{shown(target.text)}': expected one of "
                        f"{_names(numbers)}",
                    )
                if receiver == sender:
                    raise self._error(
                        target, f"'{target.text}' is this subsystem itself: expected another one"
                    )
                if receiver in known:
                    raise self._error(
                        target,
                        f"'{keyword}' to '{target.text}' stands twice: expected it only in "
                        f"{_same_place(known[receiver])}",
                    )
                known[receiver] = target
                yield Channel(sender, receiver, kind)

    # Memory --------------------------------------------------------------------------------

    def _check_memory(self, blocks: list[_Clauses], subsystems: list[Subsystem]) -> None:
        """All memory must fit, and is handed out in whole MiB (point at what is too much)."""
        started = sum(each.program_bytes + each.object_bytes for each in subsystems)
        board = available_mib(self._board)
        available = board - -(-started // MIB)
        asked = 0
        for block, subsystem in zip(blocks, subsystems, strict=True):
            asked += subsystem.memory_mib
            clause = block.first("resource")
            assert clause is not None, "checked by _memory"
            if asked > available:
                total = sum(each.memory_mib for each in subsystems)
                raise self._error(
                    clause.values[0],
                    f"the subsystems ask for {total} MiB: expected at most {max(available, 0)} "
                    f"MiB, what the {self._board.ram_bytes // MIB} MiB of the board "
                    f"{self._board.name} leave beside the kernel, the manager and the programs",
                )


def available_mib(board: BoardFacts) -> int:
    """The MiB of RAM that subsystems can have: without the kernel and the resource manager."""
    kernel = kernel_layout.IMAGE_BYTES
    return max(0, board.ram_bytes - kernel - layout.MANAGER_BYTES) // MIB


def device_grant(device: BoardDevice) -> DeviceGrant | None:
    """The frames that the kernel hands out for a device, or None for one that it keeps."""
    for region in DEVICE_REGIONS:
        size = 1 << region.frame_bits
        if region.base <= device.base < region.base + region.frames * size:
            first = (device.base - region.base) // size
            frames = min(-(-device.size // size), region.frames - first)
            base = region.base + first * size
            return DeviceGrant(device.name, base, region.frame_bits, frames, device.irq)
    return None
