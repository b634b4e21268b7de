# SPDX-License-Identifier: BSD-2-Clause
"""The machine: a cycle-counting emulator of ARM11 boards that knows nothing about kernels.

`Machine` is the interface for programs; `sel4emu.cli` the one for people. The names are imported
when they are first asked for, because what a machine needs takes half a second.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sel4emu.errors import InputError, MachineCrash, Sel4EmuError
    from sel4emu.machine import Machine
    from sel4emu.stop import Stop, StopReason

__all__ = ["InputError", "Machine", "MachineCrash", "Sel4EmuError", "Stop", "StopReason"]

_HOMES = {
    "InputError": "errors",
    "Machine": "machine",
    "MachineCrash": "errors",
    "Sel4EmuError": "errors",
    "Stop": "stop",
    "StopReason": "stop",
}


def __getattr__(name: str) -> object:
    """One of the names above, from its module (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module 'sel4emu' has no attribute '{name}'")
    from importlib import import_module  # noqa: PLC0415

    found: object = getattr(import_module(f"sel4emu.{_HOMES[name]}"), name)
    globals()[name] = found
    return found
