# SPDX-License-Identifier: BSD-2-Clause
"""Whether a guest can ever do anything else again: decided exactly, or left open.

A guest that waits for an interrupt which can come, or reads a device, is never called stuck. What
is looked at: the masks of CPSR, the sources that the interrupt controller lets through (only the
guest could enable others), a watchdog that runs, and the instructions of a short loop.
"""

from typing import TYPE_CHECKING, Final

from sel4emu.devices.watchdog import Watchdog
from sel4emu.fault_address import arm_access
from sel4emu.mmu import TranslationFault
from sel4emu.native.registers import PSR_F, PSR_I, PSR_T

if TYPE_CHECKING:
    from sel4emu.machine import Machine

#: Coprocessor operations without effect here, less the condition and the register: the barriers.
_BARRIERS: Final = (0x0E07_0F95, 0x0E07_0F9A, 0x0E07_0FBA)
_WAIT: Final = 0x0E07_0F90
_OPERATION: Final = 0x0FFF_0FFF
_NO_OPERATION: Final = 0xE1A0_0000  # mov r0, r0
_HINT_NONE: Final = 0x0320_F000  # NOP of ARMv6K; before that, an MSR that writes nothing
_ALWAYS: Final = 0xE000_0000
#: The furthest that a loop around WFI is followed, in instructions.
_LONGEST_WAIT: Final = 8


def can_interrupt(machine: "Machine") -> bool:
    """Whether some source can raise an interrupt that CPSR does not mask."""
    irq, fiq = machine.interrupt_controller.possible
    cpsr = machine.registers["cpsr"]
    return (irq and not cpsr & PSR_I) or (fiq and not cpsr & PSR_F)


def can_wake(machine: "Machine") -> bool:
    """Whether some source can raise a line, masked or not: that ends WFI."""
    return any(machine.interrupt_controller.possible)


def reset_is_due(machine: "Machine") -> bool:
    """Whether a watchdog runs, which ends every wait."""
    names = {m.device.name for m in machine.devices if isinstance(m.device, Watchdog)}
    return bool(names & machine.events.owners())


def is_endless_wait(machine: "Machine") -> bool:
    """Whether the instructions behind a WFI only lead back to it."""
    behind = machine.registers["pc"]
    at = behind
    if machine.registers["cpsr"] & PSR_T:
        return False
    for _ in range(_LONGEST_WAIT):
        word = machine.cpu.instruction_at(at)
        if at == (behind - 4) & 0xFFFF_FFFF:
            return word & _OPERATION == _WAIT
        if word & 0xFF00_0000 == _ALWAYS | 0x0A00_0000:
            at = (at + 8 + _signed(word)) & 0xFFFF_FFFF
        elif _is_constant(word):
            at = (at + 4) & 0xFFFF_FFFF
        else:
            return False
    return False


def _signed(word: int) -> int:
    """The distance of a branch, in bytes."""
    offset = word & 0xFF_FFFF
    return 4 * (offset - (1 << 24) if offset >> 23 else offset)


def _is_constant(word: int) -> bool:
    """An instruction that does the same each time: a barrier, a wait, MOV of a constant."""
    if word & 0xF000_0000 != _ALWAYS:
        return False
    if word == _NO_OPERATION or word & _OPERATION in (_WAIT, *_BARRIERS):
        return True
    return word & 0x0FEF_0000 == 0x03A0_0000 and word >> 12 & 15 != 15


def is_harmless(machine: "Machine") -> bool:
    """Whether the instruction at PC does nothing but to the registers that are seen now."""
    word = machine.cpu.instruction_at(machine.registers["pc"])
    if machine.registers["cpsr"] & PSR_T:
        return _is_harmless_thumb(word & 0xFFFF)
    return _is_harmless_arm(machine, word)


def _is_harmless_thumb(word: int) -> bool:
    """Arithmetic, loads of literals, and branches."""
    if word >> 12 == 13:
        return word >> 8 & 15 < 14
    return word < 0x5000 or word >> 11 == 28


def _is_harmless_arm(machine: "Machine", word: int) -> bool:
    if word >> 28 == 15:
        return False
    kind = word >> 25 & 7
    if kind == 5:
        return True
    if kind in (0, 1):
        return _only_computes(word)
    if kind in (2, 3):
        return _loads_from_memory(machine, word)
    return word & _OPERATION in _BARRIERS


def _only_computes(word: int) -> bool:
    """Data processing, multiplication, BX and the like; nothing that writes CPSR's control bits."""
    if word & 0x0E00_0090 == 0x0000_0090:
        return word & 0x0F00_00F0 == 0x0000_0090
    if word & 0x0FFF_FFFF == _HINT_NONE:
        return True
    if word & 0x0190_0000 == 0x0100_0000:  # the space of MRS, MSR, BX and CLZ
        return word & 0x0FFF_FFD0 == 0x012F_FF10 or word & 0x0FFF_0FF0 == 0x016F_0F10
    return not (word & 0x0010_0000 and word >> 12 & 15 == 15)


def _loads_from_memory(machine: "Machine", word: int) -> bool:
    """LDR or LDRB of memory, which nothing changes while the guest does not."""
    media = word & 0x0200_0010 == 0x0200_0010
    unprivileged = word & 0x0120_0000 == 0x0020_0000
    if media or unprivileged or not word & 0x0010_0000:
        return False
    access = arm_access(word, machine.cpu.read)
    if access is None:
        return False
    try:
        physical = machine.translate(access.start)
    except TranslationFault:
        return False
    return machine.bus.memory_at(physical, access.size) is not None


def is_void(machine: "Machine", address: int, size: int) -> bool:
    """Whether memory as the kernel sees it is there, and all zeros."""
    try:
        return not any(machine.read_virtual(address, size))
    except ValueError:
        return False
