# SPDX-License-Identifier: BSD-2-Clause
"""What goes where before the first instruction: everything is read, checked and placed here.

Registers follow the boot protocol of ARM Linux: r0 is 0, r1 the number of the machine, r2 the
address of a tag list or device tree. Programs that expect nothing of them are not disturbed.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sel4emu.board import Board
from sel4emu.bootloader.boardtree import board_tree
from sel4emu.bootloader.chosen import Wishes, describes, patch
from sel4emu.bootloader.devicetree import parse_tree, read_blob, write_tree
from sel4emu.bootloader.image import check_entry, read_image, segment_name
from sel4emu.bootloader.placement import (
    Placement,
    address_range,
    kernel_memories,
    main_ram,
    ram_ranges,
)
from sel4emu.bootloader.tags import COMMAND_LINE_BYTES, Span, tag_list
from sel4emu.errors import InputError
from sel4emu.loader import Image, read_file
from sel4emu.machine import Machine

#: `--dtb auto`: a tree made from the board file.
AUTO: Final = "auto"
#: Where kernels look for a tag list without being told, from the start of RAM.
TAGS_OFFSET: Final = 0x100
#: A kernel keeps its first tables behind; tags go there only if nothing else does.
_TAGS_AREA_BYTES: Final = 0x4000
_PAGE_BYTES: Final = 0x1000
_SECTION_BYTES: Final = 1 << 20
_THUMB: Final = 1
#: Ranges in a sentence.
_SHOWN: Final = 4


@dataclass(frozen=True, slots=True)
class BootOptions:
    """What the user asked for: options of `boot --bare` with the same names."""

    load: int | None = None
    entry: int | None = None
    loads: tuple[tuple[str, int], ...] = ()
    initrd: str | None = None
    append: str | None = None
    dtb: str | None = None


@dataclass(frozen=True, slots=True)
class BootPlan:
    """The image, further bytes by physical address, registers, and warnings for the user."""

    image: Image
    pieces: tuple[tuple[int, bytes], ...]
    registers: Mapping[str, int]
    warnings: tuple[str, ...] = ()

    def apply(self, machine: Machine) -> None:
        """Put it all into a machine after reset."""
        machine.load(self.image)
        for address, data in self.pieces:
            machine.write_physical(address, data)
        for name, value in self.registers.items():
            machine.registers[name] = value


def plan_boot(path: str | None, board: Board, options: BootOptions) -> BootPlan:
    """Read and place the image at `path`, if any, and all that goes with it (InputError)."""
    return _Planner(path, board, options).plan()


class _Planner:
    def __init__(self, path: str | None, board: Board, options: BootOptions) -> None:
        self._path = path
        self._board = board
        self._options = options
        self._room = Placement(board)
        self._pieces: list[tuple[int, bytes]] = []
        self._warnings: list[str] = []

    def plan(self) -> BootPlan:
        command_line = _command_line(self._options.append)
        image = self._image()
        self._claim_image(image)
        for name, address in self._options.loads:
            self._load(name, address, read_file(name, "a file to load"))
        self._check_entry(image)
        initrd = self._place_initrd()
        registers = {
            "r0": 0,
            "r1": self._board.boot.machine,
            "r2": self._place_parameters(command_line, initrd),
        }
        return BootPlan(image, tuple(self._pieces), registers, tuple(self._warnings))

    # The image and its entry ----------------------------------------------------------------

    def _image(self) -> Image:
        if self._path is None:
            assert self._options.loads and self._options.entry is not None
            return Image("", (), self._options.entry)
        return read_image(self._path, self._board, self._options.load, self._options.entry)

    def _claim_image(self, image: Image) -> None:
        path = self._path or ""
        for segment in image.segments:
            name = segment_name(path, segment, self._board)
            self._room.claim(name, segment.paddr, segment.memory_size)

    def _check_entry(self, image: Image) -> None:
        """Refuse an entry behind which there is nothing of what is loaded."""
        path, entry = self._path or "--entry", image.entry
        check_entry(path, entry, self._board)
        loaded = [Span(part.paddr, part.memory_size) for part in image.segments]
        loaded += [Span(address, len(data)) for address, data in self._pieces]
        if not any(span.start <= entry & ~_THUMB < span.start + span.size for span in loaded):
            ranges = ", ".join(address_range(span.start, span.size) for span in loaded[:_SHOWN])
            ranges += ", ..." * (len(loaded) > _SHOWN)
            raise InputError(
                f"{path}: expected an entry (--entry) inside the image ({ranges}), but it is "
                f"0x{entry:08x}"
            )

    def _load(self, name: str, address: int, data: bytes) -> None:
        self._room.claim(name, address, len(data))
        self._pieces.append((address, data))

    # What a kernel is given -----------------------------------------------------------------

    def _place_initrd(self) -> Span | None:
        """Around the middle of RAM: far from a kernel that unpacks itself, and from stacks."""
        name = self._options.initrd
        if name is None:
            return None
        data = read_file(name, "an initrd")
        ram = main_ram(self._board)
        address = self._room.find(len(data), _PAGE_BYTES, ram.base + ram.size // 2)
        if address is None:
            raise InputError(
                f"{name}: expected an initrd that fits into the board's RAM "
                f"({ram_ranges(self._board)}), but it has {len(data)} bytes and the largest free "
                f"piece {self._room.largest_free()}"
            )
        self._load(name, address, data)
        return Span(address, len(data))

    def _place_parameters(self, command_line: bytes | None, initrd: Span | None) -> int:
        """Place the tag list or the device tree; its address, 0 if RAM is full of other things."""
        memories = kernel_memories(self._board)
        if self._options.dtb is not None:
            data = self._device_tree(Wishes(command_line, initrd, memories))
            name, wanted = self._options.dtb, True
            address = self._find_below_middle(len(data))
        else:
            data = tag_list(memories, command_line=command_line, initrd=initrd)
            name, wanted = "tag list", command_line is not None or initrd is not None
            base = main_ram(self._board).base
            address = base + TAGS_OFFSET
            if not self._room.is_free(base, _TAGS_AREA_BYTES):
                address = self._find_below_middle(len(data))
        if address is None:
            if not wanted:
                return 0
            raise InputError(
                f"{name}: expected room for {len(data)} bytes in the board's RAM, but the largest "
                f"free piece has {self._room.largest_free()}"
            )
        self._load(name, address, data)
        return address

    def _find_below_middle(self, size: int) -> int | None:
        """Where no border of a section is crossed, so that a first mapping of one reaches it."""
        alignment = min(max(_PAGE_BYTES, 1 << (size - 1).bit_length()), _SECTION_BYTES)
        ram = main_ram(self._board)
        return self._room.find(size, alignment, ram.base + ram.size // 2 - alignment)

    def _device_tree(self, wishes: Wishes) -> bytes:
        path = self._options.dtb
        assert path is not None
        if path == AUTO:
            tree = board_tree(self._board)
            patch(path, tree, wishes)
            return write_tree(tree)
        blob = read_blob(path)
        tree = parse_tree(path, blob)
        if not describes(tree, self._board):
            names = ", ".join(f"'{name}'" for name in tree.root.texts("compatible")) or "nothing"
            wanted = " or ".join(f"'{name}'" for name in self._board.boot.compatible)
            self._warnings.append(
                f"{path}: expected a device tree for this board, compatible with {wanted}, but "
                f"this one is for another machine: it is compatible with {names}"
            )
        return write_tree(tree) if patch(path, tree, wishes) else blob


def _command_line(text: str | None) -> bytes | None:
    """The kernel's command line as bytes (InputError)."""
    if text is None:
        return None
    line = os.fsencode(text)
    if not line or b"\0" in line:
        raise InputError("--append: expected a command line that is not empty, without nulls")
    if len(line) >= COMMAND_LINE_BYTES:
        raise InputError(
            f"--append: expected a command line of at most {COMMAND_LINE_BYTES - 1} bytes, not "
            f"{len(line)}"
        )
    return line
