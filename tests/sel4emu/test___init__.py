# SPDX-License-Identifier: BSD-2-Clause
"""The names that the package offers, imported when they are asked for."""

import subprocess
import sys
from pathlib import Path

import pytest

import sel4emu
from sel4emu.machine import Machine


def test_names() -> None:
    """Every name of the package leads to the object of its module."""
    assert sel4emu.Machine is Machine
    assert all(getattr(sel4emu, name).__name__ == name for name in sel4emu.__all__)


def test_no_other_name() -> None:
    """A name that the package does not have is an AttributeError, as in any module."""
    with pytest.raises(AttributeError, match="no attribute 'NoSuchName'"):
        getattr(sel4emu, "NoSuch" + "Name")


def test_errors_come_without_the_machine() -> None:
    """Who wants an error class only does not wait for the machine."""
    program = "import sys, sel4emu; sel4emu.InputError; assert 'numba' not in sys.modules"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", program], cwd=root, check=False)
    assert done.returncode == 0
