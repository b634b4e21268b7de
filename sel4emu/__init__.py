# SPDX-License-Identifier: BSD-2-Clause
"""The machine: a cycle-counting emulator of ARM11 boards that knows nothing about kernels.

`Machine` is the interface for programs; `sel4emu.cli` the one for people.
"""

from sel4emu.errors import InputError, MachineCrash, Sel4EmuError
from sel4emu.machine import Machine
from sel4emu.stop import Stop, StopReason

__all__ = ["InputError", "Machine", "MachineCrash", "Sel4EmuError", "Stop", "StopReason"]
