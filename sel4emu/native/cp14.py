# SPDX-License-Identifier: BSD-2-Clause
"""Coprocessor 14: the debug unit's registers, as software that looks for it finds them.

Modelled: DIDR, DSCR with its monitor mode bit, the vector catch register, six breakpoints and two
watchpoints that store what is written; a trivial Jazelle.
Not modelled: breakpoints, watchpoints and vector catches never hit; no debugger is attached; the
trace unit (ETM) is absent, and its registers are undefined.
Sources: DDI 0211 chapter 13; register numbers as opcode_1, CRn, CRm, opcode_2.
"""

from typing import Any, Final

import numpy as np
from numba import njit

from sel4emu.native import state as st
from sel4emu.native.registers import (
    CPSR,
    MODE_MASK,
    MODE_USR,
    answer_coprocessor,
    condition_passed,
    general_register,
    read_register,
)

#: Two watchpoints, six breakpoints (one with context), version 6; then the core's revision.
DIDR: Final = 0x1511_0000
#: DSCR: monitor debug-mode, user mode may not use the communication channel.
DSCR_WRITABLE: Final = 0x0000_9000
DSCR_USER_DENIED: Final = 1 << 12

_UNDEFINED = int(st.Verdict.UNDEFINED)
_SKIP = int(st.Verdict.SKIP)

_DIDR: Final = 0
_DSCR: Final = 1
_DTR: Final = 5
_VCR: Final = 7
#: How many registers there are by opcode_2: BVR, BCR, WVR, WCR.
_COUNTS: Final = (0, 0, 0, 0, 6, 6, 2, 2)


@njit(cache=True)
def is_cp14(word: Any) -> Any:
    """Whether a word is MRC or MCR p14."""
    return (word & 0x0F00_0F10) == 0x0E00_0E10 and (word >> 28) != 15


@njit(cache=True)
def _exists(word: Any) -> Any:
    """Whether there is such a register of the debug unit, or of Jazelle."""
    opcode1 = (word >> 21) & 7
    crn = (word >> 16) & 15
    crm = word & 15
    opcode2 = (word >> 5) & 7
    if opcode1 == 7:
        return crn < 3 and crm == 0 and opcode2 == 0
    if opcode1 or crn:
        return False
    if opcode2 == 0:
        return crm in (_DIDR, _DSCR, _DTR, _VCR)
    return crm < _COUNTS[opcode2]


@njit(cache=True)
def _user_may(s: Any, word: Any) -> Any:
    """DIDR, DSCR and the communication channel, unless DSCR says no."""
    crm = word & 15
    if s.debug_status & DSCR_USER_DENIED or (word >> 21) & 7 or (word >> 5) & 7:
        return False
    reads = (word >> 20) & 1
    return crm == _DTR or (reads and crm in (_DIDR, _DSCR))


@njit(cache=True)
def _read(s: Any, word: Any) -> Any:
    crm = word & 15
    opcode2 = (word >> 5) & 7
    if (word >> 21) & 7:
        return np.int64(0)
    if opcode2 == 0 and crm == _DIDR:
        return np.int64(DIDR | (s.midr >> 16) & 0xF0 | s.midr & 15)
    if opcode2 == 0 and crm == _DSCR:
        return np.int64(s.debug_status)
    return np.int64(s.debug_registers[opcode2 << 4 | crm])


@njit(cache=True)
def _write(s: Any, word: Any, value: Any) -> None:
    crm = word & 15
    opcode2 = (word >> 5) & 7
    if (word >> 21) & 7:
        return
    if opcode2 == 0 and crm == _DSCR:
        s.debug_status = value & DSCR_WRITABLE
    elif opcode2 or crm == _VCR:
        s.debug_registers[opcode2 << 4 | crm] = value


@njit(cache=True)
def follow_debug(uc: Any, s: Any, word: Any) -> None:
    """Do an access to CP14 in Unicorn's place."""
    cpsr = np.int64(read_register(uc, s, CPSR))
    if not condition_passed(word >> 28, cpsr):
        return
    user = (cpsr & MODE_MASK) == MODE_USR
    if not _exists(word) or (user and not _user_may(s, word)):
        s.verdict = _UNDEFINED
        return
    s.verdict = _SKIP
    number = (word >> 12) & 15
    if (word >> 20) & 1 == 0:
        _write(s, word, read_register(uc, s, general_register(number)))
        return
    answer_coprocessor(s, number, _read(s, word), cpsr)
