# SPDX-License-Identifier: BSD-2-Clause
"""Where an image goes and starts, by its format."""

import contextlib
import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.elf import Section, write_elf
from sel4emu.board import Board
from sel4emu.bootloader.image import read_image
from sel4emu.bootloader.plan import BootOptions, plan_boot
from sel4emu.errors import InputError

Make = Callable[..., bytes]
PutFile = Callable[[str, bytes], str]

RAM = 0x8000_0000
LOOP = b"\xfe\xff\xff\xea"
BANNER = b"Linux version 2.6.34-rc1 (us@here)"


@pytest.mark.parametrize(
    ("tail", "load", "place"),
    [
        (b"", None, RAM),
        (BANNER, None, RAM + 0x8000),
        (b"", 0x8123_4000, 0x8123_4000),
        (BANNER, RAM, RAM),
    ],
)
def test_raw_code(file: PutFile, board: Board, tail: bytes, load: int | None, place: int) -> None:
    """Raw code goes to the start of RAM, a raw Linux 0x8000 behind it, --load wins."""
    image = read_image(file("Image", LOOP + tail), board, load, None)
    (segment,) = image.segments
    assert image.entry == segment.paddr == place and segment.data == LOOP + tail


@pytest.mark.parametrize(
    ("start", "load", "place"),
    [(0, None, RAM + 0x8000), (0, 0x8200_0000, 0x8200_0000), (0x8123_0000, None, 0x8123_0000)],
)
def test_zimage(
    file: PutFile, board: Board, zimage: Make, start: int, load: int | None, place: int
) -> None:
    """A zImage goes to 0x8000 in RAM, to --load, or to where it was linked for; whole."""
    data = zimage(start=start) + b"an appended device tree"
    image = read_image(file("zImage", data), board, load, None)
    (segment,) = image.segments
    assert image.entry == segment.paddr == place and segment.data == data


def test_uimage(file: PutFile, board: Board, uimage: Make) -> None:
    """A uImage goes where its header says, without its header."""
    path = file("uImage", uimage(LOOP * 4, load=0x8100_0000, entry=0x8100_0008))
    image = read_image(path, board, None, None)
    assert (image.segments[0].paddr, image.segments[0].data) == (0x8100_0000, LOOP * 4)
    assert image.entry == 0x8100_0008


def test_load_is_for_what_can_be_moved(
    file: PutFile, board: Board, zimage: Make, uimage: Make
) -> None:
    """What says itself where it goes is not moved."""
    images = {
        "ELF": write_elf([Section(".text", RAM, LOOP, executable=True)], [], RAM, 0),
        "uImage": uimage(),
        "zImage": zimage(start=RAM),
    }
    for kind, data in images.items():
        with pytest.raises(InputError, match=f"--load is for raw images, but this {kind} says"):
            read_image(file("image", data), board, RAM, None)


def physical_elf(path: Path, *segments: tuple[int, int, bytes], entry: int) -> str:
    """An ELF whose segments have physical addresses of their own."""
    sections = [
        Section(f".s{number}", vaddr, data, executable=True)
        for number, (vaddr, _, data) in enumerate(segments)
    ]
    elf = bytearray(write_elf(sections, [], entry, 0))
    for number, (_, paddr, _) in enumerate(segments):
        at = int.from_bytes(elf[28:32], "little") + 32 * number + 12
        elf[at : at + 4] = paddr.to_bytes(4, "little")
    path.write_bytes(elf)
    return str(path)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (0xF000_0004, RAM + 0x1004),
        (0xF000_0005, RAM + 0x1005),
        (RAM + 0x1004, RAM + 0x1004),
        (RAM + 0x2004, RAM + 0x2004),
    ],
)
def test_virtual_and_physical_entries(
    tmp_path: Path, board: Board, entry: int, expected: int
) -> None:
    """Linkers write either; a physical one is taken as it is, also where it is no virtual one."""
    path = physical_elf(
        tmp_path / "kernel.elf",
        (0xF000_0000, RAM + 0x1000, LOOP * 4),
        (RAM, RAM + 0x2000, LOOP * 4),
        entry=entry,
    )
    assert read_image(path, board, None, None).entry == expected
    assert read_image(path, board, None, RAM + 0x2008).entry == RAM + 0x2008


def test_overlays_are_loaded(tmp_path: Path, board: Board) -> None:
    """Segments that share virtual addresses are no error when only physical ones count."""
    path = physical_elf(
        tmp_path / "overlay.elf", (0x1000, RAM, LOOP), (0x1000, RAM + 4, LOOP), entry=RAM
    )
    assert [part.paddr for part in read_image(path, board, None, None).segments] == [RAM, RAM + 4]


def test_entry_of_nothing(tmp_path: Path, board: Board) -> None:
    """An ELF without an entry runs only from one that is given."""
    path = physical_elf(tmp_path / "no.elf", (RAM, RAM, LOOP), entry=0)
    with pytest.raises(InputError, match="expected the entry 0x0 inside a loadable segment"):
        read_image(path, board, None, None)
    assert read_image(path, board, None, RAM).entry == RAM


def test_vmlinux(tmp_path: Path, board: Board) -> None:
    """Linux's linker writes virtual addresses for physical ones; it goes to 0x8000 in RAM."""
    path = physical_elf(
        tmp_path / "vmlinux",
        (0xC000_8000, 0xC000_8000, LOOP),
        (0xFFFF_0000, 0xC010_0000, LOOP + BANNER),
        entry=0xC000_8000,
    )
    image = read_image(path, board, None, None)
    assert [part.paddr for part in image.segments] == [RAM + 0x8000, RAM + 0x10_0000]
    assert image.entry == RAM + 0x8000 and image.segments[0].vaddr == 0xC000_8000


def linked_elf(path: Path, *segments: tuple[int, int, bytes], note: bytes = b"") -> str:
    """What linkers without a script write: segments (offset, address, data), in pages of the file.

    A segment at offset 0 begins with the file's own headers; `note` goes behind them.
    """
    headers = 52 + 32 * (len(segments) + 1)
    fields = b"".join(
        struct.pack("<8I", 1, offset, address, address, size, size, 5, 0x1000)
        for offset, address, data in segments
        if (size := len(data))
    )
    fields += struct.pack("<8I", 4, headers, 0, 0, len(note), len(note), 4, 4)
    first = b"\x7fELF\x01\x01\x01".ljust(16, b"\0")
    first += struct.pack(
        "<2H5I6H", 2, 40, 1, RAM, 52, 0, 0x0500_0000, 52, 32, len(segments) + 1, 0, 0, 0
    )
    elf = bytearray(max(offset + len(data) for offset, _, data in segments))
    for offset, _, data in segments:
        elf[offset : offset + len(data)] = data
    elf[: headers + len(note)] = first + fields + note
    path.write_bytes(elf)
    return str(path)


@pytest.mark.parametrize("note", [b"", b"build-id"])
def test_headers_in_front_of_ram(tmp_path: Path, board: Board, note: bytes) -> None:
    """GNU ld's `-Ttext` at the start of RAM puts the headers before it, into the segment of code.

    What others build so was refused, because a page of it lies outside RAM.
    """
    code = bytes(0x1000) + LOOP
    path = linked_elf(tmp_path / "start.elf", (0, RAM - 0x1000, code), note=note)
    (segment,) = read_image(path, board, None, None).segments
    assert (segment.paddr, segment.vaddr, segment.data) == (RAM, RAM, LOOP)
    assert segment.memory_size == len(LOOP)


def test_headers_in_a_segment_of_their_own(tmp_path: Path, board: Board) -> None:
    """A compiler for Linux adds a note with the build's id, at an address where Linux has programs.

    Its images were refused, though nothing of the program lies there.
    """
    segments = ((0, 0x1_0000, bytes(0x100)), (0x1000, RAM, LOOP))
    path = linked_elf(tmp_path / "note.elf", *segments, note=b"\1\2\3\4")
    (segment,) = read_image(path, board, None, None).segments
    assert (segment.paddr, segment.data) == (RAM, LOOP)


def test_more_than_headers_in_front_of_ram(tmp_path: Path, board: Board) -> None:
    """Anything else there is something of the program, and stays."""
    code = bytes(0xFFF) + b"\1" + LOOP
    path = linked_elf(tmp_path / "start.elf", (0, RAM - 0x1000, code))
    assert read_image(path, board, None, None).segments[0].paddr == RAM - 0x1000
    with pytest.raises(InputError, match="inside the board's RAM"):
        plan_boot(path, board, BootOptions())


def test_headers_in_ram_stay(tmp_path: Path, board: Board) -> None:
    """A program in RAM may look at its own headers there."""
    path = linked_elf(tmp_path / "start.elf", (0, RAM, bytes(0x1000) + LOOP))
    assert read_image(path, board, None, None).segments[0].data.startswith(b"\x7fELF")


def test_raw_code_lies_at_words(file: PutFile, board: Board) -> None:
    """A raw image that begins between words was called one without an entry."""
    with pytest.raises(InputError, match="expected --load with a multiple of 4"):
        read_image(file("raw", LOOP), board, RAM + 1, None)
    assert read_image(file("raw", LOOP * 2), board, RAM + 2, RAM + 4).entry == RAM + 4


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(["zImage", "uImage", "vmlinux", "Image"]),
    changes=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=6),
    cut=st.integers(0, 100),
)
def test_damage_never_raises_anything_else(
    tmp_path: Path,
    board: Board,
    zimage: Make,
    uimage: Make,
    kind: str,
    changes: list[tuple[int, int]],
    cut: int,
) -> None:
    """A file with bytes changed, or cut off, is read or refused, whatever format it has then."""
    path = physical_elf(
        tmp_path / kind, (0xC000_8000, 0xC000_8000, LOOP + BANNER), entry=0xC000_8000
    )
    made = {"zImage": zimage(), "uImage": uimage(), "Image": LOOP + BANNER + bytes(200)}
    data = bytearray(made.get(kind, Path(path).read_bytes()))
    for place, value in changes:
        data[place % len(data)] = value
    Path(path).write_bytes(data[: max(1, len(data) - cut)])
    with contextlib.suppress(InputError):
        plan_boot(path, board, BootOptions())
