# SPDX-License-Identifier: BSD-2-Clause
"""The README shows what really happens."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
#: What depends on the host.
_HOST: Final = re.compile(r"^host: .*$", re.MULTILINE)
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
