# SPDX-License-Identifier: BSD-2-Clause
"""Thumb halfwords beside the ARM words that cost the same, typed by hand."""

import pytest

from sel4emu.reference.decode_thumb import arm_equivalent

PAIRS = [
    (0x0000, 0xE1B0_0000),  # lsls r0, r0, #0
    (0x00D1, 0xE1B0_1182),  # lsls r1, r2, #3
    (0x1891, 0xE092_1002),  # adds r1, r2, r2
    (0x1E51, 0xE252_1001),  # subs r1, r2, #1
    (0x2105, 0xE3B0_1005),  # movs r1, #5
    (0x2905, 0xE351_0005),  # cmp r1, #5
    (0x4011, 0xE011_1002),  # ands r1, r2
    (0x4091, 0xE1B0_1211),  # lsls r1, r2
    (0x4251, 0xE272_1000),  # rsbs r1, r2, #0
    (0x4351, 0xE011_0192),  # muls r1, r2, r1
    (0x4291, 0xE151_0002),  # cmp r1, r2
    (0x43D1, 0xE1F0_1002),  # mvns r1, r2
    (0x4488, 0xE088_8001),  # add r8, r1
    (0x46F7, 0xE1A0_F00E),  # mov pc, lr
    (0x4770, 0xE12F_FF1E),  # bx lr
    (0x4788, 0xE12F_FF31),  # blx r1
    (0x4902, 0xE59F_1008),  # ldr r1, [pc, #8]
    (0x50D1, 0xE782_1003),  # str r1, [r2, r3]
    (0x56D1, 0xE192_10D3),  # ldrsb r1, [r2, r3]
    (0x5ED1, 0xE192_10F3),  # ldrsh r1, [r2, r3]
    (0x6851, 0xE592_1004),  # ldr r1, [r2, #4]
    (0x7051, 0xE5C2_1001),  # strb r1, [r2, #1]
    (0x8C11, 0xE1D2_12B0),  # ldrh r1, [r2, #32]
    (0x9901, 0xE59D_1004),  # ldr r1, [sp, #4]
    (0xB211, 0xE6BF_1072),  # sxth r1, r2
    (0xBA11, 0xE6BF_1F32),  # rev r1, r2
    (0xBAD1, 0xE6FF_1FB2),  # revsh r1, r2
    (0xB502, 0xE92D_4002),  # push {r1, lr}
    (0xBD02, 0xE8BD_8002),  # pop {r1, pc}
    (0xB672, 0xF10C_0080),  # cpsid i
    (0xB658, 0xF101_0200),  # setend be
    (0xC206, 0xE8A2_0006),  # stmia r2!, {r1, r2}
    (0xCA06, 0xE892_0006),  # ldmia r2, {r1, r2}: the base is loaded
    (0xCA03, 0xE8B2_0003),  # ldmia r2!, {r0, r1}
    (0xD0FE, 0x0A80_0000),  # beq backward
    (0xE001, 0xEA00_0000),  # b forward
    (0xDF01, 0xEF00_0000),  # svc
]


@pytest.mark.parametrize(("half", "word"), PAIRS, ids=[f"{half:04x}" for half, _ in PAIRS])
def test_equivalents(half: int, word: int) -> None:
    """A halfword stands for the ARM instruction of the same meaning."""
    assert arm_equivalent(half) == word


@pytest.mark.parametrize("half", [0xDE00, 0xB100, 0xBA80, 0xE800, 0xBF00])
def test_undefined(half: int) -> None:
    """What ARMv6's Thumb leaves undefined has no equivalent."""
    assert arm_equivalent(half) is None


def test_every_halfword_decodes() -> None:
    """No halfword makes the decoder fail; those behind the last branches are pairs."""
    words = [arm_equivalent(half) for half in range(1 << 16)]
    assert all(word is None or 0 <= word < 1 << 32 for word in words)
    assert all(word is None for word in words[0xE800:])
