# SPDX-License-Identifier: BSD-2-Clause
"""A root task written from the description of the binary interface alone, on our kernel.

Its headers are its own, so that a mistake in ours cannot hide a mistake in the kernel. It checks
boot information, every object, every error and its details, IPC, faults, address spaces, the
scheduler and interrupts, and tells on the console how many of its checks passed.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from kernel.options import KernelOptions
from sel4emu.cli.system import System
from sel4emu.console import Console
from sel4emu.stop import StopReason

SOURCES: Final = Path(__file__).parent / "foreign"
FLAGS: Final = (
    "-target", "arm-freestanding-eabi", "-mcpu=arm1136jf_s", "-marm", "-std=gnu11", "-g0",
    "-Wall", "-Wextra", "-Werror", "-ffreestanding", "-fno-builtin", "-nostdlib", "-static",
    "-fno-pic", "-fno-sanitize=all", "-fno-stack-protector", "-fomit-frame-pointer",
    "-fno-unwind-tables", "-fno-asynchronous-unwind-tables",
    "-Wl,--build-id=none", "-Wl,-z,max-page-size=4096",
)  # fmt: skip
SCRIPT: Final = """
ENTRY(_start)
PHDRS {{ text PT_LOAD FLAGS(5); data PT_LOAD FLAGS(6); }}
SECTIONS
{{
    . = {start:#x};
    .text : {{ *(.text.start) *(.text .text.*) }} :text
    .rodata : {{ *(.rodata .rodata.*) }} :text
    . = ALIGN(0x1000) + {gap:#x};
    .data : {{ *(.data .data.*) }} :data
    .bss : {{ *(.bss .bss.*) *(COMMON) }} :data
    /DISCARD/ : {{ *(.ARM.exidx* .ARM.extab* .ARM.attributes .comment .note*) }}
}}
"""
#: Far above what the checks need.
CYCLE_LIMIT: Final = 1_000_000_000
LEAST_CHECKS: Final = 8000

#: compile(sources, first address, gap before the data, optimisation) -> ELF file
Compile = Callable[[list[Path], int, int, str], Path]


@pytest.fixture(scope="session")
def compile_foreign(tmp_path_factory: pytest.TempPathFactory) -> Compile:
    """Compile and link C and assembly as a program that knows nothing of our userland."""
    folder = tmp_path_factory.mktemp("foreign")

    def compile_image(sources: list[Path], start: int, gap: int, level: str) -> Path:
        output = folder / f"{sources[0].stem}-{start:x}-{gap:x}{level}.elf"
        script = output.with_suffix(".ld")
        script.write_text(SCRIPT.format(start=start, gap=gap))
        command = [
            sys.executable, "-m", "ziglang", "cc", *FLAGS, level, "-I", str(SOURCES),
            "-T", str(script), "-o", str(output), *map(str, sources),
        ]  # fmt: skip
        cache = str(folder / "zig")
        caches = {"ZIG_GLOBAL_CACHE_DIR": cache, "ZIG_LOCAL_CACHE_DIR": cache}
        done = subprocess.run(
            command, env={**os.environ, **caches}, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return output

    return compile_image


def sources() -> list[Path]:
    """Every source of the root task."""
    return sorted([*SOURCES.glob("*.c"), *SOURCES.glob("*.S")])


def run(image: Path, *, slow: bool) -> str:
    """The console output of a run in compat mode, which must end with status 0."""
    console = Console()
    options = KernelOptions(compat=True, slow=slow)
    stop = System.boot(image, options=options, console=console).machine.run(cycles=CYCLE_LIMIT)
    text = console.captured.decode("latin-1")
    assert (stop.reason, stop.status) == (StopReason.HALT, 0), (stop.message, text)
    return text


@pytest.mark.parametrize(
    ("start", "gap", "level", "slow"),
    [
        (0x1_0000, 0, "-O2", False),
        (0x1_0000, 0, "-O2", True),
        (0x8000, 0x234, "-O0", False),
        (0x40_0000, 0x5678, "-Os", False),
    ],
)
def test_a_root_task_that_knows_only_the_interface_finds_no_fault(
    compile_foreign: Compile, start: int, gap: int, level: str, slow: bool
) -> None:
    """Every check of the root task holds, wherever it is linked, with and without fast paths."""
    text = run(compile_foreign(sources(), start, gap, level), slow=slow)
    passed = re.fullmatch(r"(\d+) checks passed\n\r", text)
    assert passed, text
    assert int(passed[1]) > LEAST_CHECKS


def test_debug_halt_says_who_called_it_and_ends_the_run(compile_foreign: Compile) -> None:
    """DebugHalt prints its two lines; a carriage return follows each line feed (ABI 1.2)."""
    halt = [SOURCES / "halt" / "halt.c", SOURCES / "start.S"]
    text = run(compile_foreign(halt, 0x10_0000, 0, "-O2"), slow=False)
    line = "Debug halt syscall from user thread 0x[0-9a-f]{8}"
    assert re.fullmatch(rf"a\n\r{line}\n\rhalting\.\.\.\n\r", text), text
