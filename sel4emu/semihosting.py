# SPDX-License-Identifier: BSD-2-Clause
"""ARM semihosting for bare images: how a program without devices prints and ends.

Modelled: SYS_EXIT, SYS_EXIT_EXTENDED, SYS_WRITEC, SYS_WRITE0, SYS_CLOCK.
Not modelled: files, time of day, the command line; such a call answers -1.
Source: ARM's semihosting specification (operation in r0, argument in r1, result in r0).
"""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sel4emu.machine import Machine

SYS_WRITEC: Final = 0x03
SYS_WRITE0: Final = 0x04
SYS_CLOCK: Final = 0x10
SYS_EXIT: Final = 0x18
SYS_EXIT_EXTENDED: Final = 0x20
#: The reason code of a program that ended normally.
APPLICATION_EXIT: Final = 0x20026
_FAILURE: Final = 0xFFFF_FFFF
_LONGEST_STRING: Final = 1 << 16
_CENTISECONDS: Final = 100


def serve_semihosting(machine: "Machine") -> None:
    """Carry out the operation in r0; the processor goes on behind the SVC."""
    operation = machine.registers["r0"]
    argument = machine.registers["r1"]
    if operation == SYS_EXIT:
        _exit(machine, argument, 0)
    elif operation == SYS_EXIT_EXTENDED:
        reason, code = _words(machine, argument, 2)
        _exit(machine, reason, code)
    elif operation == SYS_WRITEC:
        machine.console.transmit(_bytes(machine, argument, 1)[0])
    elif operation == SYS_WRITE0:
        _write_string(machine, argument)
    elif operation == SYS_CLOCK:
        machine.registers["r0"] = machine.cycles * _CENTISECONDS // machine.board.clocks.cpu
    else:
        machine.registers["r0"] = _FAILURE


def _exit(machine: "Machine", reason: int, code: int) -> None:
    if reason != APPLICATION_EXIT:
        machine.halt(1, f"the image ended itself with reason 0x{reason:x}")
    elif code:
        machine.halt(1, f"the image ended itself with status {code}")
    else:
        machine.halt(0, "the image ended itself")


def _bytes(machine: "Machine", address: int, size: int) -> bytes:
    """Guest memory; zeros where the guest named an address without memory."""
    try:
        return machine.read_virtual(address, size)
    except ValueError:
        return bytes(size)


def _words(machine: "Machine", address: int, count: int) -> list[int]:
    data = _bytes(machine, address, 4 * count)
    return [int.from_bytes(data[4 * n : 4 * n + 4], "little") for n in range(count)]


def _write_string(machine: "Machine", address: int) -> None:
    for position in range(_LONGEST_STRING):
        byte = _bytes(machine, address + position, 1)[0]
        if byte == 0:
            return
        machine.console.transmit(byte)
