# SPDX-License-Identifier: BSD-2-Clause
"""Reads protection states from text: `entities N`, then a capability a line.

    entities 3        # named 0, 1, 2
    0 1 RG            # entity 0 holds a capability to entity 1 with Read and Grant
    2 0 -             # one without rights

A file of five million capabilities takes about a second: the bytes are parsed natively, and the
place of a mistake is looked for only when there is one.
"""

import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kernel.policy import native
from sel4emu.errors import InputError

#: Rights as bits (R5.2), and the letters that stand for them.
READ: Final = 1
WRITE: Final = 2
GRANT: Final = 4
CREATE: Final = 8
LETTERS: Final = {"R": READ, "W": WRITE, "G": GRANT, "C": CREATE}
NO_RIGHTS: Final = "-"

#: More would need more memory than a question is worth (about 40 bytes an entity).
MAX_ENTITIES: Final = 50_000_000
MAX_FILE_BYTES: Final = 1 << 32

_HEADER: Final = re.compile(rb"entities[ \t]+([0-9]+)[ \t\r]*(?:#[^\n]*)?")

_BITS_OF_LETTER: Final = np.zeros(256, np.uint8)
for _letter, _bit in LETTERS.items():
    _BITS_OF_LETTER[ord(_letter)] = _bit


@dataclass(frozen=True, slots=True)
class ProtectionState:
    """A state: capability i is held by `holders[i]`, names `targets[i]`, has `rights[i]`.

    `holders` and `targets` are int32 arrays of one length with values below `entities`; `rights`
    is a uint8 array of READ, WRITE, GRANT and CREATE bits.
    """

    entities: int
    holders: NDArray[np.int32]
    targets: NDArray[np.int32]
    rights: NDArray[np.uint8]

    def __len__(self) -> int:
        """How many capabilities there are."""
        return len(self.holders)


def rights_text(rights: int) -> str:
    """Rights as letters, "-" for none."""
    return "".join(letter for letter, bit in LETTERS.items() if rights & bit) or NO_RIGHTS


def parse_rights(text: str) -> int:
    """Rights from letters. Raises InputError for anything else, and for a letter given twice."""
    if text == NO_RIGHTS:
        return 0
    if not text or not set(text) <= set(LETTERS) or len(set(text)) != len(text):
        raise InputError(
            f"'{text}' are no rights: expected some of the letters RWGC, each once, or -"
        )
    return sum(LETTERS[letter] for letter in text)


_MISTAKES: Final = {
    native.NOT_A_NUMBER: "expected the numbers of two entities and rights, as in '0 1 RG'",
    native.NO_SUCH_ENTITY: "an entity has a number from 0 to {last}",
    native.BAD_RIGHTS: "rights are some of the letters RWGC, each once, or -",
    native.MORE_TEXT: "expected nothing behind the rights but a comment",
}


def _line_number(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1


def _shown(data: bytes, position: int) -> str:
    line = data[position : position + 60].split(b"\n")[0].strip()
    return line.decode("ascii", "backslashreplace")


def _read_header(data: bytes, name: str) -> tuple[int, int]:
    """The number of entities, and where the capabilities begin."""
    position = 0
    for line in data.split(b"\n", 10_000):
        text = line.strip()
        if text and not text.startswith(b"#"):
            break
        position += len(line) + 1
    match = _HEADER.fullmatch(data[position:].split(b"\n", 1)[0].strip())
    if match is None:
        number = _line_number(data, min(position, len(data)))
        raise InputError(
            f"{name}, line {number}: expected 'entities N' as the first line, "
            f"not '{_shown(data, position)}'"
        )
    if len(match[1]) > 18 or not 1 <= int(match[1]) <= MAX_ENTITIES:
        raise InputError(
            f"{name}, line {_line_number(data, position)}: the number of entities must be "
            f"from 1 to {MAX_ENTITIES}"
        )
    line_end = data.find(b"\n", position)
    return int(match[1]), len(data) if line_end < 0 else line_end + 1


def parse_state(data: bytes, name: str) -> ProtectionState:
    """The state that `data` describes; `name` is its name in the sentences of an InputError."""
    entities, start = _read_header(data, name)
    lines = data.count(b"\n", start) + 1
    holders, targets = np.empty(lines, np.int32), np.empty(lines, np.int32)
    rights = np.empty(lines, np.uint8)
    view = np.frombuffer(data, np.uint8)
    kind, place = native.parse(view, start, entities, _BITS_OF_LETTER, holders, targets, rights)
    if kind != native.GOOD:
        reason = _MISTAKES[kind].format(last=entities - 1)
        raise InputError(
            f"{name}, line {_line_number(data, place)}: {reason}, not '{_shown(data, place)}'"
        )
    return ProtectionState(entities, holders[:place], targets[:place], rights[:place])


def read_state(path: str) -> ProtectionState:
    """The state in a file of text. Raises InputError naming the file, the line and what is wrong.

    `kernel.policy.load` reads other files too.
    """
    return parse_state(read_file(path), path)


def read_file(path: str) -> bytes:
    """All bytes of a file with a state. Raises InputError if it cannot be read."""
    try:
        return _file_bytes(Path(path))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None


def _file_bytes(file: Path) -> bytes:
    """The bytes of a regular file or a pipe; a device such as /dev/zero has no end."""
    about = file.stat()
    if not (stat.S_ISREG(about.st_mode) or stat.S_ISFIFO(about.st_mode) or file.is_dir()):
        raise InputError(f"{file}: expected a file, but this is neither a regular file nor a pipe")
    if about.st_size > MAX_FILE_BYTES:
        raise InputError(f"{file}: a state of more than {MAX_FILE_BYTES} bytes is refused")
    return file.read_bytes()
