# SPDX-License-Identifier: BSD-2-Clause
"""Reads the image that is to run alone on a board, whatever its format is."""

from dataclasses import replace
from typing import Final

from sel4emu.board import Board
from sel4emu.bootloader.formats import (
    check_code,
    is_linux,
    is_uimage,
    read_uimage,
    zimage_start,
)
from sel4emu.bootloader.placement import main_ram, ram_at, ram_ranges
from sel4emu.errors import InputError
from sel4emu.loader import Image, Segment, place_raw, read_file, read_physical_elf

#: Distance from the start of RAM at which a Linux kernel expects to be loaded (TEXT_OFFSET).
LINUX_OFFSET: Final = 0x8000
_ELF_MAGIC: Final = b"\x7fELF"
_THUMB: Final = 1


def read_image(path: str, board: Board, load: int | None, entry: int | None) -> Image:
    """The image in a file, with its entry at a physical address (InputError).

    `load` is for what does not say itself where it goes: raw code and zImages. Without it raw code
    goes to the start of the board's largest RAM, and Linux to 0x8000 behind it. `entry` counts in
    place of the image's own.
    """
    image = _read(path, board, load)
    if entry is None and load is not None and load & 3:
        raise InputError(
            f"{path}: expected --load with a multiple of 4, because its first bytes are ARM code, "
            f"but it is 0x{load:08x}"
        )
    return _with_physical_entry(path, image) if entry is None else replace(image, entry=entry)


def _read(path: str, board: Board, load: int | None) -> Image:
    data = read_file(path)
    # What is cut off inside the magic is no raw image either: the reader of ELF says so.
    if _ELF_MAGIC.startswith(data[: len(_ELF_MAGIC)]):
        _refuse_load(path, load, "ELF")
        image = _without_headers(read_physical_elf(path, data), board)
        return _with_physical_linux(image, board) if is_linux(data) else image
    if is_uimage(data):
        _refuse_load(path, load, "uImage")
        program = read_uimage(path, data)
        image = place_raw(path, program.data, program.load)
        return replace(image, entry=program.entry)
    check_code(path, data)
    start = zimage_start(path, data)
    if start:
        _refuse_load(path, load, "zImage")
        load = start
    elif load is None:
        linux = start is not None or is_linux(data)
        load = main_ram(board).base + (LINUX_OFFSET if linux else 0)
    return place_raw(path, data, load)


def _refuse_load(path: str, load: int | None, kind: str) -> None:
    if load is not None:
        raise InputError(f"{path}: --load is for raw images, but this {kind} says where it goes")


def _without_headers(image: Image, board: Board) -> Image:
    """Without headers and notes of the file itself that would lie outside RAM.

    GNU ld puts them before code at the start of RAM (`-Ttext`), in the same segment, or into one of
    their own at the address of a Linux program.
    """
    parts = [_trimmed(segment, board) for segment in image.segments]
    kept = tuple(part for part in parts if part.memory_size)
    return replace(image, segments=kept) if kept else image


def _trimmed(segment: Segment, board: Board) -> Segment:
    """A segment from the first byte of a RAM on, if nothing of the program lies before it."""
    if ram_at(board, segment.paddr, segment.memory_size):
        return segment
    ends = [memory.base - segment.paddr for memory in board.memories if memory.kind == "ram"]
    for size in (*ends, segment.memory_size):
        if 0 < size <= segment.spare:
            vaddr, paddr = segment.vaddr + size, segment.paddr + size
            return Segment(vaddr, paddr, segment.data[size:], segment.memory_size - size)
    return segment


def _with_physical_linux(image: Image, board: Board) -> Image:
    """A kernel whose linker wrote virtual addresses for physical ones, where it has to lie.

    Linux for ARM is linked so; only the distances between its segments are right.
    """
    if any(ram_at(board, segment.paddr, segment.memory_size) for segment in image.segments):
        return image
    first = min(segment.paddr for segment in image.segments)
    shift = main_ram(board).base + LINUX_OFFSET - first
    moved = (replace(segment, paddr=segment.paddr + shift) for segment in image.segments)
    return replace(image, segments=tuple(moved))


def _with_physical_entry(path: str, image: Image) -> Image:
    """With the MMU off an entry that is a virtual address has to be translated."""
    address = image.entry & ~_THUMB
    for segment in image.segments:
        if segment.paddr <= address < segment.paddr + segment.memory_size:
            return image
    for segment in image.segments:
        if segment.holds(address):
            return replace(image, entry=image.entry - segment.vaddr + segment.paddr)
    raise InputError(f"{path}: expected the entry 0x{image.entry:x} inside a loadable segment")


def segment_name(path: str, segment: Segment, board: Board) -> str:
    """What a segment is called in a sentence; with its virtual address where that would fit."""
    outside = ram_at(board, segment.paddr, segment.memory_size) is None
    if outside and ram_at(board, segment.vaddr, segment.memory_size) is not None:
        return (
            f"{path}: the segment with the virtual address 0x{segment.vaddr:08x}, which is in RAM "
            f"but does not count, and the physical one 0x{segment.paddr:08x}"
        )
    return path


def check_entry(path: str, entry: int, board: Board) -> None:
    """Refuse an entry that is not in RAM, or in no state of the processor (InputError)."""
    if not ram_at(board, entry & ~_THUMB, 2 if entry & _THUMB else 4):
        raise InputError(
            f"{path}: expected an entry inside the board's RAM ({ram_ranges(board)}), "
            f"but it is 0x{entry:08x}"
        )
    if entry & 3 == 2:
        raise InputError(
            f"{path}: expected an entry that is a multiple of 4 (ARM) or odd (Thumb), "
            f"but it is 0x{entry:08x}"
        )
