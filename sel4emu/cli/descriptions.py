# SPDX-License-Identifier: BSD-2-Clause
"""System descriptions for the commands: read, held against a board, mistakes shown in place."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

from sel4emu.cli.printable import one_line
from sel4emu.cli.streams import standard_error

if TYPE_CHECKING:
    from kernel.policy.description import BoardFacts, Description, Program
    from kernel.policy.syntax import DescriptionError
    from sel4emu.board import Board

EXIT_INPUT: Final = 2


def load_description(path: str, board: str) -> "Description":
    """The description in a file, for a board by name or file.

    Raises InputError, for a mistake in a place of the description a DescriptionError.
    """
    from kernel.policy.language import read_description
    from sel4emu.board import load_board

    return read_description(path, board_facts(load_board(board)), read_program)


def board_facts(board: "Board") -> "BoardFacts":
    """What a description is held against. Raises InputError for a board without our RAM."""
    from kernel import layout
    from kernel.policy.description import BoardDevice, BoardFacts
    from sel4emu.errors import InputError

    ram = next(
        (m.size for m in board.memories if m.kind == "ram" and m.base == layout.RAM_BASE), None
    )
    if ram is None:
        raise InputError(f"the board {board.name} has no RAM at {layout.RAM_BASE:#x}")
    devices = (BoardDevice(each.name, each.base, each.size, each.irq) for each in board.devices)
    return BoardFacts(board.name, ram, tuple(devices))


def read_program(path: Path) -> "Program":
    """The program of an `image` clause.

    Its pages belong to the subsystem alone, which may do with them what it likes: so they carry
    all rights, whatever the file says.
    """
    from kernel.policy.description import Program, ProgramSegment
    from kernel.policy.layout import SegmentRights
    from sel4emu.loader import read_elf

    image = read_elf(path)
    rights = SegmentRights.READ | SegmentRights.WRITE | SegmentRights.EXECUTE
    segments = (
        ProgramSegment(part.vaddr, part.data, part.memory_size, rights) for part in image.segments
    )
    return Program(image.entry, tuple(segments))


def report_mistake(mistake: "DescriptionError") -> int:
    """Print the sentence, and the line with a caret below; the exit status."""
    text = f"sel4emu: error: {one_line(str(mistake))}\n"
    if mistake.excerpt:
        text += f"{mistake.excerpt}\n"
    standard_error().text(text)
    return EXIT_INPUT
