# SPDX-License-Identifier: BSD-2-Clause
"""docs/SYSCALLS.md says what the kernel does: numbers, arguments, and errors in their order."""

import re
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from kernel import abi
from kernel.abi import Error, Label, Syscall
from kernel.api.errors import SyscallError
from kernel.api.names import LABEL_NAMES, camel_name, syscall_name
from tests.kernel.requirements.refusals import REFUSALS, SUCCESSES, Row
from tests.kernel.requirements.stage import Stage

PAGE: Final = Path(__file__).parents[3] / "docs" / "SYSCALLS.md"

#: An entry of a list of errors: a name in backquotes, or a link to the lookup of a slot.
ERROR_ITEM: Final = r"^\d+\. (?:`(\w+)[^`]*`|\[([a-z ]+)\])"


class Method(NamedTuple):
    """One method as the page has it."""

    number: int
    words: list[str]
    caps: list[str]
    errors: list[str]


def _text() -> str:
    return PAGE.read_text(encoding="utf-8")


def _methods() -> dict[str, Method]:
    section = re.compile(r"^### (\w+)\n\nLabel (\d+), (.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
    return {
        name: Method(
            int(number),
            re.findall(r"^\| MR([\d.]+) \|", body, re.MULTILINE),
            re.findall(r"^\| cap (\d+) \|", body, re.MULTILINE),
            ["".join(item) for item in re.findall(ERROR_ITEM, body, re.MULTILINE)],
        )
        for name, number, body in section.findall(_text())
    }


METHODS: Final = _methods()


def test_every_label_has_its_section() -> None:
    """Each label stands under its name with its number, and nothing else does."""
    expected = {name: int(label) for label, name in LABEL_NAMES.items() if label}
    assert {name: method.number for name, method in METHODS.items()} == expected


def test_every_system_call_has_its_row() -> None:
    """Each system call stands in the table with its number, and nothing else does."""
    rows = re.findall(r"^\| (\w+) \| (-\d+) \|", _text(), re.MULTILINE)
    assert {name: int(number) for name, number in rows} == {
        syscall_name(number): int(number) for number in Syscall
    }


def test_every_error_has_its_row() -> None:
    """Each error stands in the table with its number, and nothing else does."""
    rows = re.findall(r"^\| (\w+) \| (\d+) \|", _text(), re.MULTILINE)
    assert {name: int(number) for name, number in rows} == {
        camel_name(error): int(error) for error in Error
    }


@pytest.mark.parametrize("label", list(LABEL_NAMES)[1:], ids=lambda label: label.name)
def test_errors_in_the_order_of_checking(label: Label) -> None:
    """The list of errors is that of the table of refusals, entry by entry."""
    expected = [
        camel_name(entry.error) if isinstance(entry, Row) else entry.kind
        for entry in REFUSALS.get(label, ())
    ]
    assert METHODS[LABEL_NAMES[label]].errors == expected


def _refusal(stage: Stage, label: Label, words: int, caps: int) -> Error:
    """What the good call answers when it is cut to so many words and capabilities."""
    call = SUCCESSES[label]
    try:
        stage.decode(call.target, label, call.words[:words], call.caps[:caps])
    except SyscallError as error:
        return error.error
    return Error.NO_ERROR


@pytest.mark.parametrize("label", list(SUCCESSES), ids=lambda label: label.name)
def test_arguments_by_slot(stage: Stage, label: Label) -> None:
    """So many words and capabilities are enough, and one less of either is too few."""
    method = METHODS[LABEL_NAMES[label]]
    fixed = [word for word in method.words if word.isdigit()]
    assert fixed == [str(n) for n in range(len(fixed))]
    assert method.caps == [str(n) for n in range(len(method.caps))]
    call = SUCCESSES[label]
    words, caps = len(call.words), len(call.caps)
    assert words == len(fixed) or len(method.words) > len(fixed)
    assert caps == len(method.caps)
    assert _refusal(stage, label, words, caps) == Error.NO_ERROR
    if words:
        assert _refusal(stage, label, words - 1, caps) == Error.TRUNCATED_MESSAGE
    if caps:
        assert _refusal(stage, label, words, caps - 1) == Error.TRUNCATED_MESSAGE


def test_numbers_in_the_text() -> None:
    """The bounds and offsets that the page names are those of the interface."""
    text = " ".join(_text().split())
    for sentence in (
        f"MR{abi.MSG_REGISTERS} to MR{abi.MSG_MAX_LENGTH - 1}",
        f"at bytes {abi.IPC_MSG} + 4n and {abi.IPC_CAPS_OR_BADGES} + 4n",
        f"not from 1 to {abi.RETYPE_MAX_OBJECTS}",
        f"`size_bits` is above {abi.UNTYPED_MAX_BITS}",
        f"not from 1 to {len(abi.CONTEXT_REGISTERS)}",
        f"not a multiple of {1 << abi.IPC_BUFFER_BITS}",
    ):
        assert sentence in text, sentence
