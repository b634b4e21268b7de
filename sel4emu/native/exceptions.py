# SPDX-License-Identifier: BSD-2-Clause
"""Entry into exceptions: bank, saved status, link register, mode, masks and vector (ARM ARM A2.6).

Modelled: all seven exceptions with their banked registers, low and high vectors, SCTLR.EE.
Not modelled: vectored interrupts through the AVIC port (SCTLR.VE); cost in cycles.
"""

from typing import Any, Final

from numba import njit

from sel4emu.native.branches import note_exception
from sel4emu.native.mmu import SCTLR_EE, SCTLR_V
from sel4emu.native.registers import (
    CPSR,
    LR,
    MODE_ABT,
    MODE_FIQ,
    MODE_IRQ,
    MODE_MASK,
    MODE_SVC,
    MODE_UND,
    PC,
    PSR_A,
    PSR_E,
    PSR_F,
    PSR_I,
    PSR_J,
    PSR_T,
    SPSR,
    read_register,
    write_register,
)
from sel4emu.native.state import ExceptionKind

HIGH_VECTORS: Final = 0xFFFF_0000

_SVC = int(ExceptionKind.SVC)
_UNDEFINED = int(ExceptionKind.UNDEFINED)
_RESET = int(ExceptionKind.RESET)
_IRQ = int(ExceptionKind.IRQ)
_FIQ = int(ExceptionKind.FIQ)


@njit(cache=True)
def _mode_of(kind: Any) -> Any:
    if kind == _SVC or kind == _RESET:
        return MODE_SVC
    if kind == _UNDEFINED:
        return MODE_UND
    if kind == _IRQ:
        return MODE_IRQ
    if kind == _FIQ:
        return MODE_FIQ
    return MODE_ABT


@njit(cache=True)
def _masks_of(kind: Any) -> Any:
    """The interrupt masks that an exception sets besides those already set."""
    if kind == _RESET or kind == _FIQ:
        return PSR_I | PSR_F | PSR_A
    if kind == _SVC or kind == _UNDEFINED:
        return PSR_I
    return PSR_I | PSR_A


@njit(cache=True)
def enter_exception(uc: Any, s: Any, kind: Any, link: Any) -> None:
    """Take the exception `kind` with `link` as the value of its link register."""
    s.exceptions[kind] += 1
    cpsr = read_register(uc, s, CPSR)
    status = cpsr & ~(MODE_MASK | PSR_T | PSR_J | PSR_E)
    status |= _mode_of(kind) | _masks_of(kind)
    if s.sctlr & SCTLR_EE:
        status |= PSR_E
    write_register(uc, s, CPSR, status)
    write_register(uc, s, SPSR, cpsr)
    write_register(uc, s, LR, link)
    base = HIGH_VECTORS if s.sctlr & SCTLR_V else 0
    write_register(uc, s, PC, base + 4 * kind)
    note_exception(s, kind, link, cpsr, base + 4 * kind)
