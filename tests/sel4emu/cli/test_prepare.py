# SPDX-License-Identifier: BSD-2-Clause
"""Bare guests that look at what they were given: registers, tag list, device tree, files."""

import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from click.testing import Result

from sel4emu.bootloader.devicetree import DeviceTree, Node, write_tree

Invoke = Callable[..., Result]
MakeImage = Callable[[str], Path]

RAM, MIDDLE = 0x8000_0000, 0x8400_0000

#: print_word (r0), print_byte (r0), end: a guest's way to tell; they spoil r0 to r3.
PRINT: Final = """
print_word:
    push {r4, r5, lr}
    mov r4, r0
    mov r5, #28
nibble:
    mov r0, r4, lsr r5
    and r0, r0, #15
    cmp r0, #10
    addlt r0, r0, #48
    addge r0, r0, #87
    bl print_byte
    subs r5, r5, #4
    bpl nibble
    mov r0, #32
    bl print_byte
    pop {r4, r5, pc}
print_byte:
    ldr r1, =scratch
    str r0, [r1]
    mov r0, #3                           @ SYS_WRITEC
    svc 0x123456
    bx lr
end:
    mov r0, #0x18                        @ SYS_EXIT
    ldr r1, =0x20026
    svc 0x123456
    .ltorg
scratch:
    .word 0
"""
REGISTERS: Final = """
_start:
    ldr sp, =0x82000000
    mov r6, r0
    mov r7, r1
    mov r8, r2
    mrs r9, cpsr
    mov r0, r6
    bl print_word
    mov r0, r7
    bl print_word
    mov r0, r8
    bl print_word
    mov r0, r9
    bl print_word
    mrc p15, 0, r0, c1, c0, 0
    bl print_word
"""
#: A line for each tag: its words, as a kernel walks them.
TAGS: Final = """
tag:
    mov r0, #10
    bl print_byte
    ldr r6, [r8]
    cmp r6, #0
    beq end
    add r6, r8, r6, lsl #2
tag_word:
    ldr r0, [r8], #4
    bl print_word
    cmp r8, r6
    bne tag_word
    b tag
"""
#: Walks the structure block; prints the value of the property whose name is at `wanted`.
TREE: Final = """
    mov r0, #10
    bl print_byte
    ldr r0, [r8]
    rev r0, r0
    bl print_word
    ldr r9, [r8, #12]
    rev r9, r9
    add r9, r8, r9                       @ strings
    ldr r6, [r8, #8]
    rev r6, r6
    add r6, r8, r6                       @ structure
token:
    ldr r0, [r6], #4
    rev r0, r0
    cmp r0, #9
    beq end
    cmp r0, #1
    beq node
    cmp r0, #3
    bne token
    ldr r7, [r6], #4
    rev r7, r7                           @ size
    ldr r10, [r6], #4
    rev r10, r10
    add r10, r9, r10                     @ name
    ldr r11, =wanted
compare:
    ldrb r0, [r10], #1
    ldrb r1, [r11], #1
    cmp r0, r1
    bne skip
    cmp r0, #0
    bne compare
    mov r10, r6
value:
    ldrb r0, [r10], #1
    bl print_byte
    subs r7, r7, #1
    bne value
    b end
skip:
    add r6, r6, r7
    add r6, r6, #3
    bic r6, r6, #3
    b token
node:
    ldrb r0, [r6], #1
    cmp r0, #0
    bne node
    add r6, r6, #3
    bic r6, r6, #3
    b token
wanted:
    .asciz "bootargs"
    .align 2
"""


@pytest.fixture
def boot(invoke: Invoke) -> Callable[..., list[str]]:
    """Runs a bare guest to its own end; the lines that it printed."""

    def run(*arguments: str | Path) -> list[str]:
        result = invoke("boot", "--bare", "--quiet", "--timing", "off", *arguments)
        assert result.exit_code == 0, result.output
        return [line.strip() for line in result.stdout.splitlines()]

    return run


def words(line: str) -> tuple[int, ...]:
    """The words of a line."""
    return tuple(int(word, 16) for word in line.split())


def test_a_guest_walks_its_tags(
    boot: Callable[..., list[str]], bare_elf: MakeImage, tmp_path: Path
) -> None:
    """What a guest finds through r2 is what was asked for; mode and control are those of reset."""
    disk = tmp_path / "disk.gz"
    disk.write_bytes(b"\x1f\x8b\x08" + bytes(100))
    image = bare_elf(REGISTERS + TAGS + PRINT)
    lines = boot(image, "--initrd", disk, "--append", "console=ttymxc0 quiet")
    tags = MIDDLE - 0x1000
    assert words(lines[0]) == (0, 1722, tags, 0x4000_01D3, 0x0005_0078)
    core, memory, initrd, line = map(words, lines[1:5])
    assert core == (5, 0x5441_0001, 1, 4096, 0)
    assert memory == (4, 0x5441_0002, 0x800_0000, RAM)
    assert initrd == (4, 0x5442_0005, MIDDLE, 103)
    assert line[1] == 0x5441_0009
    text = struct.pack(f"<{len(line) - 2}I", *line[2:])
    assert text.rstrip(b"\0") == b"console=ttymxc0 quiet"


@pytest.mark.parametrize("kind", ["file", "auto"])
def test_a_guest_walks_its_tree(
    boot: Callable[..., list[str]], bare_elf: MakeImage, tmp_path: Path, kind: str
) -> None:
    """The tree of a file, and the board's own, reach the guest with the command line in them."""
    name = "auto"
    if kind == "file":
        path = tmp_path / "board.dtb"
        path.write_bytes(write_tree(DeviceTree(Node("", {"compatible": b"fsl,imx31\0"}))))
        name = str(path)
    image = bare_elf(REGISTERS + TREE + PRINT)
    lines = boot(image, "--dtb", name, "--append", "of the command")
    assert words(lines[0])[:2] == (0, 1722)
    assert lines[1] == "d00dfeed of the command\0"


def test_a_tree_for_another_machine_is_a_warning(
    invoke: Invoke, bare_elf: MakeImage, tmp_path: Path
) -> None:
    """One line on standard error, and the guest runs."""
    path = tmp_path / "other.dtb"
    path.write_bytes(write_tree(DeviceTree(Node("", {"compatible": b"acme,\x1b[31mphone\0"}))))
    image = bare_elf(REGISTERS + "b end\n" + PRINT)
    result = invoke("boot", "--bare", "--quiet", image, "--dtb", path)
    assert result.exit_code == 0
    assert re.fullmatch(rf"sel4emu: warning: {path}: .*acme,\\x1b\[31mphone'\n", result.stderr)


def test_files_at_addresses(
    boot: Callable[..., list[str]], raw_image: MakeImage, tmp_path: Path
) -> None:
    """An image may be all --load and --entry; names may have an @, and bytes are not looked at."""
    code = raw_image(
        "_start: ldr sp, =0x82000000\nldr r4, =0x81000000\nldr r0, [r4]\nbl print_word\nb end\n"
        + PRINT
    )
    elf = tmp_path / "data@home"
    elf.write_bytes(b"\x7fELF")
    place = f"{code}@0x80000000"
    lines = boot("--load", place, "--load", f"{elf}@0x81000000", "--entry", "0x80000000")
    assert lines == ["464c457f"]


def test_json_of_a_run_without_an_image(
    invoke_json: Callable[..., dict[str, object]], raw_image: MakeImage
) -> None:
    """The report names no image, and is otherwise complete."""
    code = raw_image("_start: b end\n" + PRINT)
    load = f"{code}@{RAM}"
    report = invoke_json("--bare", "--load", load, "--entry", str(RAM))
    assert (report["image"], report["mode"]) == ("", "bare")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--load", "{image}@0x80000000"], "which overlaps 0x80000000-"),
        (["--load", "{image}@0x88000000"], "inside the board's RAM"),
        (["--load", "{image}@0xfffffff0"], "inside the board's RAM"),
        (["--load", "{image}@0x43f90000"], "inside the board's RAM"),
        (["--initrd", "{huge}"], "but it has 135000000 bytes and the largest free piece 1342"),
        (["--initrd", "/"], "this is a directory"),
        (["--dtb", "{image}"], "expected a device tree blob"),
        (["--append", ""], "--append: expected a command line that is not empty"),
        (["--append", "x" * 1024], "at most 1023 bytes"),
        (["--entry", "0x81000000"], "inside the image (0x80000000-"),
    ],
)
def test_bad_input_is_one_sentence(
    invoke: Invoke, bare_elf: MakeImage, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    """What cannot be loaded ends with status 2 before anything runs."""
    image, huge = bare_elf("_start: b _start\n"), tmp_path / "huge"
    with huge.open("wb") as stream:
        stream.truncate(135_000_000)
    filled = [argument.format(image=image, huge=huge) for argument in arguments]
    result = invoke("boot", "--bare", image, *filled)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("sel4emu: error: ") and result.stderr.count("\n") == 1
    assert sentence in result.stderr
