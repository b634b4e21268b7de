# SPDX-License-Identifier: BSD-2-Clause
"""Images as the user names them: what `boot` can load, checked before anything runs."""

from dataclasses import replace
from typing import Final

from kernel import layout
from sel4emu.board import Board, MemoryEntry
from sel4emu.errors import InputError
from sel4emu.loader import Image, read_elf, read_raw

_ELF_MAGIC: Final = b"\x7fELF"
_THUMB: Final = 1
#: Root CNode, page tables and frames of a root task, and something to retype.
_LEAST_KERNEL_RAM: Final = layout.IMAGE_BYTES + (8 << 20)
#: The kinds of device of a board file that the kernel can drive, by their pages in the kernel.
_KERNEL_DEVICE_KINDS: Final = {
    layout.KERNEL_EPIT1: "epit",
    layout.KERNEL_AVIC: "avic",
    layout.KERNEL_L2CC: "l2cc",
    layout.KERNEL_UART1: "uart",
}


def read_bare(path: str, board: Board, load: int | None, entry: int | None) -> Image:
    """An ELF or, without its magic, a raw image, to be run alone on the board (InputError).

    `load` is for raw images only; the board's largest RAM is the default. The entry of the
    result is a physical address in RAM, with the Thumb bit if it is one of Thumb code.
    """
    image = read_raw(path, 0)
    start = image.segments[0].data[: len(_ELF_MAGIC)]
    # What is cut off inside the magic is no raw image either: the reader of ELF says so.
    if _ELF_MAGIC.startswith(start):
        if load is not None:
            raise InputError(f"{path}: --load is for raw images, but this ELF says where it goes")
        image = _with_physical_entry(read_elf(path), board)
    else:
        image = read_raw(path, _main_ram(board).base if load is None else load)
        _check_load(path, image, board)
    if entry is not None:
        image = replace(image, entry=entry)
    _check_entry(path, image.entry, board)
    if entry is not None:
        _check_inside(path, image)
    return image


def _ram_at(board: Board, address: int, size: int) -> MemoryEntry | None:
    for memory in board.memories:
        inside = memory.base <= address and address + size <= memory.base + memory.size
        if memory.kind == "ram" and inside:
            return memory
    return None


def _main_ram(board: Board) -> MemoryEntry:
    return max(
        (memory for memory in board.memories if memory.kind == "ram"),
        key=lambda memory: memory.size,
    )


def _ram_ranges(board: Board) -> str:
    return ", ".join(
        f"0x{memory.base:08x}-0x{memory.base + memory.size - 1:08x}"
        for memory in board.memories
        if memory.kind == "ram"
    )


def _with_physical_entry(image: Image, board: Board) -> Image:
    """With the MMU off an entry that is a virtual address has to be translated."""
    address = image.entry & ~_THUMB
    if _ram_at(board, address, 1):
        return image
    for segment in image.segments:
        if segment.holds(address):
            return replace(image, entry=image.entry - segment.vaddr + segment.paddr)
    return image


def _check_load(path: str, image: Image, board: Board) -> None:
    (segment,) = image.segments
    if not _ram_at(board, segment.paddr, segment.memory_size):
        last = segment.paddr + segment.memory_size - 1
        raise InputError(
            f"{path}: expected a load address (--load) that keeps the image inside the board's "
            f"RAM ({_ram_ranges(board)}), but it would lie at 0x{segment.paddr:08x}-0x{last:08x}"
        )


def _check_entry(path: str, entry: int, board: Board) -> None:
    if not _ram_at(board, entry & ~_THUMB, 2 if entry & _THUMB else 4):
        raise InputError(
            f"{path}: expected an entry inside the board's RAM ({_ram_ranges(board)}), "
            f"but it is 0x{entry:08x}"
        )
    if entry & 3 == 2:
        raise InputError(
            f"{path}: expected an entry that is a multiple of 4 (ARM) or odd (Thumb), "
            f"but it is 0x{entry:08x}"
        )


def _check_inside(path: str, image: Image) -> None:
    """Refuse an entry of the user's own behind which there is nothing of the image."""
    address = image.entry & ~_THUMB
    spans = [(part.paddr, part.paddr + part.memory_size) for part in image.segments]
    if not any(start <= address < end for start, end in spans):
        ranges = ", ".join(f"0x{start:08x}-0x{end - 1:08x}" for start, end in spans)
        raise InputError(
            f"{path}: expected an entry (--entry) inside the image ({ranges}), but it is "
            f"0x{image.entry:08x}"
        )


def read_root_task(path: str) -> Image:
    """An ELF whose entry is ARM code, as the ABI starts it (InputError)."""
    image = read_elf(path)
    if image.entry & 3:
        kind = "of Thumb code" if image.entry & _THUMB else "no multiple of 4"
        raise InputError(
            f"{path}: expected an entry of ARM code, in which state the kernel starts a root "
            f"task, but the entry 0x{image.entry:08x} is {kind}"
        )
    return image


def check_kernel_board(board: Board, name: str) -> None:
    """Refuse a board on which our kernel cannot run: its RAM and its devices (InputError)."""
    ram = _ram_at(board, layout.RAM_BASE, _LEAST_KERNEL_RAM)
    if ram is None or ram.base != layout.RAM_BASE:
        raise InputError(
            f"{name}: expected RAM from 0x{layout.RAM_BASE:08x} on, at least "
            f"0x{_LEAST_KERNEL_RAM:x} bytes, because the kernel is linked for it"
        )
    kinds = {entry.base: entry.kind for entry in board.devices}
    for page, address in layout.KERNEL_DEVICE_PAGES.items():
        if kinds.get(address) != _KERNEL_DEVICE_KINDS[page]:
            raise InputError(
                f"{name}: expected a device of kind {_KERNEL_DEVICE_KINDS[page]} at "
                f"0x{address:08x}, because the kernel uses one there"
            )
