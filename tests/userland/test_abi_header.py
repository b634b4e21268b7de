# SPDX-License-Identifier: BSD-2-Clause
"""The generated header says what kernel.abi says."""

import re
from pathlib import Path

import pytest

from kernel import abi
from userland.abi_header import ENUM_PREFIXES, abi_header
from userland.build import INCLUDE


@pytest.fixture
def macros() -> dict[str, int]:
    """The header read back: macro name to value, as a C compiler would read the literal."""
    pattern = r"^#define (\w+) \(?(-?\w+?)u?\)?$"
    return {name: int(text, 0) for name, text in re.findall(pattern, abi_header(), re.MULTILINE)}


def test_every_line_is_read_back(macros: dict[str, int]) -> None:
    """No macro is written twice or in a form that the other tests would not see."""
    assert len(macros) == abi_header().count("#define ")


def test_integers_agree(macros: dict[str, int]) -> None:
    """Every integer of kernel.abi is there with its value."""
    integers = {f"ABI_{name}": value for name, value in vars(abi).items()
                if name.isupper() and type(value) is int}  # fmt: skip
    assert integers
    assert integers.items() <= macros.items()


def test_enumerations_agree(macros: dict[str, int]) -> None:
    """Every member of every enumeration of kernel.abi is there with its value."""
    enums = {value for value in vars(abi).values()
             if isinstance(value, type) and value.__module__ == abi.__name__}  # fmt: skip
    assert {enum for enum, _ in ENUM_PREFIXES} == enums
    for enum, prefix in ENUM_PREFIXES:
        for member in enum:
            assert macros[f"{prefix}_{member.name}"] == member


def test_context_order_agrees(macros: dict[str, int]) -> None:
    """The index of each register in a context is that of the TCB methods."""
    for index, register in enumerate(abi.CONTEXT_REGISTERS):
        assert macros[f"ABI_CONTEXT_{register.upper()}"] == index


def _headers() -> list[Path]:
    return sorted((INCLUDE / "sel4").glob("*.h"))


def test_headers_type_no_system_call_number() -> None:
    """System call numbers and labels come from the generated header alone."""
    for header in _headers():
        text = header.read_text(encoding="ascii")
        assert not re.search(r"\b(?:ABI_\w+\s+\d|swi\s+[#\d])", text), header.name
