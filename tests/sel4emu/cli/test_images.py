# SPDX-License-Identifier: BSD-2-Clause
"""Which files are accepted as images, and the sentences about those that are not."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from click.testing import Result

from kernel import layout
from sel4emu.board import Board, MemoryEntry, load_board
from sel4emu.bootloader.plan import BootOptions, plan_boot
from sel4emu.cli.images import check_kernel_board, read_root_task
from sel4emu.errors import InputError
from sel4emu.loader import Image

MakeImage = Callable[[str], Path]
MakeHeader = Callable[..., Path]

RAM_BASE: Final = 0x8000_0000
#: What breaks an ELF -> what the sentence then says.
BROKEN: Final = (
    ({"elf_class": 2}, "expected a 32-bit ELF file, but its class is 64-bit"),
    ({"order": 2}, "expected a little-endian ELF file, but its byte order is big-endian"),
    ({"machine": 62}, "expected an ELF file for ARM, but its machine is X86_64"),
    ({"kind": 1}, "expected an executable ELF file, but this is a relocatable object"),
    ({"entry": 0}, "expected the entry 0x0 inside a loadable segment"),
)


def read_bare(path: str, board: Board, load: int | None, entry: int | None) -> Image:
    """The image that `boot --bare` would run."""
    return plan_boot(path, board, BootOptions(load=load, entry=entry)).image


@pytest.fixture
def board() -> Board:
    """The board of the default."""
    return load_board("kzm_arm11")


@pytest.fixture(params=[[], ["--bare"]], ids=["root task", "bare"])
def refused(request: pytest.FixtureRequest, invoke: Callable[..., Result]) -> Callable[[Path], str]:
    """Boots an image, as root task and alone, that must be refused; the sentence."""

    def run(path: Path) -> str:
        result = invoke("boot", *request.param, path)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr.count("\n") == 1
        return result.stderr.removeprefix(f"sel4emu: error: {path}: ").rstrip("\n")

    return run


@pytest.mark.parametrize(("fields", "sentence"), BROKEN)
def test_broken_elf(
    refused: Callable[[Path], str], elf_header: MakeHeader, fields: dict[str, int], sentence: str
) -> None:
    """An ELF that is not for this machine is refused with the reason."""
    assert refused(elf_header(**fields)) == sentence


def test_truncated_elf(refused: Callable[[Path], str], elf_header: MakeHeader) -> None:
    """A file cut off anywhere is refused, also inside the magic: that is no raw image."""
    path = elf_header()
    whole = path.read_bytes()
    for size in (1, 2, 3, 4, 51, 60, 86):
        path.write_bytes(whole[:size])
        assert "truncated?" in refused(path)


def test_no_file(refused: Callable[[Path], str], tmp_path: Path) -> None:
    """A missing file, a folder, an empty file and a pipe are refused."""
    empty, pipe = tmp_path / "empty", tmp_path / "pipe"
    empty.touch()
    os.mkfifo(pipe)
    assert refused(tmp_path / "missing").endswith("No such file or directory")
    assert refused(tmp_path).endswith("this is a directory")
    assert refused(empty).endswith("the file is empty")
    assert refused(pipe).endswith("this is a special file")


def test_root_task_that_is_no_elf(invoke: Callable[..., Result], raw_image: MakeImage) -> None:
    """A root task must be an ELF."""
    result = invoke("boot", raw_image("_start: nop\n"))
    assert result.exit_code == 2 and "it does not begin with the bytes 7f 'ELF'" in result.stderr


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"vaddr": 0xF000_0000, "entry": 0xF000_0000}, "must end below 0xf0000000"),
        ({"vaddr": 0xEFFF_F000, "entry": 0xEFFF_F000}, "must end below 0xf0000000"),
        ({"vaddr": 0xFFFF_F000, "entry": 0xFFFF_F000}, "must end below 0xf0000000"),
        ({"memory_size": 0x0800_0000}, "but the board has room for"),
        ({"memory_size": 0xEFFE_0000}, "but the board has room for"),
        ({"memory_size": 0xFFFF_FFFF}, "to end below 4 GB"),
        ({"entry": 0x0001_0001}, "is of Thumb code"),
        ({"entry": 0x0001_0002}, "is no multiple of 4"),
    ],
)
def test_root_task_that_cannot_boot(
    invoke: Callable[..., Result], elf_header: MakeHeader, fields: dict[str, int], sentence: str
) -> None:
    """A root task that reaches into the kernel, is too large, or starts in Thumb is refused."""
    result = invoke("boot", elf_header(**fields))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1 and sentence in result.stderr


def test_root_task_keeps_its_entry(elf_header: MakeHeader) -> None:
    """A good root task is read as it is."""
    assert read_root_task(str(elf_header())).entry == 0x0001_0000


def test_bare_elf_outside_of_ram(invoke: Callable[..., Result], elf_header: MakeHeader) -> None:
    """A segment must lie in RAM, and so must the entry."""
    for fields in ({}, {"paddr": RAM_BASE + 0x07FF_FFFF}, {"paddr": RAM_BASE - 4096}):
        result = invoke("boot", "--bare", elf_header(**fields))
        assert result.exit_code == 2 and "the board's RAM (" in result.stderr


def test_virtual_entry_is_translated(elf_header: MakeHeader, board: Board) -> None:
    """An entry in a segment's virtual addresses becomes the physical one, Thumb bit included."""
    path = elf_header(vaddr=0xC000_0000, paddr=RAM_BASE + 0x8000, entry=0xC000_0001)
    assert read_bare(str(path), board, None, None).entry == RAM_BASE + 0x8001


def test_entry_option(elf_header: MakeHeader, board: Board) -> None:
    """--entry wins over the file, and is held to the same rules."""
    path = str(elf_header(vaddr=RAM_BASE, paddr=RAM_BASE, entry=RAM_BASE))
    assert read_bare(path, board, None, RAM_BASE + 8).entry == RAM_BASE + 8
    for entry in (0, RAM_BASE - 4, RAM_BASE + 0x0800_0000, 0xFFFF_FFFF, RAM_BASE + 2):
        with pytest.raises(InputError, match="expected an entry"):
            read_bare(path, board, None, entry)


@pytest.mark.parametrize("load", [None, 0x1FFF_C000])
def test_entry_option_beyond_a_raw_image(
    raw_image: MakeImage, board: Board, load: int | None
) -> None:
    """--entry must be an address of the image, in ARM or Thumb state."""
    path = str(raw_image("_start: nop\nnop\n"))
    base = RAM_BASE if load is None else load
    for inside in (base, base + 4, base + 7):
        assert read_bare(path, board, load, inside).entry == inside
    for beyond in (base + 8, base + 9, RAM_BASE + 0x10_0000):
        with pytest.raises(
            InputError, match=rf"inside the image \(0x{base:08x}-0x{base + 7:08x}\)"
        ):
            read_bare(path, board, load, beyond)


def test_raw_image_and_its_place(raw_image: MakeImage, board: Board) -> None:
    """A raw image lies and starts at --load, by default at the start of the largest RAM."""
    path = str(raw_image("_start: nop\nnop\n"))
    image = read_bare(path, board, None, None)
    assert image.entry == image.segments[0].paddr == RAM_BASE
    assert read_bare(path, board, 0x1FFF_C000, None).entry == 0x1FFF_C000
    for load in (0, RAM_BASE + 0x07FF_FFFC, 0x1FFF_FFFF, 0xFFFF_FFFC):
        with pytest.raises(InputError, match="expected"):
            read_bare(path, board, load, None)


def test_load_option_is_for_raw_images(elf_header: MakeHeader, board: Board) -> None:
    """An ELF cannot be moved."""
    with pytest.raises(InputError, match="--load is for raw images"):
        read_bare(str(elf_header()), board, RAM_BASE, None)


def test_kernel_needs_its_board(board: Board) -> None:
    """A board without the RAM that the kernel is made for is refused by name."""
    check_kernel_board(board, "here")
    small = replace(board, memories=(MemoryEntry("ram", "ram", RAM_BASE, 0x10_0000),))
    with pytest.raises(InputError, match="here: expected RAM from 0x80000000 on"):
        check_kernel_board(small, "here")


@pytest.mark.parametrize("page", layout.KERNEL_DEVICE_PAGES)
def test_kernel_needs_its_devices(board: Board, page: int) -> None:
    """A board without a device of the right kind where the kernel uses one is refused."""
    address = layout.KERNEL_DEVICE_PAGES[page]
    (wanted,) = (device for device in board.devices if device.base == address)
    others = tuple(device for device in board.devices if device is not wanted)
    sentence = f"here: expected a device of kind {wanted.kind} at 0x{address:08x}"
    for devices in (others, (*others, replace(wanted, kind="registers"))):
        with pytest.raises(InputError, match=sentence):
            check_kernel_board(replace(board, devices=devices), "here")
