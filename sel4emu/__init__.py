# SPDX-License-Identifier: BSD-2-Clause
"""The machine: a cycle-counting emulator of ARM11 boards that knows nothing about kernels.

`Machine` is the interface for programs; `sel4emu.cli` the one for people.
"""

from typing import TYPE_CHECKING

from sel4emu.errors import InputError, MachineCrash, Sel4EmuError
from sel4emu.stop import Stop, StopReason

if TYPE_CHECKING:
    from sel4emu.machine import Machine

__all__ = ["InputError", "Machine", "MachineCrash", "Sel4EmuError", "Stop", "StopReason"]


def __getattr__(name: str) -> object:
    """`Machine`, imported when it is first asked for: what it needs takes half a second."""
    if name != "Machine":
        raise AttributeError(f"module 'sel4emu' has no attribute '{name}'")
    from sel4emu.machine import Machine  # noqa: PLC0415

    globals()[name] = Machine
    return Machine
