# SPDX-License-Identifier: BSD-2-Clause
"""Plans: where everything lies, what the registers say, and every request that is refused."""

import os
import struct
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sel4emu.board import Board, BootNames, MemoryEntry
from sel4emu.bootloader.devicetree import DeviceTree, Node, parse_tree, write_tree
from sel4emu.bootloader.plan import BootOptions, BootPlan, plan_boot
from sel4emu.errors import InputError
from sel4emu.machine import Machine

PutFile = Callable[[str, bytes], str]
ReadTags = Callable[[bytes], list[tuple[int, tuple[int, ...]]]]

RAM, SIZE = 0x8000_0000, 0x800_0000
MIDDLE = RAM + SIZE // 2
LINUX = RAM + 0x8000
INITRD2, CMDLINE = 0x54420005, 0x54410009


@pytest.fixture
def kernel(file: PutFile) -> str:
    """A raw Linux of a megabyte."""
    return file("Image", b"Linux version 3.4.0 (x@y)".ljust(1 << 20, b"k"))


@pytest.fixture
def tree_file(file: PutFile) -> str:
    """A device tree for the board's chip that tells no memory."""
    root = Node("")
    root.set_texts("compatible", "fsl,imx31")
    root.set_words("#address-cells", 1)
    root.set_words("#size-cells", 1)
    return file("board.dtb", write_tree(DeviceTree(root)))


def piece(plan: BootPlan, address: int) -> bytes:
    """What the plan puts at an address."""
    return dict(plan.pieces)[address]


def test_registers_and_tags_of_a_kernel(board: Board, kernel: str, read_tags: ReadTags) -> None:
    """r0 is 0, r1 the machine's number, r2 the list at 0x100 in RAM, which kernels look at too."""
    plan = plan_boot(kernel, board, BootOptions())
    assert plan.registers == {"r0": 0, "r1": 1722, "r2": RAM + 0x100}
    tags = read_tags(piece(plan, RAM + 0x100))
    assert tags == [(0x54410001, (1, 4096, 0)), (0x54410002, (SIZE, RAM))]


def test_initrd_and_command_line(
    board: Board, kernel: str, file: PutFile, read_tags: ReadTags
) -> None:
    """The disk lies in the middle of RAM, byte for byte; the tags tell where, and the line."""
    disk = b"\x1f\x8b\x08 packed or not, bytes are bytes"
    options = BootOptions(initrd=file("disk@1.gz", disk), append="root=/dev/ram0 ü")
    plan = plan_boot(kernel, board, options)
    assert piece(plan, MIDDLE) == disk
    tags = dict(read_tags(piece(plan, RAM + 0x100)))
    assert tags[INITRD2] == (MIDDLE, len(disk))
    line = struct.pack(f"<{len(tags[CMDLINE])}I", *tags[CMDLINE])
    assert line.rstrip(b"\0") == "root=/dev/ram0 ü".encode()


@pytest.mark.parametrize("at", [RAM, RAM + 0x100, RAM + 0x3FFC])
def test_tags_never_over_an_image(board: Board, file: PutFile, at: int) -> None:
    """Where something is loaded in the first 16 KB, the list goes below the middle of RAM."""
    plan = plan_boot(file("code", bytes(4)), board, BootOptions(load=at))
    assert plan.registers["r2"] == MIDDLE - 0x1000
    extra = BootOptions(load=LINUX, loads=((file("more", b"more"), at),))
    assert plan_boot(file("code", bytes(4)), board, extra).registers["r2"] == MIDDLE - 0x1000


def test_a_large_disk_goes_to_the_end(board: Board, kernel: str, file: PutFile) -> None:
    """A disk larger than the upper half of RAM ends with it; the tree goes below."""
    disk = file("disk", bytes(SIZE // 2 + 1))
    plan = plan_boot(kernel, board, BootOptions(initrd=disk, dtb="auto"))
    (address,) = (start for start, data in plan.pieces if len(data) == SIZE // 2 + 1)
    assert address == MIDDLE - 0x1000
    assert plan.registers["r2"] + 0x1000 <= address


def test_a_disk_that_does_not_fit(board: Board, kernel: str, file: PutFile) -> None:
    """The sentence has both sizes: of the disk, and of the room that there is."""
    disk = file("disk", bytes(SIZE - 0x10_0000))
    with pytest.raises(InputError) as caught:
        plan_boot(kernel, board, BootOptions(initrd=disk))
    free = SIZE - 0x8000 - 0x10_0000
    assert str(caught.value) == (
        f"{disk}: expected an initrd that fits into the board's RAM (0x1fffc000-0x1fffffff, "
        f"0x80000000-0x87ffffff), but it has {SIZE - 0x10_0000} bytes and the largest free piece "
        f"{free}"
    )


def test_further_files(board: Board, kernel: str, file: PutFile) -> None:
    """Further files are loaded as they are, ELF or not, in any RAM, and r2 stays out of them."""
    loads = (
        (file("a", b"\x7fELF as bytes"), 0x8200_0000),
        (file("b", b"on chip"), 0x1FFF_C000),
        (file("c", bytes(0x1000)), MIDDLE - 0x1000),
    )
    plan = plan_boot(kernel, board, BootOptions(loads=loads, dtb="auto"))
    assert piece(plan, 0x8200_0000) == b"\x7fELF as bytes"
    assert piece(plan, 0x1FFF_C000) == b"on chip"
    tree = piece(plan, plan.registers["r2"])
    assert tree.startswith(b"\xd0\x0d\xfe\xed")
    assert plan.registers["r2"] + len(tree) <= MIDDLE - 0x1000


def test_without_an_image(board: Board, file: PutFile) -> None:
    """Files and an entry are enough; the entry must be in one of them."""
    loads = ((file("code", bytes(8)), RAM),)
    plan = plan_boot(None, board, BootOptions(loads=loads, entry=RAM + 4))
    assert plan.image.entry == RAM + 4 and not plan.image.segments
    for entry in (RAM + 8, MIDDLE, RAM + 2, 0):
        with pytest.raises(InputError, match="--entry: expected an entry"):
            plan_boot(None, board, BootOptions(loads=loads, entry=entry))


def test_entry_in_a_further_file(board: Board, kernel: str, file: PutFile) -> None:
    """--entry may be in what was loaded beside the image."""
    loads = ((file("loader", bytes(8)), 0x8200_0000),)
    plan = plan_boot(kernel, board, BootOptions(loads=loads, entry=0x8200_0004))
    assert plan.image.entry == 0x8200_0004


@pytest.mark.parametrize(
    ("at", "sentence"),
    [
        (LINUX, "which overlaps 0x80008000-0x80107fff of {kernel}"),
        (LINUX - 3, "it would lie at 0x80007ffd-0x80008000, which overlaps"),
        (LINUX + (1 << 20) - 1, "which overlaps 0x80008000-0x80107fff of {kernel}"),
        (RAM + SIZE - 3, "inside the board's RAM"),
        (0, "inside the board's RAM"),
        (0xFFFF_FFFE, "would lie at 0xfffffffe-0x100000001"),
        (0x43F9_0000, "inside the board's RAM"),
    ],
)
def test_a_file_that_cannot_lie_there(
    board: Board, kernel: str, file: PutFile, at: int, sentence: str
) -> None:
    """Overlaps name both files and their ranges; what is outside of RAM names RAM."""
    more = file("more", b"more")
    with pytest.raises(InputError) as caught:
        plan_boot(kernel, board, BootOptions(loads=((more, at),)))
    assert str(caught.value).startswith(f"{more}: ")
    assert sentence.format(kernel=kernel) in str(caught.value)


def test_two_files_at_one_place(board: Board, kernel: str, file: PutFile) -> None:
    """Further files are held against each other, too."""
    one, two = file("one", bytes(8)), file("two", bytes(8))
    with pytest.raises(InputError, match=f"^{two}: .* of {one}$"):
        plan_boot(kernel, board, BootOptions(loads=((one, 0x8200_0000), (two, 0x8200_0007))))


def test_tree_of_a_file(board: Board, kernel: str, tree_file: str, file: PutFile) -> None:
    """--dtb gives the tree, with disk, command line and memory written into it, and no tags."""
    options = BootOptions(dtb=tree_file, append="quiet", initrd=file("disk", bytes(5)))
    plan = plan_boot(kernel, board, options)
    address = plan.registers["r2"]
    assert address == MIDDLE - 0x1000 and not plan.warnings
    root = parse_tree("plan", piece(plan, address)).root
    chosen, memory = root.child("chosen"), root.child("memory@80000000")
    assert chosen is not None and memory is not None
    assert chosen.properties["bootargs"] == b"quiet\0"
    assert chosen.words("linux,initrd-end") == (MIDDLE + 5,)
    assert memory.words("reg") == (RAM, SIZE)
    assert len(plan.pieces) == 2


def test_a_tree_that_needs_nothing_is_loaded_as_it_is(
    board: Board, kernel: str, file: PutFile
) -> None:
    """Not a byte is changed where nothing was asked for."""
    memory = Node("memory")
    memory.set_words("reg", 1)
    root = Node("", {"compatible": b"fsl,imx31\0"}, [memory])
    blob = write_tree(DeviceTree(root))
    blob = blob[:4] + struct.pack(">I", len(blob) + 8) + blob[8:] + b"padding\0"
    plan = plan_boot(kernel, board, BootOptions(dtb=file("given.dtb", blob)))
    assert piece(plan, plan.registers["r2"]) == blob


def test_a_tree_for_another_machine(board: Board, kernel: str, file: PutFile) -> None:
    """It is loaded all the same, with a warning that says for what it is."""
    root = Node("", {"compatible": b"fsl,imx35-pdk\0fsl,imx35\0"})
    path = file("other.dtb", write_tree(DeviceTree(root)))
    plan = plan_boot(kernel, board, BootOptions(dtb=path))
    (warning,) = plan.warnings
    assert warning.startswith(f"{path}: ") and "for another machine" in warning
    assert "'fsl,imx35-pdk', 'fsl,imx35'" in warning and "'kmc,kzm-arm11-01'" in warning
    assert piece(plan, plan.registers["r2"]).startswith(b"\xd0\x0d\xfe\xed")


def test_tree_of_the_board(board: Board, kernel: str) -> None:
    """--dtb auto describes the board, memory included."""
    plan = plan_boot(kernel, board, BootOptions(dtb="auto", append="quiet"))
    root = parse_tree("plan", piece(plan, plan.registers["r2"])).root
    assert root.texts("compatible")[0] == "kmc,kzm-arm11-01"
    memory = root.child("memory@80000000")
    assert memory is not None and memory.words("reg") == (RAM, SIZE)


@pytest.mark.parametrize("size", [1, 4096, 4097, 100_000, 1 << 19])
def test_a_tree_crosses_no_section(board: Board, kernel: str, file: PutFile, size: int) -> None:
    """A kernel that maps one section at r2 reaches all of a tree."""
    root = Node("", {"compatible": b"fsl,imx31\0", "fill": bytes(max(0, size - 200))})
    path = file("big.dtb", write_tree(DeviceTree(root)))
    plan = plan_boot(kernel, board, BootOptions(dtb=path))
    start = plan.registers["r2"]
    assert start % 8 == 0
    assert start >> 20 == (start + len(piece(plan, start)) - 1) >> 20


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "a command line that is not empty"),
        ("a\0b", "without nulls"),
        ("x" * 1024, "at most 1023 bytes, not 1024"),
        ("ü" * 512, "at most 1023 bytes, not 1024"),
    ],
)
def test_bad_command_line(board: Board, kernel: str, text: str, sentence: str) -> None:
    """A line that a kernel could not take is refused; the longest that it can is not."""
    with pytest.raises(InputError, match=f"^--append: .*{sentence}"):
        plan_boot(kernel, board, BootOptions(append=text))
    plan_boot(kernel, board, BootOptions(append="x" * 1023))


@pytest.mark.parametrize(
    "option",
    [
        lambda name: BootOptions(initrd=name),
        lambda name: BootOptions(dtb=name),
        lambda name: BootOptions(loads=((name, 0x8200_0000),)),
    ],
    ids=["initrd", "dtb", "load"],
)
def test_files_that_cannot_be_read(
    board: Board, kernel: str, file: PutFile, tmp_path: Path, option: Callable[[str], BootOptions]
) -> None:
    """Nothing hangs on a pipe, and each kind of no file has its sentence."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    bad = {
        str(tmp_path / "missing"): "No such file or directory",
        str(tmp_path): "this is a directory",
        str(pipe): "this is a special file",
        file("empty", b""): "but the file is empty",
        "a\0b": "without null characters",
    }
    for name, sentence in bad.items():
        with pytest.raises(InputError, match=sentence):
            plan_boot(kernel, board, option(name))


def test_full_ram(board: Board, file: PutFile) -> None:
    """Tags that nobody asked for are left out where there is no room; others are an error."""
    chip = MemoryEntry("chip", "ram", 0x1FFF_C000, 0x4000)
    small = replace(board, memories=(chip,))
    code = file("code", bytes(0x4000))
    assert plan_boot(code, small, BootOptions()).registers["r2"] == 0
    with pytest.raises(InputError, match="tag list: expected room for"):
        plan_boot(code, small, BootOptions(append="quiet"))
    with pytest.raises(InputError, match="auto: expected room for"):
        plan_boot(code, small, BootOptions(dtb="auto"))


def test_a_board_without_a_number(board: Board, kernel: str) -> None:
    """r1 is then the number that stands for none."""
    plan = plan_boot(kernel, replace(board, boot=BootNames()), BootOptions())
    assert plan.registers["r1"] == 0xFFFF_FFFF


def test_segments_outside_of_ram_say_so(board: Board, file: PutFile) -> None:
    """Two segments without physical addresses of use: the sentence tells that virtual ones fit."""
    program = struct.pack("<8I", 1, 116, RAM, 0x40, 4, 4, 5, 4)
    other = struct.pack("<8I", 1, 116, RAM + 0x1000, RAM + 0x1000, 4, 4, 5, 4)
    fields = (2, 40, 1, RAM, 52, 0, 0x0500_0000, 52, 32, 2, 40, 0, 0)
    header = b"\x7fELF\1\1\1" + bytes(9) + struct.pack("<HHIIIIIHHHHHH", *fields)
    path = file("odd.elf", header + program + other + bytes(4))
    with pytest.raises(InputError) as caught:
        plan_boot(path, board, BootOptions())
    assert str(caught.value).startswith(
        f"{path}: the segment with the virtual address 0x80000000, which is in RAM but does not "
        "count, and the physical one 0x00000040: expected to be loaded inside"
    )


def test_applying_a_plan(board: Board, kernel: str, file: PutFile) -> None:
    """Image, pieces and registers are in the machine; mode and control register are as at reset."""
    options = BootOptions(initrd=file("disk", b"disk"), append="quiet")
    plan = plan_boot(kernel, board, options)
    machine = Machine.from_board(timing="off")
    cpsr = machine.registers["cpsr"]
    plan.apply(machine)
    assert machine.read_physical(LINUX, 14) == b"Linux version "
    assert machine.read_physical(MIDDLE, 4) == b"disk"
    assert machine.read_physical(RAM + 0x100, 8) == struct.pack("<II", 5, 0x54410001)
    assert [machine.registers[name] for name in ("r0", "r1", "r2")] == [0, 1722, RAM + 0x100]
    assert (machine.registers["pc"], machine.registers["cpsr"]) == (LINUX, cpsr)
    assert cpsr == 0x4000_01D3
