# SPDX-License-Identifier: BSD-2-Clause
"""The media instructions of ARMv6 (rule 3's table; ARM ARM A3.16).

Modelled: parallel addition, packing, extension, saturation, reversal, dual multiplies, SADs.
Not modelled: UNPREDICTABLE fields.
"""

from typing import Final

from sel4emu.reference.decode_multiply import decode_dual, decode_dual_long, decode_high
from sel4emu.reference.operation import PC, Figures, Operation, Result, undefined
from sel4emu.reference.records import bits

#: Bits 22 to 20 of parallel instructions: S, SH, U, UH; those that saturate: Q, UQ.
PLAIN_PARALLEL: Final = frozenset({1, 3, 5, 7})
SATURATING_PARALLEL: Final = frozenset({2, 6})
#: Bits 7 to 5 of parallel instructions.
PARALLEL_FORMS: Final = frozenset({0, 1, 2, 3, 4, 7})
#: (bits 24 to 20, bits 7 to 5) of REV, REV16 and REVSH.
REVERSALS: Final = frozenset({(0x0B, 1), (0x0B, 5), (0x0F, 5)})
#: Bits 24 to 20 of the extensions, whose bits 7 to 5 are 011.
EXTENSIONS: Final = frozenset({0x08, 0x0A, 0x0B, 0x0C, 0x0E, 0x0F})
SEL: Final = (0x08, 5)
SATURATE_HALVES: Final = frozenset({(0x0A, 1), (0x0E, 1)})


def decode_media(word: int, figures: Figures) -> Operation:
    """The operation of a word whose bits 27 to 25 are 011 and whose bit 4 is 1."""
    major, minor = bits(word, 24, 20), bits(word, 7, 5)
    if major < 8:
        return _parallel(word, figures)
    if major < 16:
        return _packing(word, figures, major, minor)
    if major == 0x10 and minor < 4:
        return decode_dual(word, figures, accumulates=bits(word, 15, 12) != 15)
    if major == 0x14 and minor < 4:
        return decode_dual_long(word, figures)
    if major == 0x15 and minor in {0, 1, 6, 7}:
        return decode_high(word, figures, accumulates=bits(word, 15, 12) != 15)
    if major == 0x18 and minor == 0:
        return _sum_of_differences(word, figures)
    return undefined(word >> 28)


def _alu(
    word: int,
    figures: Figures,
    *,
    normal: tuple[int, ...] = (),
    early: tuple[int, ...] = (),
    saturates: bool = False,
) -> Operation:
    """One issue cycle of the ALU; the result leaves it, or the stage that saturates."""
    register = bits(word, 15, 12)
    latency = figures["instruction.saturate_latency" if saturates else "instruction.alu_latency"]
    results = () if register == PC else (Result(register, latency),)
    issue = figures["instruction.alu_issue"]
    return Operation(issue, word >> 28, normal, early, results=results)


def _parallel(word: int, figures: Figures) -> Operation:
    kind = bits(word, 22, 20)
    if bits(word, 7, 5) not in PARALLEL_FORMS or kind not in PLAIN_PARALLEL | SATURATING_PARALLEL:
        return undefined(word >> 28)
    sources = (bits(word, 19, 16), word & 15)
    return _alu(word, figures, normal=sources, saturates=kind in SATURATING_PARALLEL)


def _packing(word: int, figures: Figures, major: int, minor: int) -> Operation:
    rn, rm = bits(word, 19, 16), word & 15
    if (major, minor) == SEL:
        return _alu(word, figures, normal=(rn, rm))
    if (major, minor) in REVERSALS:
        return _alu(word, figures, normal=(rm,))
    if minor == 3 and major in EXTENSIONS:
        return _extension(word, figures, rn, rm)
    if (major, minor) in SATURATE_HALVES:
        return _alu(word, figures, normal=(rm,), saturates=True)
    if major == 8 and not minor & 1:
        return _alu(word, figures, normal=(rn,), early=(rm,))  # PKH
    if major in {0x0A, 0x0B, 0x0E, 0x0F} and not minor & 1:
        return _alu(word, figures, early=(rm,), saturates=True)  # SSAT, USAT
    return undefined(word >> 28)


def _extension(word: int, figures: Figures, rn: int, rm: int) -> Operation:
    """SXT and UXT; with a rotation or an addition, Rm passes the shifter first."""
    rotates, adds = bits(word, 11, 10) != 0, rn != 15
    if not rotates and not adds:
        return _alu(word, figures, normal=(rm,))
    return _alu(word, figures, normal=(rn,) if adds else (), early=(rm,))


def _sum_of_differences(word: int, figures: Figures) -> Operation:
    """USAD8 and, with a register added, USADA8; Rd lies where a multiply has it."""
    added, latency = bits(word, 15, 12), figures["instruction.sum_of_differences_latency"]
    return Operation(
        figures["instruction.alu_issue"],
        word >> 28,
        early=(word & 15, bits(word, 11, 8)),
        late=() if added == 15 else (added,),
        results=(Result(bits(word, 19, 16), latency),),
    )
