# SPDX-License-Identifier: BSD-2-Clause
"""The contents of L2 in the cycle model, as the registers of the L2CC act on them.

Modelled: on and off, lockdown by way, maintenance and its cycles (rules 7 and 9 of docs/TIMING.md).
Not modelled: data; memory is always coherent.
"""

from sel4emu.devices.l2cc import Operation
from sel4emu.native import calls
from sel4emu.native.maintenance import CLEAN, INVALIDATE
from sel4emu.native.state import StateArray

_TARGETS = {"address": calls.L2_ADDRESS, "index": calls.L2_INDEX, "ways": calls.L2_WAYS}


class SecondLevelCache:
    """`sel4emu.devices.l2cc.Contents` over the shared record; nothing is kept at level `off`."""

    def __init__(self, state: StateArray) -> None:
        self._record = state[0]

    def configure(self, *, enabled: bool, locked_data: int, locked_instructions: int) -> None:
        """Switch it on or off, and lock ways (as bits)."""
        self._record["l2_control"] = enabled
        self._record["l2_lockdown_data"] = locked_data
        self._record["l2_lockdown_instructions"] = locked_instructions

    def maintain(self, operation: Operation, operand: int) -> None:
        """Do an operation; the operand is that of the register."""
        if not self._record["full"]:
            return
        if operation.target in _TARGETS:  # the others only wait
            what = CLEAN * operation.clean | INVALIDATE * operation.invalidate
            target = _TARGETS[operation.target]
            calls.maintain_l2(int(self._record["address"]), target, operand, what)
