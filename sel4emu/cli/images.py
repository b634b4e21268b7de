# SPDX-License-Identifier: BSD-2-Clause
"""Root tasks and boards as the user names them: whether our kernel can run with them."""

from typing import Final

from kernel import layout
from sel4emu.board import Board
from sel4emu.bootloader.placement import ram_at
from sel4emu.errors import InputError
from sel4emu.loader import Image, read_elf

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
    ram = ram_at(board, layout.RAM_BASE, _LEAST_KERNEL_RAM)
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
