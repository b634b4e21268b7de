# SPDX-License-Identifier: BSD-2-Clause
"""The assembler: ARM source text to bytes and label addresses (the only import of keystone).

Keystone accepts instructions that an ARM1136 does not have, and returns no symbol addresses.
Both gaps are closed here: each word is checked against the core, and a table of all labels is
assembled behind the code and read back.
"""

import contextlib
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import keystone

from sel4emu.disassembly import mnemonic

_LABEL: Final = re.compile(r"^\s*([A-Za-z_]\w*):", re.MULTILINE)
_NAME: Final = re.compile(r"\b[A-Za-z_]\w*\b")
_COMMENT: Final = re.compile(r"@.*$", re.MULTILINE)
#: Behind the source, where its pending literals are put, and behind those the table of labels.
_END: Final = "assembler_end_of_source"

#: Mnemonics of ARMv6K, ARMv6T2 and ARMv7, which a plain ARMv6 core has not.
_LATER: Final = frozenset(
    {
        "movw", "movt", "ubfx", "sbfx", "bfi", "bfc", "mls", "rbit", "sdiv", "udiv",
        "dmb", "dsb", "isb", "clrex", "ldrexb", "ldrexh", "ldrexd", "strexb", "strexh", "strexd",
        "ldrht", "ldrsht", "ldrsbt", "strht", "wfi", "wfe", "sev", "yield", "pli", "dbg", "smc",
    }
)  # fmt: skip
_STRING_OR_DECIMAL: Final = re.compile(r'"[^"\n]*"|(?<![\w.])[1-9]\d+(?![\w.])')
#: A `bl` to itself: what keystone makes of `bleq label`, whatever the label.
_LOST_CALL: Final = 0x0BFF_FFFE
_ALWAYS: Final = 14
_CONDITION: Final = re.compile(r"(eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)$")


class AssemblyError(Exception):
    """The source does not assemble, or uses an instruction that the core lacks."""


@dataclass(frozen=True)
class Assembly:
    """Assembled code: `code` starts at `address`; `labels` are addresses by name."""

    address: int
    code: bytes
    labels: Mapping[str, int]
    source: str

    @cached_property
    def end(self) -> int:
        """Address behind the last byte."""
        return self.address + len(self.code)

    def word(self, address: int) -> int:
        """The word at an address inside the code."""
        offset = address - self.address
        return int.from_bytes(self.code[offset : offset + 4], "little")


def labels_of(source: str) -> list[str]:
    """The labels that a source defines, in order."""
    return _LABEL.findall(_COMMENT.sub("", source))


def _substitute(source: str, constants: Mapping[str, int]) -> str:
    """The source with the constants' numbers in place of their names, and without comments.

    An `.equ` would do, but for a symbol keystone picks encodings (movw) that this core lacks.
    """

    def number(match: re.Match[str]) -> str:
        name = match.group()
        return str(constants[name]) if name in constants else name

    text = _NAME.sub(number, _COMMENT.sub("", source))
    return _STRING_OR_DECIMAL.sub(_in_hexadecimal, text)


def _in_hexadecimal(match: re.Match[str]) -> str:
    """A decimal number with its base; a string as it is.

    Keystone has been seen to read every number of a process to another base than ten.
    """
    text = match.group()
    return hex(int(text)) if text.isdecimal() else text


@contextlib.contextmanager
def _no_standard_error() -> Iterator[None]:
    """Keystone prints a warning for every CP15 barrier, on the process's own standard error."""
    sys.stderr.flush()
    saved = os.dup(2)
    with Path(os.devnull).open("w") as null:
        os.dup2(null.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


def assemble(source: str, address: int, constants: Mapping[str, int] | None = None) -> Assembly:
    """Assemble ARM code to run at `address` (word aligned).

    `constants` are names that the source may use. Raises AssemblyError with the reason, for an
    instruction beyond ARMv6 too. Data words that look like one are told apart by `.word` being
    placed behind the label `literals` or later.
    """
    labels = labels_of(source)
    table = "".join(f".word {label}\n" for label in (*labels, _END))
    # Without a place for them here, keystone would put pending literals behind the table.
    text = f"{_substitute(source, constants or {})}\n{_END}:\n.ltorg\n.align 2\n{table}"
    engine = keystone.Ks(keystone.KS_ARCH_ARM, keystone.KS_MODE_ARM)
    try:
        with _no_standard_error():
            encoded, _count = engine.asm(text, address, as_bytes=True)
    except keystone.KsError as error:
        raise AssemblyError(f"keystone refuses the source: {error}") from error
    if encoded is None:
        raise AssemblyError("keystone gives no code: an instruction is unpredictable or unknown")
    size = len(encoded) - 4 * (len(labels) + 1)
    words = [int.from_bytes(encoded[n : n + 4], "little") for n in range(size, len(encoded), 4)]
    *addresses, end = words
    assembly = Assembly(address, encoded[:size], dict(zip(labels, addresses, strict=True)), source)
    _check_instructions(assembly, min(end, assembly.labels.get("literals", end)))
    return assembly


def _check_instructions(assembly: Assembly, end: int) -> None:
    for address in range(assembly.address, end & ~3, 4):
        word = assembly.word(address)
        if word & 0x0FFF_FFFF == _LOST_CALL and word >> 28 < _ALWAYS:
            raise AssemblyError(f"0x{address:08x}: keystone loses the target of a conditional bl")
        name = mnemonic(word, address).partition(".")[0]
        if name in _LATER or _CONDITION.sub("", name) in _LATER:
            raise AssemblyError(f"0x{address:08x}: {name} does not exist on an ARM1136")
