# SPDX-License-Identifier: BSD-2-Clause
"""Instructions as text."""

from sel4emu.disassembly import describe_instruction, disassemble, mnemonic


def test_arm_and_thumb() -> None:
    """The text of an instruction in both states; branches show their target."""
    assert disassemble(0xE3A0_0005, 0) == "mov r0, #5"
    assert disassemble(0x2005, 0, thumb=True) == "movs r0, #5"
    assert disassemble(0xEAFF_FFFE, 0x8000_0000) == "b #0x80000000"


def test_unknown_words() -> None:
    """No text for what is no instruction; its digits all the same."""
    assert disassemble(0xFFFF_FFFF, 0) == mnemonic(0xFFFF_FFFF) == ""
    assert describe_instruction(0xFFFF_FFFF, 0) == "0xffffffff"


def test_description() -> None:
    """Digits as wide as the instruction, and the text behind."""
    assert describe_instruction(0xE3A0_0005, 0) == "0xe3a00005 (mov r0, #5)"
    assert describe_instruction(0xBF00_2005, 0, thumb=True) == "0x2005 (movs r0, #5)"
    assert mnemonic(0x13A0_0005) == "movne"
