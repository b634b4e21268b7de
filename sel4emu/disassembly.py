# SPDX-License-Identifier: BSD-2-Clause
"""Instructions as text, for reports and listings (the only place that imports capstone)."""

from typing import Final

import capstone

_ARM: Final = capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_ARM)
_THUMB: Final = capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB)


def mnemonic(word: int, address: int = 0) -> str:
    """The lower-case mnemonic of an ARM instruction word, or "" if it is none."""
    for instruction in _ARM.disasm(word.to_bytes(4, "little"), address):
        return str(instruction.mnemonic)
    return ""


def disassemble(word: int, address: int, *, thumb: bool = False) -> str:
    """The instruction as text, or "" if capstone knows none."""
    engine = _THUMB if thumb else _ARM
    for instruction in engine.disasm(word.to_bytes(4, "little"), address, 1):
        return f"{instruction.mnemonic} {instruction.op_str}".strip()
    return ""


def describe_instruction(word: int, address: int, *, thumb: bool = False) -> str:
    """The instruction's encoding and, where it is known, its text."""
    digits = f"0x{word & 0xFFFF:04x}" if thumb else f"0x{word:08x}"
    text = disassemble(word, address, thumb=thumb)
    return f"{digits} ({text})" if text else digits
