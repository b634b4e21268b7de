# SPDX-License-Identifier: BSD-2-Clause
"""VFP instructions as operations (rule 10; ARM ARM C3 and C4).

Modelled: the unit's occupation and the latency of each class; loads, stores and transfers.
Not modelled: vectors of short length, the load/store pipe of its own, exceptions. Registers are
followed as sixteen doubles, so that both singles of a double are one.
"""

from dataclasses import replace
from typing import Final

from sel4emu.reference.decode_memory import (
    confined,
    lowest_address,
    multiple_cycles,
    multiple_delay,
)
from sel4emu.reference.operation import (
    PC,
    VFP_FIRST,
    Access,
    AccessKind,
    Figures,
    Operation,
    Result,
    VfpUse,
    undefined,
)
from sel4emu.reference.records import WORD, Control, Executed, bits

DOUBLES: Final = 11
FPEXC: Final = 8
#: FPSID and FPEXC can be reached while the unit is off.
CONTROL_REGISTERS: Final = frozenset({0, FPEXC})

#: Bits 23, 21, 20 and 6 of an operation.
ACCUMULATES: Final = frozenset({0, 1, 2, 3})
MULTIPLIES: Final = frozenset({0, 1, 2, 3, 4, 5})
DIVIDE: Final = 8
EXTENSION: Final = 15
#: (Fn field, bit 7) of extensions: one operand; comparisons.
SQUARE_ROOT: Final = (1, 1)
ONE_OPERAND: Final = frozenset({SQUARE_ROOT, (1, 0), (7, 1)}) | {
    (function, bit) for function in (0, 8, 12, 13) for bit in (0, 1)
}
COMPARE: Final = frozenset({(4, 0), (4, 1)})
COMPARE_ZERO: Final = frozenset({(5, 0), (5, 1)})


def decode_vfp(word: int, executed: Executed, control: Control, figures: Figures) -> Operation:
    """The operation of an instruction of coprocessors 10 and 11."""
    if bits(word, 27, 24) == 14:
        if word >> 4 & 1:
            return _transfer(word, executed, figures)
        return _arithmetic(word, figures)
    if word & 0x0FE0_0000 == 0x0C40_0000:
        return _pair(word, figures)
    return _load_store(word, executed, control, figures)


def _double(field: int) -> int:
    """The double that a register field names, or whose half it names."""
    return VFP_FIRST + field


def _figures_of(word: int, opcode: int, figures: Figures) -> tuple[int, int]:
    """(cycles the unit is busy, latency) of an operation."""
    doubles = bits(word, 11, 8) == DOUBLES
    roots = opcode == EXTENSION and (bits(word, 19, 16), word >> 7 & 1) == SQUARE_ROOT
    if opcode == DIVIDE or roots:
        size = "double" if doubles else "single"
        return figures[f"vfp.divide_{size}_busy"], figures[f"vfp.divide_{size}_latency"]
    if doubles and opcode in MULTIPLIES:
        return figures["vfp.double_multiply_busy"], figures["vfp.double_multiply_latency"]
    return figures["vfp.issue_busy"], figures["vfp.latency"]


def _arithmetic(word: int, figures: Figures) -> Operation:
    opcode = (word >> 23 & 1) << 3 | bits(word, 21, 20) << 1 | word >> 6 & 1
    dd, dn, dm = (_double(field) for field in (bits(word, 15, 12), bits(word, 19, 16), word & 15))
    busy, latency = _figures_of(word, opcode, figures)
    use = VfpUse(busy, latency)
    operation = Operation(1, word >> 28, (dn, dm), results=(Result(dd, latency),), vfp=use)
    if opcode in ACCUMULATES:
        return replace(operation, normal=(dn, dm, dd))
    if opcode <= DIVIDE:
        return operation
    extension = (bits(word, 19, 16), word >> 7 & 1)
    if opcode != EXTENSION:
        return undefined(word >> 28)
    if extension in ONE_OPERAND:
        return replace(operation, normal=(dm,))
    if extension in COMPARE | COMPARE_ZERO:
        return replace(operation, normal=(dd, dm) if extension in COMPARE else (dd,), results=())
    return undefined(word >> 28)


def _to_arm(
    word: int, figures: Figures, registers: tuple[int, ...], source: int | None, use: VfpUse
) -> Operation:
    latency = figures["instruction.coprocessor_read_latency"]
    return Operation(
        figures["instruction.coprocessor_read_issue"],
        word >> 28,
        normal=() if source is None else (source,),
        results=tuple(Result(register, latency) for register in registers if register != PC),
        sets_flags=PC in registers,
        vfp=use,
    )


def _from_arm(
    word: int, figures: Figures, registers: tuple[int, ...], target: int | None, use: VfpUse
) -> Operation:
    latency = figures["vfp.from_arm_latency"]
    return Operation(
        figures["instruction.coprocessor_write_issue"],
        word >> 28,
        normal=registers,
        results=() if target is None else (Result(target, latency),),
        vfp=use,
    )


def _transfer(word: int, executed: Executed, figures: Figures) -> Operation:
    """FMSR, FMDLR, FMDHR, FMXR and the ways back; FMSTAT is FMRX to PC."""
    opcode, rd, field = bits(word, 23, 21), bits(word, 15, 12), bits(word, 19, 16)
    reads, doubles = bool(word >> 20 & 1), bits(word, 11, 8) == DOUBLES
    if opcode == 7 and not doubles:
        value = executed.value(rd) if not reads and field == FPEXC else None
        use = VfpUse(
            waits_for_last=reads and rd == PC,
            enable=value,
            control_only=field in CONTROL_REGISTERS,
        )
        if reads:
            return _to_arm(word, figures, (rd,), None, use)
        return _from_arm(word, figures, (rd,), None, use)
    if opcode != 0 and not (opcode == 1 and doubles):
        return undefined(word >> 28)
    if reads:
        return _to_arm(word, figures, (rd,), _double(field), VfpUse())
    return _from_arm(word, figures, (rd,), _double(field), VfpUse())


def _pair(word: int, figures: Figures) -> Operation:
    """FMDRR, FMSRR and the ways back; the pair of singles counts as the first one's double."""
    if word & 0xD0 != 0x10:
        return undefined(word >> 28)
    registers = (bits(word, 15, 12), bits(word, 19, 16))
    double = _double(word & 15)
    if word >> 20 & 1:
        return _to_arm(word, figures, registers, double, VfpUse())
    return _from_arm(word, figures, registers, double, VfpUse())


def _words(word: int) -> tuple[int, ...]:
    """The double that each transferred word belongs to."""
    first, count = bits(word, 15, 12), word & 0xFF
    single = word >> 24 & 1 and not word >> 21 & 1
    if bits(word, 11, 8) == DOUBLES:
        pairs = 1 if single else count // 2
        return tuple(_double(first + i // 2) for i in range(2 * pairs) if first + i // 2 < 16)
    start = first << 1 | word >> 22 & 1
    singles = 1 if single else count
    return tuple(_double((start + i) // 2) for i in range(singles) if start + i < 32)


def _load_store(word: int, executed: Executed, control: Control, figures: Figures) -> Operation:
    """FLDS, FLDD, FLDM and their stores; one register counts as a list of its words."""
    pre, up, writes = (bool(word >> bit & 1) for bit in (24, 23, 21))
    loads, base = bool(word >> 20 & 1), bits(word, 19, 16)
    words = _words(word)
    if (pre and up and writes) or (not pre and not up) or not words:
        return undefined(word >> 28)
    if pre and not writes:
        offset = 4 * (word & 0xFF)
        raw = executed.value(base) + (offset if up else -offset) & WORD
    else:
        raw = lowest_address(word, executed.value(base), word & 0xFF)
    kind = AccessKind.LOAD if loads else AccessKind.STORE
    listed = tuple(dict.fromkeys(words))
    latency, lock = figures["vfp.load_latency"], figures["load_store.lock_first"]
    return Operation(
        figures["load_store.issue"],
        word >> 28,
        normal=() if loads else listed,
        address=(base,),
        whole_list=listed if loads and not (pre and not writes) else (),
        results=tuple(
            Result(register, latency + multiple_delay(raw, i), loaded=True)
            for i, register in enumerate(words)
        )
        if loads
        else (),
        writeback=(base,) if writes else (),
        locks=() if loads else tuple((r, lock + (i + 1) // 2) for i, r in enumerate(words)),
        access=Access(kind, raw & ~3, 4 * len(words), raw, confined(control)),
        memory_cycles=multiple_cycles(raw, len(words)),
        vfp=VfpUse(),
    )
