# SPDX-License-Identifier: BSD-2-Clause
"""ruff and mypy as tests, so that `make test` alone guards style and types."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent
CHECKS: Final = {
    "style": ("ruff", "check", "--quiet", "."),
    "format": ("ruff", "format", "--quiet", "--diff", "."),
    "types": ("mypy",),
}


@pytest.mark.parametrize("check", CHECKS)
def test_tree_passes(check: str) -> None:
    """The tool has nothing to say about any file of the project."""
    command = [sys.executable, "-m", *CHECKS[check]]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
