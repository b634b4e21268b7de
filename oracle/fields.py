# SPDX-License-Identifier: BSD-2-Clause
"""An outcome as fields with names, for golden data, comparisons and reports."""

from collections.abc import Iterator, Mapping
from typing import Final

from oracle.outcome import Ending, Outcome

#: A field's value: a word, or text (the console, the ending).
Value = int | str
Fields = Mapping[str, Value]

_FIQ_BANK: Final = tuple(f"r{number}" for number in range(8, 13))
#: The words of the dump at STATE, in the order in which `runtime.s` writes them.
STATE_NAMES: Final = (
    *(f"r{number}" for number in range(13)), "sp", "lr", "cpsr",
    *(f"{name}_usr" for name in (*_FIQ_BANK, "sp", "lr")),
    *(f"{name}_{mode}" for mode in ("svc", "abt", "und", "irq") for name in ("sp", "lr", "spsr")),
    *(f"{name}_fiq" for name in (*_FIQ_BANK, "sp", "lr", "spsr")),
    "sctlr", "actlr", "cpacr", "ttbr0", "ttbr1", "ttbcr", "dacr", "dfsr", "ifsr", "far",
    "fcse", "contextidr", "fpexc", "fpscr",
    *(f"s{number}" for number in range(32)),
)  # fmt: skip
#: The words of one exception in the log.
LOG_NAMES: Final = ("kind", "lr", "spsr", "cpsr", "dfsr", "ifsr", "far", "r12")


def fields_of(outcome: Outcome) -> dict[str, Value]:
    """Every field that is not zero or empty, by name: "result[3]", "log[0].far", "r0"."""
    fields: dict[str, Value] = {"ending": outcome.ending.value}
    if outcome.console:
        fields["console"] = outcome.console.decode("latin-1")
    if outcome.ending is Ending.FINISHED:
        fields.update((name, word) for name, word in _words_by_name(outcome) if word)
    return fields


def _words_by_name(outcome: Outcome) -> Iterator[tuple[str, int]]:
    result, log, state = (list(_words(region)) for region in outcome.regions)
    for number, word in enumerate(result):
        yield f"result[{number}]", word
    for number, record in enumerate(batched_words(log)):
        for name, word in zip(LOG_NAMES, record, strict=True):
            yield f"log[{number}].{name}", word
    yield from zip(STATE_NAMES, state, strict=False)


def batched_words(words: list[int]) -> Iterator[list[int]]:
    """The records of the log."""
    for start in range(0, len(words), len(LOG_NAMES)):
        yield words[start : start + len(LOG_NAMES)]


def _words(data: bytes) -> Iterator[int]:
    for start in range(0, len(data), 4):
        yield int.from_bytes(data[start : start + 4], "little")


def shown(value: Value | None) -> str:
    """A field's value for people."""
    if value is None:
        return "0"
    return f"0x{value:08x}" if isinstance(value, int) else repr(value)


def differing(left: Fields, right: Fields) -> list[str]:
    """Names of the fields that are not the same in both, in order of their first appearance."""
    names = dict.fromkeys((*left, *right))
    return [name for name in names if left.get(name) != right.get(name)]
