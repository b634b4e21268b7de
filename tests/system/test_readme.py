# SPDX-License-Identifier: BSD-2-Clause
"""The README shows what really happens."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

from kernel.elf import Section, Symbol, write_elf
from sel4emu.asm import assemble

ROOT: Final = Path(__file__).parents[2]
#: What depends on the host.
_HOST: Final = re.compile(r"^host: .*$", re.MULTILINE)
_EXAMPLE: Final = re.compile(r"```python\n(.*?)```", re.DOTALL)
_BLOCK: Final = re.compile(r"<!-- boot transcript: begin -->\n```text\n(.*?)```", re.DOTALL)


def test_the_boot_transcript_is_true() -> None:
    """The block in the README is what `sel4emu boot` prints, to the cycle.

    After a change that moves a number on purpose, put the new output into the README.
    """
    block = _BLOCK.search((ROOT / "README.md").read_text())
    assert block is not None
    command = [sys.executable, "-m", "sel4emu", "boot"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    printed = done.stdout.decode().replace("\r", "")
    assert _HOST.sub("", printed).strip() == _HOST.sub("", block[1]).strip()


def test_the_python_example_runs(tmp_path: Path) -> None:
    """The example runs as it stands, on a bare image that prints and ends by semihosting."""
    source = "_start: nop\nmain: mov r0, #3\nadr r1, text\nsvc #0x123456\n"
    source += "mov r0, #0x18\nldr r1, =0x20026\nsvc #0x123456\n.ltorg\ntext: .word 'X'\n"
    code = assemble(source, 0x8000_0000)
    symbols = [Symbol(name, address) for name, address in code.labels.items()]
    section = Section(".text", 0x8000_0000, code.code, executable=True)
    (tmp_path / "program.elf").write_bytes(write_elf([section], symbols, 0x8000_0000, 0))
    example = _EXAMPLE.search((ROOT / "README.md").read_text())
    assert example is not None
    done = subprocess.run(
        [sys.executable, "-c", example[1]],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "0x0 1\nStopReason.HALT the image ended itself X\n"
