# SPDX-License-Identifier: BSD-2-Clause
"""QEMU's answers, kept as data, and the differences that are known and explained.

`oracle/golden/NAME.json` has the version of QEMU that answered, the digest of the program that
was run, and every field that was not zero. `oracle/differences.toml` has, for each field in which
our machine differs on purpose, the value that it has with us and the reason.
"""

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from oracle.fields import Fields, Value, differing, shown
from oracle.program import Program
from sel4emu.errors import InputError

FOLDER: Final = Path(__file__).parent / "golden"
DIFFERENCES: Final = Path(__file__).parent / "differences.toml"


@dataclass(frozen=True, slots=True)
class Golden:
    """What QEMU answered: its version, the program's digest, and the fields."""

    version: str
    digest: str
    fields: Fields


@dataclass(frozen=True, slots=True)
class Known:
    """A known difference of one program: our value of each field, and why it is right."""

    reason: str
    ours: Fields


def golden_path(name: str) -> Path:
    """Where the answers for a program are."""
    return FOLDER / f"{name}.json"


def read_golden(name: str) -> Golden:
    """The kept answers for a program; InputError where there are none."""
    path = golden_path(name)
    if not path.exists():
        raise InputError(
            f"{path.name}: expected QEMU's answers, made by `python -m oracle --record`"
        )
    data = json.loads(path.read_text(encoding="utf-8"))
    fields = {key: _value(text) for key, text in data["fields"].items()}
    return Golden(data["qemu"], data["program"], fields)


def write_golden(name: str, golden: Golden) -> None:
    """Keep the answers for a program."""
    fields = {key: _text(value) for key, value in golden.fields.items()}
    data = {"qemu": golden.version, "program": golden.digest, "fields": fields}
    golden_path(name).write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def _text(value: Value) -> str:
    return f"0x{value:08x}" if isinstance(value, int) else f"={value}"


def _value(text: str) -> Value:
    return text[1:] if text.startswith("=") else int(text, 16)


def stale(program: Program, golden: Golden) -> str | None:
    """Why the kept answers are not for this program; None if they are."""
    if golden.digest == program.digest:
        return None
    return f"{program.name}: the program has changed since QEMU's answers were recorded"


def known_differences() -> Mapping[str, tuple[Known, ...]]:
    """The known differences of each program that has some."""
    data = tomllib.loads(DIFFERENCES.read_text(encoding="utf-8"))
    known: dict[str, tuple[Known, ...]] = {}
    for entry in data.get("difference", ()):
        for name in entry["programs"]:
            known[name] = (*known.get(name, ()), Known(entry["reason"], entry["ours"]))
    return known


def complaints(expected: Fields, found: Fields, known: Iterable[Known]) -> Iterator[str]:
    """A sentence for each field that differs and should not, and the other way round."""
    ours = {name: value for entry in known for name, value in entry.ours.items()}
    for name, value in ours.items():
        actual = found.get(name, 0)
        if actual != value:
            yield f"{name}: expected our {shown(value)} (a known difference), is {shown(actual)}"
        elif actual == expected.get(name, 0):
            yield f"{name}: listed as a known difference, but is {shown(actual)} on both"
    for name in differing(expected, found):
        if name not in ours:
            yield f"{name}: QEMU {shown(expected.get(name))}, ours {shown(found.get(name))}"
