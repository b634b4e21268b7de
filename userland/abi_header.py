# SPDX-License-Identifier: BSD-2-Clause
"""Writes `sel4/abi_generated.h`: every number of `kernel.abi` as a C macro.

The C library never types a number of the binary interface; it names these macros, and asserts
the offsets of its structures against them at compile time.
"""

from collections.abc import Iterator
from enum import IntEnum
from typing import Final

from kernel import abi

HEADER_NAME: Final = "sel4/abi_generated.h"

#: The enumerations of `kernel.abi` and the prefix that their members get in C.
ENUM_PREFIXES: Final[tuple[tuple[type[IntEnum], str], ...]] = (
    (abi.Syscall, "ABI_SYS"),
    (abi.ObjectType, "ABI_OBJECT"),
    (abi.Label, "ABI_LABEL"),
    (abi.Error, "ABI_ERROR"),
    (abi.LookupFailure, "ABI_LOOKUP"),
    (abi.Fault, "ABI_FAULT"),
    (abi.CapTag, "ABI_TAG"),
    (abi.InitialCap, "ABI_CAP"),
)


def abi_macros() -> Iterator[tuple[str, int]]:
    """Every (macro name, value), in the order of `kernel.abi`; enumerations come last.

    `ABI_CONTEXT_<REGISTER>` is the index of a register in `seL4_UserContext`.
    """
    for name, value in vars(abi).items():
        if name.isupper() and type(value) is int:
            yield f"ABI_{name}", value
    for index, register in enumerate(abi.CONTEXT_REGISTERS):
        yield f"ABI_CONTEXT_{register.upper()}", index
    for enum, prefix in ENUM_PREFIXES:
        for member in enum:
            yield f"{prefix}_{member.name}", int(member)


def _literal(value: int) -> str:
    """A literal that means the same in C and (below 2^31) in assembly."""
    if value < 0:
        return f"({value})"
    return str(value) if value < 1 << 16 else f"{value:#x}{'u' if value >= 1 << 31 else ''}"


def abi_header() -> str:
    """The text of the generated header."""
    lines = [
        "/* SPDX-License-Identifier: BSD-2-Clause */",
        "/* Generated from kernel/abi.py when an image is built: do not edit. */",
        "#pragma once",
        "",
    ]
    lines += [f"#define {name} {_literal(value)}" for name, value in abi_macros()]
    return "\n".join(lines) + "\n"
