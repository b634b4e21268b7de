# SPDX-License-Identifier: BSD-2-Clause
"""`sel4emu boot --save`: the machine at the end of a run, as a file."""

from typing import Final

from kernel import layout
from kernel.options import KernelOptions
from kernel.policy.savedfile import SavedMachine, pack
from sel4emu.cli.outfile import OutputFile, output_file
from sel4emu.errors import InputError
from sel4emu.machine import Machine
from sel4emu.stop import StopReason

_MODE_MASK: Final = 0x1F
_USER_MODE: Final = 0x10
#: Instructions that no path of the kernel's assembly comes near to.
_MOST_STEPS: Final = 20_000
_IDLE: Final = "idle_thread"
#: Its loop: an instruction that waits, and the branch back.
_IDLE_BYTES: Final = 8


def save_file(name: str) -> OutputFile:
    """The file for `--save`; InputError if it cannot be written."""
    file = output_file(name, "--save")
    if file.is_standard_output:
        raise InputError(f"{name}: expected a file for --save, not standard output")
    return file


def saved_bytes(machine: Machine, board: str, options: KernelOptions, *, goes_on: bool) -> bytes:
    """The contents of the file. A machine that could go on is brought out of the kernel first."""
    if goes_on:
        leave_kernel(machine)
    ram = machine.bus.memory_at(layout.RAM_BASE, layout.IMAGE_BYTES)
    assert ram is not None, "the kernel runs in it"
    return pack(SavedMachine(board, options, ram.data.tobytes()))


def leave_kernel(machine: Machine) -> None:
    """Let the kernel finish what it is at: in the middle, its lists may be half linked."""
    for _ in range(_MOST_STEPS):
        if is_between_steps(machine) or machine.run(cycles=1).reason is not StopReason.CYCLE:
            return


def is_between_steps(machine: Machine) -> bool:
    """Whether a user thread or the idle thread is running."""
    registers = machine.registers
    idle = machine.symbols[_IDLE]
    return (
        idle <= registers["pc"] < idle + _IDLE_BYTES or registers["cpsr"] & _MODE_MASK == _USER_MODE
    )
