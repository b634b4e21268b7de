# SPDX-License-Identifier: BSD-2-Clause
"""The multiplies (rule 3's table; ARM ARM A3.5).

Modelled: issue, Early operands, Late accumulators, accumulators that are late only behind
another multiply, latencies of both halves.
Not modelled: which of the multiplier's stages the accumulator enters.
"""

from sel4emu.reference.operation import Figures, Operation, Result, undefined
from sel4emu.reference.records import bits


def decode_multiply(word: int, figures: Figures) -> Operation:
    """MUL, MLA, UMAAL and the long multiplies, whose bits 7 to 4 are 1001."""
    if word & 0x0FC0_00F0 == 0x0000_0090:
        return _word_multiply(word, figures)
    if word & 0x0FF0_00F0 == 0x0040_0090:
        return _long_multiply(word, figures, accumulates=True)
    if word & 0x0F80_00F0 == 0x0080_0090:
        return _long_multiply(word, figures, accumulates=bool(word >> 21 & 1))
    return undefined(word >> 28)


def _factors(word: int) -> tuple[int, int]:
    return word & 15, bits(word, 11, 8)


def _word_multiply(word: int, figures: Figures) -> Operation:
    flags = bool(word >> 20 & 1)
    key = "instruction.multiply_flags_issue" if flags else "instruction.multiply_issue"
    return Operation(
        figures[key],
        word >> 28,
        early=_factors(word),
        late=(bits(word, 15, 12),) if word >> 21 & 1 else (),
        results=(Result(bits(word, 19, 16), figures["instruction.multiply_latency"]),),
        sets_flags=flags,
        multiplies=True,
    )


def _long_multiply(word: int, figures: Figures, *, accumulates: bool) -> Operation:
    high, low = bits(word, 19, 16), bits(word, 15, 12)
    flags = bool(word >> 20 & 1)
    name = "instruction.multiply_long"
    return Operation(
        figures[f"{name}_flags_issue" if flags else f"{name}_issue"],
        word >> 28,
        normal=(high,) if accumulates else (),
        early=_factors(word),
        late=(low,) if accumulates else (),
        results=(
            Result(low, figures[f"{name}_low_latency"]),
            Result(high, figures[f"{name}_high_latency"]),
        ),
        sets_flags=flags,
        multiplies=True,
    )


def decode_halfword_multiply(word: int, figures: Figures) -> Operation:
    """SMLAxy, SMLAWy, SMULWy, SMLALxy and SMULxy."""
    which = bits(word, 22, 21)
    if which == 2:
        return decode_dual_long(word, figures)
    accumulates = which == 0 or (which == 1 and not word >> 5 & 1)
    return decode_dual(word, figures, accumulates=accumulates)


def decode_dual(word: int, figures: Figures, *, accumulates: bool) -> Operation:
    """A product of halfwords, or the sum of two, with a word added or not."""
    return Operation(
        figures["instruction.multiply_halfword_issue"],
        word >> 28,
        early=_factors(word),
        accumulators=(bits(word, 15, 12),) if accumulates else (),
        results=(Result(bits(word, 19, 16), figures["instruction.multiply_halfword_latency"]),),
        multiplies=True,
    )


def decode_dual_long(word: int, figures: Figures) -> Operation:
    """SMLALxy, SMLALD and SMLSLD: RdHi is needed late, RdLo only behind a multiply."""
    high, low = bits(word, 19, 16), bits(word, 15, 12)
    name = "instruction.multiply_dual_long"
    return Operation(
        figures[f"{name}_issue"],
        word >> 28,
        early=_factors(word),
        late=(high,),
        accumulators=(low,),
        results=(
            Result(low, figures[f"{name}_low_latency"]),
            Result(high, figures[f"{name}_high_latency"]),
        ),
        multiplies=True,
    )


def decode_high(word: int, figures: Figures, *, accumulates: bool) -> Operation:
    """SMMUL, SMMLA and SMMLS."""
    return Operation(
        figures["instruction.multiply_high_issue"],
        word >> 28,
        early=_factors(word),
        late=(bits(word, 15, 12),) if accumulates else (),
        results=(Result(bits(word, 19, 16), figures["instruction.multiply_high_latency"]),),
        multiplies=True,
    )
