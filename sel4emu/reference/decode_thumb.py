# SPDX-License-Identifier: BSD-2-Clause
"""Thumb instructions as the ARM words of the same meaning (ARM ARM A6 and A7).

Modelled: every Thumb instruction of ARMv6 except the pair BL/BLX, which the model splits; what
has no influence on time (an immediate operand, a branch's distance) is left out of the word.
Not modelled: nothing else; an undefined halfword gives None.
"""

from typing import Final

from sel4emu.reference.records import bits

ALWAYS: Final = 0xE000_0000
SET_FLAGS: Final = 1 << 20
LOAD: Final = 1 << 20
WRITE_BACK: Final = 1 << 21
SP: Final = 13
PC: Final = 15
LR: Final = 14

#: Opcodes of data processing.
SUB, RSB, ADD, CMP, MOV = 2, 3, 4, 10, 13
#: The ALU group: opcode, for shifts by a register the shift, and the two that read otherwise.
ALU: Final[tuple[int | str, ...]] = (
    0, 1, "lsl", "lsr", "asr", 5, 6, "ror", 8, "neg", 10, 11, 12, "mul", 14, 15,
)  # fmt: skip
SHIFTS: Final = {"lsl": 0, "lsr": 1, "asr": 2, "ror": 3}

STR_WORD: Final = 0xE580_0000
STRB: Final = 0xE5C0_0000
STRH: Final = 0xE1C0_00B0
#: Register offsets, bits 11 to 9: STR, STRH, STRB, LDRSB, LDR, LDRH, LDRB, LDRSH.
REGISTER_FORMS: Final = (
    0xE780_0000, 0xE180_00B0, 0xE7C0_0000, 0xE190_00D0,
    0xE790_0000, 0xE190_00B0, 0xE7D0_0000, 0xE190_00F0,
)  # fmt: skip
#: SXTH, SXTB, UXTH, UXTB; REV, REV16, none, REVSH.
EXTENSIONS: Final = (0xE6BF_0070, 0xE6AF_0070, 0xE6FF_0070, 0xE6EF_0070)
REVERSALS: Final = (0xE6BF_0F30, 0xE6BF_0FB0, None, 0xE6FF_0FB0)


def _processing(opcode: int, rd: int, rn: int, rest: int, *, flags: bool = True) -> int:
    compares = 8 <= opcode <= 11
    s = SET_FLAGS if flags or compares else 0
    return ALWAYS | opcode << 21 | s | rn << 16 | (0 if compares else rd) << 12 | rest


def arm_equivalent(half: int) -> int | None:
    """The ARM word that costs what a Thumb halfword costs; None if it is undefined."""
    group = half >> 13
    if group == 0:
        return _shift_or_add(half)
    if group == 1:
        opcode = (MOV, CMP, ADD, SUB)[bits(half, 12, 11)]
        rd = bits(half, 10, 8)
        return _processing(opcode, rd, 0 if opcode == MOV else rd, 1 << 25 | half & 0xFF)
    if group == 2:
        return _group_two(half)
    if group == 3:
        return _immediate_offset(half)
    if group == 4:
        return _halfword_or_stack(half)
    if group == 5:
        return _miscellaneous(half)
    if group == 6:
        return _multiple_or_branch(half)
    return ALWAYS | 0x0A00_0000 | (half & 0x400) << 13 if half >> 11 == 0x1C else None


def _shift_or_add(half: int) -> int:
    rd, rm = half & 7, bits(half, 5, 3)
    kind = bits(half, 12, 11)
    if kind != 3:
        return _processing(MOV, rd, 0, bits(half, 10, 6) << 7 | kind << 5 | rm)
    opcode = SUB if half >> 9 & 1 else ADD
    third = bits(half, 8, 6)
    return _processing(opcode, rd, rm, 1 << 25 | third if half >> 10 & 1 else third)


def _group_two(half: int) -> int | None:
    """The ALU group, high registers, literals and register offsets."""
    if half >> 10 == 0x10:
        return _alu(half)
    if half >> 10 == 0x11:
        return _high_registers(half)
    if half >> 11 == 9:
        return STR_WORD | LOAD | PC << 16 | bits(half, 10, 8) << 12 | (half & 0xFF) << 2
    form = REGISTER_FORMS[bits(half, 11, 9)]
    return form | bits(half, 5, 3) << 16 | (half & 7) << 12 | bits(half, 8, 6)


def _alu(half: int) -> int:
    rd, rm = half & 7, bits(half, 5, 3)
    opcode = ALU[bits(half, 9, 6)]
    if opcode == "mul":
        return 0xE010_0090 | rd << 16 | rd << 8 | rm
    if opcode == "neg":
        return _processing(RSB, rd, rm, 1 << 25)
    if isinstance(opcode, str):
        return _processing(MOV, rd, 0, rm << 8 | SHIFTS[opcode] << 5 | 1 << 4 | rd)
    return _processing(opcode, rd, rd if opcode != 15 else 0, rm)


def _high_registers(half: int) -> int:
    """ADD, CMP and MOV of any register, BX and BLX."""
    rd, rm = (half >> 4 & 8) | half & 7, bits(half, 6, 3)
    kind = bits(half, 9, 8)
    if kind == 3:
        return (0xE12F_FF30 if half >> 7 & 1 else 0xE12F_FF10) | rm
    opcode = (ADD, CMP, MOV)[kind]
    return _processing(opcode, rd, 0 if opcode == MOV else rd, rm, flags=False)


def _immediate_offset(half: int) -> int:
    """LDR, STR, LDRB, STRB with five bits of offset."""
    offset, registers = bits(half, 10, 6), bits(half, 5, 3) << 16 | (half & 7) << 12
    load = LOAD if half >> 11 & 1 else 0
    if half >> 12 & 1:
        return STRB | load | registers | offset
    return STR_WORD | load | registers | offset << 2


def _halfword_or_stack(half: int) -> int:
    load = LOAD if half >> 11 & 1 else 0
    if half >> 12 & 1:
        return STR_WORD | load | SP << 16 | bits(half, 10, 8) << 12 | (half & 0xFF) << 2
    offset = bits(half, 10, 6) << 1
    split = (offset & 0xF0) << 4 | offset & 15
    return STRH | load | bits(half, 5, 3) << 16 | (half & 7) << 12 | split


def _miscellaneous(half: int) -> int | None:
    """ADD to PC or SP, stack adjustment, PUSH, POP, extension, reversal, CPS, SETEND, BKPT."""
    if not half >> 12 & 1:
        base = SP if half >> 11 & 1 else PC
        return _processing(ADD, bits(half, 10, 8), base, 1 << 25 | half & 0xFF, flags=False)
    kind = bits(half, 11, 8)
    if kind == 0:
        opcode = SUB if half >> 7 & 1 else ADD
        return _processing(opcode, SP, SP, 1 << 25 | half & 0x7F, flags=False)
    if kind == 2:
        return EXTENSIONS[bits(half, 7, 6)] | (half & 7) << 12 | bits(half, 5, 3)
    if kind in {4, 5}:
        return 0xE92D_0000 | half & 0xFF | (half & 0x100) << 6
    if kind in {12, 13}:
        return 0xE8BD_0000 | half & 0xFF | (half & 0x100) << 7
    if kind == 10:
        form = REVERSALS[bits(half, 7, 6)]
        return None if form is None else form | (half & 7) << 12 | bits(half, 5, 3)
    if half & 0xFFF7 == 0xB650:
        return 0xF101_0000 | (half & 8) << 6
    if half & 0xFFE8 == 0xB660:
        return 0xF108_0000 | (half & 0x10) << 14 | (half & 7) << 6
    return 0xE120_0070 if kind == 14 else None


def _multiple_or_branch(half: int) -> int | None:
    """LDMIA, STMIA, conditional branches and SVC."""
    if not half >> 12 & 1:
        rn, load = bits(half, 10, 8), LOAD if half >> 11 & 1 else 0
        back = 0 if load and half >> rn & 1 else WRITE_BACK
        return 0xE880_0000 | load | back | rn << 16 | half & 0xFF
    condition = bits(half, 11, 8)
    if condition == 14:
        return None
    if condition == 15:
        return ALWAYS | 0x0F00_0000
    return condition << 28 | 0x0A00_0000 | (half & 0x80) << 16
