# SPDX-License-Identifier: BSD-2-Clause
"""The golden cases: snippets of assembly in `*.s` with their cycles, typed by hand, in `*.exp`.

A label in the first column of a `.s` file begins a case and names it; labels inside a case are
indented and its own. The lines of a case are measured, from `begin` (a label that the bench
puts there) to behind the last line, unless one of these words, alone on a line, says otherwise:

- `.routines`: the lines after it lie in front of everything, to be called;
- `.before`: they run before, in ARM state, and are separated from the case by idle instructions;
- `.measure`: back to what is measured;
- `.until name`: measured to that label or constant, from where the code finds back to `finish`;
- `.thumb_case`: the case and its routines are Thumb code.

A line of the `.exp` file is `name cycles # where the figure comes from`: a section or table of T36,
the ARM1136JF-S TRM (DDI 0211), or T76, the ARM1176JZF-S TRM (DDI 0301H, the same core family); R,
recalled from memory of it; else the rule of docs/TIMING.md, with its figures worked out by hand.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent
_NAME: Final = re.compile(r"(\w+):\s*")
_EXPECTED: Final = re.compile(r"(\w+)\s+(\d+)\s+#\s+(\S.*)")
_SECTIONS: Final = ("routines", "before", "measure")


@dataclass
class Snippet:
    """One case of a `.s` file: its lines by section."""

    thumb: bool = False
    until: str = "end"
    sections: dict[str, list[str]] = field(
        default_factory=lambda: {section: [] for section in _SECTIONS}
    )

    def text(self, section: str) -> str:
        """The lines of a section."""
        return "\n".join(self.sections[section])


@dataclass(frozen=True)
class Case:
    """A snippet and its cycles."""

    file: str
    name: str
    snippet: Snippet
    cycles: int

    def __str__(self) -> str:
        return f"{self.file}-{self.name}"


def files() -> list[str]:
    """The names, without suffix, of the files of cases."""
    return sorted(path.stem for path in FOLDER.glob("*.exp"))


def snippets(file: str) -> dict[str, Snippet]:
    """The cases of a `.s` file by name."""
    found: dict[str, Snippet] = {}
    snippet, section = Snippet(), "measure"
    for line in (FOLDER / f"{file}.s").read_text().splitlines():
        directive = line.split()[:1]
        if match := _NAME.fullmatch(line):
            assert match[1] not in found, f"{file}.s: there are two cases {match[1]}"
            snippet, section = found.setdefault(match[1], Snippet()), "measure"
        elif directive == [".thumb_case"]:
            snippet.thumb = True
        elif directive == [".until"]:
            snippet.until = line.split()[1]
        elif directive and directive[0] in {f".{known}" for known in _SECTIONS}:
            section = directive[0][1:]
        elif found:
            snippet.sections[section].append(line)
    return found


def expected(file: str) -> dict[str, int]:
    """The cycles of each case in an `.exp` file."""
    found: dict[str, int] = {}
    lines = (FOLDER / f"{file}.exp").read_text().splitlines()
    for number, line in enumerate(lines, 1):
        if not line or line.startswith("#"):
            continue
        match = _EXPECTED.fullmatch(line)
        assert match, f"{file}.exp, line {number}: `name cycles # source` expected"
        assert match[1] not in found, f"{file}.exp, line {number}: a second {match[1]}"
        found[match[1]] = int(match[2])
    return found


def _cases() -> Iterator[Case]:
    for file in files():
        cycles = expected(file)
        for name, snippet in snippets(file).items():
            if name in cycles:
                yield Case(file, name, snippet, cycles[name])


@cache
def all_cases() -> list[Case]:
    """Every case that has its cycles."""
    return list(_cases())
