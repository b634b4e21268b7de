# SPDX-License-Identifier: BSD-2-Clause
"""Coprocessor instructions as operations (rules 3 and 9; ARM ARM B3).

Modelled: MCR, MRC, MCRR and MRRC of coprocessors 14 and 15, with what user mode may do; the VFP
is in `decode_vfp`.
Not modelled: which registers of coprocessor 15 exist.
"""

from typing import Final

from sel4emu.reference.decode_vfp import decode_vfp
from sel4emu.reference.operation import (
    PC,
    Figures,
    Operation,
    Result,
    SystemWrite,
    undefined,
)
from sel4emu.reference.records import Control, Executed, bits

SYSTEM: Final = 15
DEBUG: Final = 14
VFP: Final = frozenset({10, 11})

#: (CRn, CRm, opc2) that user mode may write: ISB, DSB, DMB, end of a prefetch of a range, TPIDRURW.
USER_WRITES: Final = frozenset({(7, 5, 4), (7, 10, 4), (7, 10, 5), (7, 12, 5), (13, 0, 2)})
#: (CRn, CRm, opc2) that user mode may read: the state of a transfer of a range, TPIDRURW, TPIDRURO.
USER_READS: Final = frozenset({(7, 12, 4), (13, 0, 2), (13, 0, 3)})
#: CRm of the range operation that user mode may start: cleaning.
USER_RANGES: Final = frozenset({12})


def decode_coprocessor(
    word: int, executed: Executed, control: Control, figures: Figures
) -> Operation:
    """The operation of a word whose bits 27 to 25 are 110 or 111, SVC apart."""
    coprocessor = bits(word, 11, 8)
    if coprocessor in VFP:
        return decode_vfp(word, executed, control, figures)
    if coprocessor not in {SYSTEM, DEBUG}:
        return undefined(word >> 28)
    if word & 0x0FE0_0000 == 0x0C40_0000:
        return _pair(word, executed, figures)
    if word & 0x0F00_0010 == 0x0E00_0010:
        return _single(word, executed, figures)
    return undefined(word >> 28)


def _single(word: int, executed: Executed, figures: Figures) -> Operation:
    """MCR and MRC."""
    reads, rd = bool(word >> 20 & 1), bits(word, 15, 12)
    place = bits(word, 19, 16), bits(word, 3, 0), bits(word, 7, 5)
    allowed = USER_READS if reads else USER_WRITES
    system = bits(word, 11, 8) == SYSTEM
    if system and not executed.privileged and place not in allowed:
        return undefined(word >> 28)
    if reads:
        return read_operation(word, figures, (rd,))
    write = SystemWrite(*place, executed.value(rd))
    acts = system and bits(word, 23, 21) == 0
    issue = figures["instruction.coprocessor_write_issue"]
    return Operation(issue, word >> 28, normal=(rd,), system=write if acts else None)


def _pair(word: int, executed: Executed, figures: Figures) -> Operation:
    """MCRR, whose end is in Rd and whose start is in Rn, and MRRC."""
    rd, rn = bits(word, 15, 12), bits(word, 19, 16)
    if word >> 20 & 1:
        return read_operation(word, figures, (rd, rn))
    crm, opc1 = word & 15, bits(word, 7, 4)
    if not executed.privileged and crm not in USER_RANGES:
        return undefined(word >> 28)
    write = SystemWrite(0, crm, 0, executed.value(rn), range_end=executed.value(rd))
    acts = bits(word, 11, 8) == SYSTEM and opc1 == 0
    issue = figures["instruction.coprocessor_write_issue"]
    return Operation(issue, word >> 28, normal=(rd, rn), system=write if acts else None)


def read_operation(word: int, figures: Figures, registers: tuple[int, ...]) -> Operation:
    """A transfer to ARM registers; to PC it sets the flags instead."""
    latency = figures["instruction.coprocessor_read_latency"]
    return Operation(
        figures["instruction.coprocessor_read_issue"],
        word >> 28,
        results=tuple(Result(register, latency) for register in registers if register != PC),
        sets_flags=PC in registers,
    )
