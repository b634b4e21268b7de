# SPDX-License-Identifier: BSD-2-Clause
"""What descriptions mean, and every mistake in their meaning."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from kernel.policy.description import BoardFacts, Description, Program, ProgramSegment, Range
from kernel.policy.language import available_mib, device_grant, read_description
from kernel.policy.layout import ChannelKind, SegmentRights
from kernel.policy.syntax import DescriptionError
from sel4emu.errors import InputError

Describe = Callable[..., Description]

REST = "text { 0 to 4K }; resource { 1 };"


def no_program(path: Path) -> Program:
    """A reader for descriptions without images."""
    raise AssertionError(path)


def test_every_clause_arrives(describe: Describe) -> None:
    """All clauses of a subsystem, the defaults of another."""
    made = describe(
        '"a" { text { 0x400 to 4K }; data { 4096 to 5120 }; resource { 4M }; priority 7;'
        ' device clock; device port; comm { this -> b }; notify { this → "b" }; };'
        '"b" { text { 1M to 2M }; resource { 0x2 }; comm { this -> a }; };'
    )
    first, second = made.subsystems
    assert (first.text, first.data) == (Range(1024, 4096), Range(4096, 5120))
    assert (first.memory_mib, first.priority) == (4, 7)
    assert [(d.name, d.frames, d.irq) for d in first.devices] == [
        ("clock", 1, 29),
        ("port", 4, None),
    ]
    assert (second.name, second.memory_mib, second.priority, second.data) == ("b", 2, 100, None)
    assert [(c.sender, c.receiver, c.kind) for c in made.channels] == [
        (0, 1, ChannelKind.COMM),
        (0, 1, ChannelKind.NOTIFY),
        (1, 0, ChannelKind.COMM),
    ]


#: (text; `%` stands for a text and a resource clause, line, column, part of the sentence)
MISTAKES = (
    ('"a" { %\ncomm { this -> b }; };', 2, 16, "there is no subsystem 'b': expected one of a"),
    ('"a" { %\nnotify { this -> b }; };', 2, 18, "there is no subsystem 'b'"),
    ('"a" { %\ncomm { this -> a }; };', 2, 16, "'a' is this subsystem itself"),
    (
        '"a" { %\ncomm { this -> b }; comm { this -> b }; };\n"b" { image "x"; resource { 1 }; };',
        2, 36, "'comm' to 'b' stands twice: expected it only in line 2, column 16",
    ),
    ('"a" { % };\n"b" {\ntext { 4095 to 5000 }; resource { 1 }; };', 3, 1, "'text' of 'a' (0 to "),
    ('"a" { %\ndata { 8 to 16 }; };', 2, 1, "'data' of 'a' (8 to 16) overlaps the 'text' of 'a'"),
    ('"a" { text { 8\nto 8 }; resource { 1 }; };', 2, 4, "'text' is empty"),
    ('"a" { text { 8\nto 4097M }; resource { 1 }; };', 2, 4, "must end at or below 4 GB"),
    ('"a" { text { 0 to\n4G }; resource { 1 }; };', 2, 1, "'4G' is no number"),
    ('"a" { text { 0 to\n0x }; resource { 1 }; };', 2, 1, "'0x' is no number"),
    ('"a" { text { 0 to\n12345678901234567890123 }; };', 2, 1, "is no number"),
    ('"a" { text { 0 to 9 }; resource {\n0 }; };', 2, 1, "at least 1 MiB"),
    ('"a" { text { 0 to 9 }; resource {\n512K }; };', 2, 1, "must be whole MiB, not 512K"),
    ('"a" { text { 0 to 9 };\nresource { 29 }; };', 2, 12, "29 MiB: expected at most 27 MiB"),
    (
        '"a" { % };\n"b" { text { 4K to 5K };\nresource { 27 }; };',
        3, 12, "ask for 28 MiB: expected at most 27 MiB",
    ),
    ('"a" { % };\n"a" { };', 2, 1, "two subsystems 'a'"),
    ('\n"1a" { % };', 2, 1, "'1a' is no name"),
    ('\n"a b" { % };', 2, 1, "'a b' is no name"),
    ('\n"" { % };', 2, 1, "'' is no name"),
    (f'\n"{"n" * 32}" {{ % }};', 2, 1, "at most 31 characters"),
    ('"a" { %\npriority 255; };', 2, 10, "priority 255: expected 0 to 254"),
    ('"a" { %\ndevice uart9; };', 2, 8, "the board small has no device 'uart9': expected one of"),
    ('"a" { %\ndevice tick; };', 2, 8, "the kernel keeps the device 'tick'"),
    (
        '"a" { % device clock; };\n"b" { device clock; };', 2, 1, "'b' has no program",
    ),
    (
        '"a" { % device clock; };\n"b" { text { 4K to 5K }; resource { 1 };\ndevice clock; };',
        3, 8, "'clock' is given away in line 1, column 48",
    ),
    ('"a" { %\nresource { 2 }; };', 2, 1, "'a' has a second 'resource'"),
    ('\n"a" { text { 0 to 4K }; };', 2, 1, "'a' has no memory: expected 'resource { MIB };'"),
    ('\n"a" { resource { 1 }; };', 2, 1, "'a' has no program: expected 'text' or 'image'"),
    ('"a" { %\nimage "none.elf"; };', 2, 7, "the image 'none.elf' does not exist"),
    ('"a" { %\nimage ""; };', 2, 7, "the image '' has no name"),
    ('"a" { %\nimage "."; };', 2, 7, "the image '.' is no regular file"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "line", "column", "part"), MISTAKES)
def test_mistake(describe: Describe, text: str, line: int, column: int, part: str) -> None:
    """A mistake is found at its place, with what was expected."""
    with pytest.raises(DescriptionError) as caught:
        describe(text.replace("%", REST))
    assert str(caught.value).startswith(f"system.spec, line {line}, column {column}: "), (
        caught.value
    )
    assert part in str(caught.value)
    assert "^" in caught.value.excerpt


@pytest.mark.parametrize("clause", ["grant { this -> b };", "cnode { b };", "share { b };"])
def test_nothing_can_share_authority(describe: Describe, clause: str) -> None:
    """There is no clause for a Grant channel, a shared CNode or a shared page table."""
    with pytest.raises(DescriptionError, match="expected a clause"):
        describe(f'"a" {{ {REST} {clause} }}; "b" {{ text {{ 4K to 5K }}; resource {{ 1 }}; }};')


def one_segment(vaddr: int, size: int) -> Program:
    """A program of zeros."""
    return Program(vaddr, (ProgramSegment(vaddr, b"", size, SegmentRights.READ),))


def test_an_image_is_read_beside_the_description(describe: Describe, tmp_path: Path) -> None:
    """The name counts from the folder of the description, and no text is needed with it."""
    (tmp_path / "good.elf").touch()
    program = one_segment(0x10000, 5000)
    made = describe(
        '"a" { image "good.elf"; resource { 1 }; };',
        file=str(tmp_path / "system.spec"),
        programs={"good.elf": program},
    )
    assert made.subsystems[0].program == program and made.subsystems[0].image == "good.elf"


@pytest.mark.parametrize(
    ("program", "part"),
    [
        (one_segment(0, 1), "has a segment at 0x0: expected all of it from 0x1000"),
        (one_segment(0xDFFF_F000, 0x1001), "has a segment at 0xdffff000"),
        (one_segment(0x10000, 17 << 20), "takes more than 16 MiB"),
        (None, "the image cannot be used: bad.elf: no program"),
    ],
)
def test_an_image_that_cannot_be_loaded(
    describe: Describe, tmp_path: Path, program: Program | None, part: str
) -> None:
    """Programs at wrong addresses, too big ones and files that are none are shown in place."""
    (tmp_path / "bad.elf").touch()
    with pytest.raises(DescriptionError) as caught:
        describe(
            '"a" { resource { 1 };\nimage "bad.elf"; };',
            file=str(tmp_path / "system.spec"),
            programs={} if program is None else {"bad.elf": program},
        )
    assert "line 2, column 7: " in str(caught.value) and part in str(caught.value)


def test_there_may_be_64_subsystems(describe: Describe) -> None:
    """The 65th is refused at its name; so many do not fit into a small board's memory anyway."""

    def spec(count: int) -> str:
        return "\n".join(
            f'"s{i}" {{ text {{ {i}K to {i + 1}K }}; resource {{ 1 }}; }};' for i in range(count)
        )

    with pytest.raises(DescriptionError, match="line 65, column 1: expected at most 64 subsystems"):
        describe(spec(65))
    with pytest.raises(DescriptionError, match="ask for 64 MiB"):
        describe(spec(64))


def test_only_what_the_kernel_hands_out_can_be_given(board: BoardFacts) -> None:
    """A device's window is whole frames of the kernel's regions; the kernel's timer has none."""
    clock, port, tick = map(device_grant, board.devices)
    assert clock is not None and (clock.base, clock.frame_bits, clock.frames) == (0x53F90000, 12, 1)
    assert port is not None and (port.base, port.frames) == (0x53FA4000, 4)
    assert tick is None


def test_memory_is_what_kernel_and_manager_leave() -> None:
    """Whole MiB, never less than none."""
    assert available_mib(BoardFacts("board", 16 << 20, ())) == 12
    assert available_mib(BoardFacts("board", 1 << 20, ())) == 0


def test_files_are_read(board: BoardFacts, tmp_path: Path) -> None:
    """A file in UTF-8, with or without a byte order mark."""
    path = tmp_path / "a.spec"
    for text in (f'"a" {{ {REST} }};', f'\ufeff"a" {{ {REST} }};'):
        path.write_text(text, encoding="utf-8")
        assert read_description(str(path), board, no_program).name(0) == "a"


def test_files_that_cannot_be_read(board: BoardFacts, tmp_path: Path) -> None:
    """No file, a folder, a file that is not text, a huge one: one sentence that names it."""
    not_text, huge = tmp_path / "not_text", tmp_path / "huge"
    not_text.write_bytes(b'"a" {\n\xff')
    huge.write_bytes(b" " * (1 << 20) + b" ")
    for path, part in (
        (tmp_path / "none", "does not exist"),
        (tmp_path, "is no regular file"),
        (not_text, "line 2: expected text in UTF-8"),
        (huge, "at most 1048576 bytes"),
        (tmp_path / ("n" * 300), "File name too long"),
    ):
        with pytest.raises(InputError) as caught:
            read_description(str(path), board, no_program)
        assert str(path) in str(caught.value) and part in str(caught.value)
    with pytest.raises(InputError):
        read_description(f"{tmp_path}/a\0b", board, no_program)


def test_damaged_descriptions_are_refused_in_words(describe: Describe) -> None:
    """Whatever is cut out of a description or written into it, the answer is a sentence."""
    good = (
        '"a" { text { 0x400 to 4K }; /* c */ data { 4096 to 5120 }; resource { 4M }; # x\n'
        ' device clock; comm { this -> b }; notify { this → "b" }; priority 7; };\n'
        '"b" { text { 1M to 2M }; resource { 2 }; comm { this -> a }; };'
    )
    source = random.Random(9)
    pieces = [*'"{};/*#→\n\t\\\0é', "->", "this", "to", "text", "0", "99999999999", "K", " "]
    sentences: list[str] = []
    for _ in range(600):
        text = good
        for _ in range(source.randint(1, 3)):
            at = source.randrange(len(text))
            text = text[:at] + source.choice(["", *pieces]) + text[at + source.randint(0, 4) :]
        try:
            describe(text)
        except DescriptionError as error:
            sentences.append(str(error))
    assert len(sentences) > 300 and max(map(len, sentences)) < 400
    assert all(sentence.startswith("system.spec, line ") for sentence in sentences)
