# SPDX-License-Identifier: BSD-2-Clause
"""Access to the processor's registers from native code, and the facts about them it needs."""

from typing import Any, Final

import numpy as np
from numba import njit
from unicorn import arm_const

from sel4emu.native.intrinsics import uc_reg_read, uc_reg_write
from sel4emu.native.state import SCRATCH_OFFSET, Attention

R0: Final = arm_const.UC_ARM_REG_R0
SP: Final = arm_const.UC_ARM_REG_SP
LR: Final = arm_const.UC_ARM_REG_LR
PC: Final = arm_const.UC_ARM_REG_PC
CPSR: Final = arm_const.UC_ARM_REG_CPSR
SPSR: Final = arm_const.UC_ARM_REG_SPSR

MODE_MASK: Final = 0x1F
MODE_USR: Final = 0x10
MODE_FIQ: Final = 0x11
MODE_IRQ: Final = 0x12
MODE_SVC: Final = 0x13
MODE_ABT: Final = 0x17
MODE_UND: Final = 0x1B
MODE_SYS: Final = 0x1F
PSR_T: Final = 1 << 5
PSR_F: Final = 1 << 6
PSR_I: Final = 1 << 7
PSR_A: Final = 1 << 8
PSR_E: Final = 1 << 9
PSR_J: Final = 1 << 24
#: What MSR changes in user mode: flags, Q, GE and E.
PSR_USER: Final = 0xF80F_0200

_WRITE_REGISTER = int(Attention.WRITE_REGISTER)


@njit(cache=True)
def read_register(uc: Any, s: Any, number: Any) -> Any:
    """Value of the register with Unicorn's number, in the current mode."""
    uc_reg_read(uc, np.int32(number), s.address + SCRATCH_OFFSET)
    return s.scratch & 0xFFFFFFFF


@njit(cache=True)
def write_register(uc: Any, s: Any, number: Any, value: Any) -> None:
    """Write a register; writing PC inside a hook redirects execution."""
    s.scratch = value
    uc_reg_write(uc, np.int32(number), s.address + SCRATCH_OFFSET)


@njit(cache=True)
def general_register(number: Any) -> Any:
    """Unicorn's number of r0 to r15."""
    if number < 13:
        return R0 + number
    if number == 13:
        return SP
    if number == 14:
        return LR
    return PC


@njit(cache=True)
def answer_coprocessor(s: Any, number: Any, value: Any, cpsr: Any) -> None:
    """Have what an MRC reads in r0 to r14 once it has run; in r15 it sets the flags of CPSR."""
    if number == 15:
        s.register_number = CPSR
        s.register_value = (cpsr & 0x0FFF_FFFF) | (value & 0xF000_0000)
    else:
        s.register_number = general_register(number)
        s.register_value = value
    s.attention |= _WRITE_REGISTER


@njit(cache=True)
def condition_passed(condition: Any, cpsr: Any) -> Any:
    """Whether an ARM condition field (0 to 15) holds for the flags in `cpsr`."""
    n = (cpsr >> 31) & 1
    z = (cpsr >> 30) & 1
    c = (cpsr >> 29) & 1
    v = (cpsr >> 28) & 1
    half = condition >> 1
    if half == 0:
        result = z == 1
    elif half == 1:
        result = c == 1
    elif half == 2:
        result = n == 1
    elif half == 3:
        result = v == 1
    elif half == 4:
        result = c == 1 and z == 0
    elif half == 5:
        result = n == v
    elif half == 6:
        result = z == 0 and n == v
    else:
        return True
    return result != ((condition & 1) == 1)
