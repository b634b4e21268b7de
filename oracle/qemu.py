# SPDX-License-Identifier: BSD-2-Clause
"""Runs a bare program on `qemu-system-arm -M kzm` and brings back what it left.

Our code at FINISH writes the regions to a file by semihosting and ends QEMU, so nothing has to
be polled, and a QEMU that hangs is killed. Virtual time is bound to the instructions (`-icount`),
and is skipped while the processor waits: runs are repeatable and short.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from oracle.outcome import FINISH, Ending, Outcome
from sel4emu.asm import assemble
from sel4emu.errors import InputError
from sel4emu.loader import Image, read_elf

PROGRAM: Final = "qemu-system-arm"
#: Host seconds; a program takes some 0.1.
LIMIT_SECONDS: Final = 20.0
_DUMP: Final = "dump"
_OPTIONS: Final = (
    "-M", "kzm", "-m", "128M", "-display", "none", "-monitor", "none", "-no-reboot",
    "-icount", "shift=1,sleep=off", "-semihosting-config", "enable=on,target=native",
    "-serial", "stdio",
)  # fmt: skip

#: Semihosting calls (operation in r0, argument in r1): SYS_OPEN, SYS_WRITE, SYS_EXIT.
_WRITER: Final = """
    setend  le
    mrc     p15, 0, r0, c1, c0, 0
    bic     r0, r0, #0x87                @ B, C, A and M: addresses are physical from here on
    mcr     p15, 0, r0, c1, c0, 0
    mov     r0, #1
    adr     r1, open_block
    svc     #0x123456
    mov     r2, r0
    adr     r5, table
    adr     r1, write_block
next:
    ldm     r5!, {r3, r4}
    cmp     r4, #0
    stmne   r1, {r2, r3, r4}
    movne   r0, #5
    svcne   #0x123456
    bne     next
    mov     r0, #0x18
    ldr     r1, =0x20026
    svc     #0x123456
literals:
open_block:
    .word   name, 5, NAME_LENGTH         @ 5: write, binary
write_block:
    .word   0, 0, 0
name:
    .asciz  "NAME_TEXT"
    .align  2
table:
"""


def qemu_version() -> str:
    """The version that `qemu-system-arm --version` gives; InputError if there is none."""
    if shutil.which(PROGRAM) is None:
        raise InputError(f"{PROGRAM}: expected to be installed (Debian calls it {PROGRAM})")
    done = subprocess.run(
        [PROGRAM, "--version"], capture_output=True, text=True, check=True, timeout=LIMIT_SECONDS
    )
    found = re.search(r"version (\S+)", done.stdout)
    if found is None:
        raise InputError(f"{PROGRAM}: expected a version in the first line of `--version`")
    return found.group(1)


def run_on_qemu(
    image: Image | str | os.PathLike[str],
    *,
    regions: Sequence[tuple[int, int]],
    typed: bytes = b"",
    limit_seconds: float = LIMIT_SECONDS,
) -> Outcome:
    """Run an image (or ELF file) to its jump to FINISH.

    `regions` are (physical address, bytes) to bring back; `typed` is what UART1 receives. Segments
    may lie in the ROM. Starts at the image's entry as after a reset.
    """
    image = image if isinstance(image, Image) else read_elf(os.fspath(image))
    with TemporaryDirectory(prefix="oracle-") as folder:
        command = [PROGRAM, *_OPTIONS, *_loaders(image, regions, Path(folder))]
        try:
            done = subprocess.run(
                command,
                input=typed,
                capture_output=True,
                cwd=folder,
                timeout=limit_seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            detail = f"QEMU was stopped after {limit_seconds} s"
            return Outcome(Ending.TIMEOUT, late.stdout or b"", (), detail)
        dump = Path(folder, _DUMP)
        data = dump.read_bytes() if dump.exists() else b""
    return _outcome(done, data, regions)


def _outcome(
    done: subprocess.CompletedProcess[bytes], data: bytes, regions: Sequence[tuple[int, int]]
) -> Outcome:
    if done.returncode or len(data) != sum(size for _, size in regions):
        message = done.stderr.decode(errors="replace").strip()
        detail = f"QEMU ended with status {done.returncode}: {message}"
        return Outcome(Ending.STOPPED, done.stdout, (), detail)
    parts = []
    for _, size in regions:
        parts.append(data[:size])
        data = data[size:]
    return Outcome(Ending.FINISHED, done.stdout, tuple(parts))


def _loaders(image: Image, regions: Sequence[tuple[int, int]], folder: Path) -> Iterator[str]:
    """Options that put the segments and the writer into memory, and the entry into PC."""
    pieces = [(segment.paddr, segment.data) for segment in image.segments]
    pieces.append((FINISH, _writer(regions)))
    for number, (address, data) in enumerate(pieces):
        file = folder / f"piece{number}"
        file.write_bytes(data)
        yield from ("-device", f"loader,file={file.name},addr=0x{address:x},force-raw=on")
    yield from ("-device", f"loader,addr=0x{image.entry:x},cpu-num=0")


def _writer(regions: Sequence[tuple[int, int]]) -> bytes:
    words = "".join(f".word 0x{address:x}, 0x{size:x}\n" for address, size in regions if size)
    text = _WRITER.replace("NAME_LENGTH", str(len(_DUMP))).replace("NAME_TEXT", _DUMP)
    return assemble(f"{text}{words}.word 0, 0\n.ltorg\n", FINISH).code
