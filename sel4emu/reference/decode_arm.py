# SPDX-License-Identifier: BSD-2-Clause
"""ARM instructions as operations: rule 3's table, and rule 5's kinds (ARM ARM A3).

Modelled: every instruction of ARMv6; loads and stores are in `decode_memory`, coprocessors in
`decode_coprocessor` and `decode_vfp`.
Not modelled: UNPREDICTABLE forms, which are taken for their nearest kin.
"""

from sel4emu.reference.decode_coprocessor import decode_coprocessor
from sel4emu.reference.decode_media import decode_media
from sel4emu.reference.decode_memory import (
    decode_block,
    decode_exclusive,
    decode_extra,
    decode_preload,
    decode_return_from_exception,
    decode_single,
    decode_store_return_state,
    decode_swap,
)
from sel4emu.reference.decode_multiply import decode_halfword_multiply, decode_multiply
from sel4emu.reference.operation import (
    LR,
    PC,
    Figures,
    Flow,
    FlowKind,
    Operation,
    Result,
    undefined,
)
from sel4emu.reference.records import Control, Executed, bits

MOV = 13
MVN = 15


def decode_arm(word: int, executed: Executed, control: Control, figures: Figures) -> Operation:
    """The operation that an ARM word stands for; `executed` gives registers and state."""
    if word >> 28 == 15:
        return _unconditional(word, executed, control, figures)
    group = bits(word, 27, 25)
    if group == 0:
        return _group_zero(word, executed, control, figures)
    if group == 1:
        if word & 0x0190_0000 == 0x0100_0000:
            return _msr(word, figures, ()) if word >> 21 & 1 else undefined(word >> 28)
        return _data_processing(word, figures)
    if group == 2 or (group == 3 and not word >> 4 & 1):
        return decode_single(word, executed, control, figures)
    if group == 3:
        return decode_media(word, figures)
    if group == 4:
        return decode_block(word, executed, control, figures)
    if group == 5:
        return _branch(word, call=bool(word >> 24 & 1))
    if group == 7 and word >> 24 & 1:
        return Operation(issue=1, condition=word >> 28)  # SVC
    return decode_coprocessor(word, executed, control, figures)


def _unconditional(word: int, executed: Executed, control: Control, figures: Figures) -> Operation:
    if word & 0xFFF1_FE20 == 0xF100_0000:
        key = "cps_mode_issue" if word >> 17 & 1 else "cps_issue"
        return Operation(issue=figures[f"instruction.{key}"])
    if word & 0xFFFF_FDFF == 0xF101_0000:
        return Operation(issue=figures["instruction.setend_issue"])
    if word & 0xFD70_F000 == 0xF550_F000 and not (word >> 25 & 1 and word >> 4 & 1):
        return decode_preload(word, executed, control, figures)
    if word & 0xFE00_0000 == 0xFA00_0000:
        return _branch(word, call=True)
    if word & 0xFE50_FFFF == 0xF810_0A00:
        return decode_return_from_exception(word, executed, control, figures)
    if word & 0xFE5F_FFE0 == 0xF84D_0500:
        return decode_store_return_state(word, executed, control, figures)
    return undefined()


def _group_zero(word: int, executed: Executed, control: Control, figures: Figures) -> Operation:
    """Multiplies, extra loads and stores, and data processing with registers."""
    if word & 0x90 == 0x90:
        if word & 0x60:
            return decode_extra(word, executed, control, figures)
        if word & 0x0FB0_0FF0 == 0x0100_0090:
            return decode_swap(word, executed, control, figures)
        if word & 0x0FE0_00F0 == 0x0180_0090:
            return decode_exclusive(word, executed, control, figures)
        return decode_multiply(word, figures)
    if word & 0x0190_0000 == 0x0100_0000:
        return _miscellaneous(word, figures)
    return _data_processing(word, figures)


def _miscellaneous(word: int, figures: Figures) -> Operation:
    """What stands where comparisons without flags would."""
    kind, which = bits(word, 7, 4), bits(word, 22, 21)
    if kind == 0 and which & 1:
        return _msr(word, figures, (word & 15,))
    if kind == 0:
        issue, latency = figures["instruction.mrs_issue"], figures["instruction.alu_latency"]
        return Operation(issue, word >> 28, results=_result(bits(word, 15, 12), latency))
    if kind == 1 and which == 3:
        return _plain(word, figures, (word & 15,))  # CLZ
    if kind in {1, 2, 3} and which == 1:
        return _branch_register(word, figures, kind)
    if kind == 5:
        return _saturating_add(word, figures, doubles=bool(which & 2))
    if kind == 7 and which == 1:
        return Operation(issue=1, refused=True)  # BKPT
    if kind & 9 == 8:
        return decode_halfword_multiply(word, figures)
    return undefined(word >> 28)


def _result(register: int, latency: int) -> tuple[Result, ...]:
    return () if register == PC else (Result(register, latency),)


def _plain(word: int, figures: Figures, normal: tuple[int, ...]) -> Operation:
    latency = figures["instruction.alu_latency"]
    results = _result(bits(word, 15, 12), latency)
    return Operation(figures["instruction.alu_issue"], word >> 28, normal, results=results)


def _saturating_add(word: int, figures: Figures, *, doubles: bool) -> Operation:
    """QADD, QSUB; QDADD and QDSUB double Rn first, and need it early."""
    rn, rm = bits(word, 19, 16), word & 15
    return Operation(
        figures["instruction.alu_issue"],
        word >> 28,
        normal=(rm,) if doubles else (rm, rn),
        early=(rn,) if doubles else (),
        results=_result(bits(word, 15, 12), figures["instruction.saturate_latency"]),
    )


def _msr(word: int, figures: Figures, normal: tuple[int, ...]) -> Operation:
    """MSR; without any field it is a hint."""
    fields, spsr = bits(word, 19, 16), word >> 22 & 1
    if not fields:
        return Operation(issue=1, condition=word >> 28)
    if spsr:
        key = "msr_spsr_issue"
    else:
        key = "msr_flags_issue" if fields == 8 else "msr_control_issue"
    flags = not spsr and bool(fields & 8)
    return Operation(figures[f"instruction.{key}"], word >> 28, normal, sets_flags=flags)


def _branch(word: int, *, call: bool) -> Operation:
    """B, BL and BLX with an immediate; only the sign of the offset matters here."""
    flow = Flow(FlowKind.DIRECT, call=call, foldable=not call, backward=bool(word >> 23 & 1))
    return Operation(issue=1, condition=word >> 28, flow=flow)


def _branch_register(word: int, figures: Figures, kind: int) -> Operation:
    """BX (1), BXJ (2) and BLX (3) of a register; BX LR is a return."""
    returns = kind == 1 and word & 15 == LR
    flow = Flow(FlowKind.RETURN if returns else FlowKind.INDIRECT, call=kind == 3)
    failed = figures["branch.static_not_taken"]
    return Operation(1, word >> 28, (word & 15,), flow=flow, failed=failed)


def _data_processing(word: int, figures: Figures) -> Operation:
    """The sixteen opcodes with an immediate, a register, or a register shifted either way."""
    opcode, rd = bits(word, 24, 21), bits(word, 15, 12)
    compares = 8 <= opcode <= 11
    by_register = bits(word, 27, 25) == 0 and bool(word >> 4 & 1)
    first = () if opcode in {MOV, MVN} else (bits(word, 19, 16),)
    normal, early, late = _operands(word, first)
    shift = "_shift_register" if by_register else ""
    return Operation(
        figures[f"instruction.alu{shift}_issue"],
        word >> 28,
        normal,
        early,
        late,
        results=() if compares else _result(rd, figures[f"instruction.alu{shift}_latency"]),
        sets_flags=bool(word >> 20 & 1) and (compares or rd != PC),
        flow=None if compares or rd != PC else _alu_flow(word, figures, shift),
    )


def _operands(
    word: int, first: tuple[int, ...]
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """(normal, early, late) sources of data processing, `first` being Rn if there is one."""
    rm = word & 15
    if word >> 25 & 1:
        return first, (), ()
    if word >> 4 & 1:
        return (rm,), (bits(word, 11, 8),), first
    if word & 0xFE0:
        return first, (rm,), ()
    return (*first, rm), (), ()


def _alu_flow(word: int, figures: Figures, shift: str) -> Flow:
    if word >> 20 & 1:
        return Flow(FlowKind.EXCEPTION_RETURN, figures["branch.exception_return"])
    if word & 0x0FFF_FFFF == 0x01A0_F00E:  # MOV PC, LR
        return Flow(FlowKind.RETURN)
    return Flow(FlowKind.WRITE, figures[f"branch.alu_pc{shift}"])
