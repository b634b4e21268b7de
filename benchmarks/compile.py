# SPDX-License-Identifier: BSD-2-Clause
"""Compiles programs of this folder, with the compiler and flags of userland images."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sel4emu.errors import InputError
from sel4emu.loader import Image, read_elf
from userland.build import FLAGS, cache_folder, compiler_version

SOURCES: Final = Path(__file__).resolve().parent / "c"
LINKER_SCRIPT: Final = SOURCES / "bare.ld"


def compile_program(name: str) -> Image:
    """The program `c/<name>.c` linked where `bare.ld` says; its entry is its function `work`.

    Raises InputError with what the compiler says, or if there is none.
    """
    return compile_image(name, [SOURCES / f"{name}.c"], LINKER_SCRIPT, "-Wl,-e,work")


def compile_image(name: str, sources: Sequence[Path], script: Path, *flags: str) -> Image:
    """C and assembly linked as a linker script says.

    Raises InputError with what the compiler says, or if there is none.
    """
    compiler_version()
    with tempfile.TemporaryDirectory(dir=cache_folder(), prefix=".benchmark-") as scratch:
        output = Path(scratch) / f"{name}.elf"
        # What the compiler knows by name it would call, and there is no library to call.
        command = [
            sys.executable, "-m", "ziglang", "cc", *FLAGS, "-fno-builtin", *flags,
            "-T", str(script), "-o", str(output), *map(str, sources),
        ]  # fmt: skip
        caches = dict.fromkeys(("ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR"), scratch)
        environment = {**os.environ, **caches}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise InputError(f"the C compiler refused {name}: {done.stderr.strip()}")
        return read_elf(str(output))
