# SPDX-License-Identifier: BSD-2-Clause
"""Guest programs written in the test, and the command line run on them."""

import json
import os
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner, Result

from kernel.elf import Section, Symbol, write_elf
from sel4emu.asm import assemble
from sel4emu.cli.commands import cli

ROOT: Final = Path(__file__).parents[3]
ROOT_TASK_BASE: Final = 0x0001_0000
RAM_BASE: Final = 0x8000_0000
#: A guest of these tests that has not ended by then has gone wrong.
TIMEOUT_SECONDS: Final = 60

#: make_image(source) -> path; the source begins with `_start:`.
MakeImage = Callable[[str], Path]
#: invoke(*arguments) -> what the command printed and its status, in this process.
Invoke = Callable[..., Result]
#: environment for a process that finds this checkout wherever it runs
Environment = dict[str, str]


def _elf_maker(path: Path, base: int) -> MakeImage:
    """Writes an ELF at `path`: one section at `base`, with the labels as symbols."""

    def make(source: str) -> Path:
        code = assemble(source, base)
        symbols = [Symbol(name, address) for name, address in code.labels.items()]
        section = Section(".text", base, code.code, executable=True)
        path.write_bytes(write_elf([section], symbols, code.labels["_start"], 0))
        return path

    return make


@pytest.fixture
def root_task(tmp_path: Path) -> MakeImage:
    """Writes a root task: an ELF at its virtual addresses."""
    return _elf_maker(tmp_path / "task.elf", ROOT_TASK_BASE)


@pytest.fixture
def bare_elf(tmp_path: Path) -> MakeImage:
    """Writes an ELF for the start of the board's RAM."""
    return _elf_maker(tmp_path / "bare.elf", RAM_BASE)


@pytest.fixture
def raw_image(tmp_path: Path) -> MakeImage:
    """Writes the code alone, to be loaded at the start of the board's RAM."""

    def make(source: str) -> Path:
        path = tmp_path / "image.bin"
        path.write_bytes(assemble(source, RAM_BASE).code)
        return path

    return make


@pytest.fixture
def elf_header(tmp_path: Path) -> Callable[..., Path]:
    """Writes an ELF with one segment; every field that a test breaks is an argument."""

    def make(
        *,
        elf_class: int = 1,
        order: int = 1,
        machine: int = 40,
        kind: int = 2,
        entry: int = ROOT_TASK_BASE,
        vaddr: int = ROOT_TASK_BASE,
        paddr: int = ROOT_TASK_BASE,
        memory_size: int = 4096,
    ) -> Path:
        ident = b"\x7fELF" + bytes((elf_class, order, 1)) + bytes(9)
        fields = (kind, machine, 1, entry, 52, 0, 0x0500_0000, 52, 32, 1, 40, 0, 0)
        header = ident + struct.pack("<HHIIIIIHHHHHH", *fields)
        data = struct.pack("<I", 0xEAFF_FFFE)
        program = struct.pack("<8I", 1, 84, vaddr, paddr, len(data), memory_size, 5, 4096)
        path = tmp_path / "crafted.elf"
        path.write_bytes(header + program + data)
        return path

    return make


@pytest.fixture
def invoke() -> Invoke:
    """Runs the command in this process; an exception that is not meant to be one is raised."""

    def run(*arguments: str | Path) -> Result:
        return CliRunner().invoke(cli, [str(each) for each in arguments], catch_exceptions=False)

    return run


@pytest.fixture
def invoke_json(invoke: Invoke) -> Callable[..., dict[str, Any]]:
    """Runs `boot --json -` and returns the object that is all of standard output."""

    def run(*arguments: str | Path) -> dict[str, Any]:
        result: dict[str, Any] = json.loads(invoke("boot", "--json", "-", *arguments).stdout)
        return result

    return run


@pytest.fixture
def environment() -> Environment:
    """The environment of a process that is to find this checkout."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}


@pytest.fixture
def command(environment: Environment) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command as a process of its own, without input."""

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "sel4emu", *map(str, arguments)],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )

    return run


@pytest.fixture
def shell(environment: Environment) -> Callable[[str], subprocess.CompletedProcess[str]]:
    """Runs a line of bash in which $SEL4EMU is the command."""

    def run(line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", line],
            env={**environment, "SEL4EMU": f"{sys.executable} -m sel4emu"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )

    return run
