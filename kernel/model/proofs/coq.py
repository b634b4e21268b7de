# SPDX-License-Identifier: BSD-2-Clause
"""Runs Coq on the proofs, from nothing, in a folder that is thrown away."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sel4emu.errors import InputError

SOURCES: Final = Path(__file__).parent
#: What the statements need, in the order of dependence.
DEFINITIONS: Final = ("Model", "Policy", "Decision", "Examples", "Statements")
PROOFS: Final = (
    "Steps",
    "Sanity",
    "Links",
    "Propagation",
    "Subsystems",
    "Isolation",
    "DecisionProofs",
    "Exactness",
    "ExampleProofs",
)

#: `(** Lemma 1: what it says. *)` before its definition in Statements.v.
STATEMENT: Final = re.compile(
    r"\(\*\* (Lemma|Theorem|Example|Decision) (\d+): (.*?) \*\)\nDefinition (\w+)_statement\b",
    re.DOTALL,
)
DECLARATION: Final = re.compile(r"^(?:Theorem|Lemma|Definition|Ltac) (\w+)", re.MULTILINE)
TIMING: Final = re.compile(r"^Chars (\d+) - \d+ \[.*\] ([\d.]+) secs", re.MULTILINE)
ERROR_PLACE: Final = re.compile(r'File "\./(\w+)\.v", line (\d+),')


@dataclass(frozen=True)
class Statement:
    """One numbered statement: `lemma_1`, `Lemma 1`, and what it says in one line."""

    name: str
    title: str
    text: str


def statements(source: str) -> list[Statement]:
    """The numbered statements in the text of Statements.v, in its order."""
    return [
        Statement(name, f"{kind} {number}", " ".join(text.split()))
        for kind, number, text, name in STATEMENT.findall(source)
    ]


def declaration_at(source: str, offset: int) -> str:
    """The declaration that the place is in; empty before the first."""
    before = [match.group(1) for match in DECLARATION.finditer(source) if match.start() <= offset]
    return before[-1] if before else ""


class ProofStops(Exception):
    """Coq refuses a file: where, and what it says."""

    def __init__(self, module: str, declaration: str, message: str) -> None:
        super().__init__(f"{module}.v, {declaration or 'outside a proof'}: {message.strip()}")
        self.declaration = declaration


@dataclass
class Build:
    """A folder with copies of the sources, in which Coq compiles them."""

    folder: Path
    #: Seconds for each declaration, from its statement to its Qed.
    seconds: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for path in SOURCES.glob("*.v"):
            shutil.copy(path, self.folder)

    def source(self, module: str) -> Path:
        return self.folder / f"{module}.v"

    def compile(self, *modules: str) -> str:
        """Compiles modules in this order; what Coq printed. `ProofStops` at the first refusal."""
        return "".join(self._compile(module) for module in modules)

    def _compile(self, module: str) -> str:
        done = run_tool("coqc", "-time", "-Q", ".", "Protection", f"{module}.v", cwd=self.folder)
        text = self.source(module).read_text(encoding="ascii")
        if done.returncode:
            raise self._stop(module, text, done.stderr)
        for place, seconds in TIMING.findall(done.stdout):
            name = declaration_at(text, int(place))
            self.seconds[name] = self.seconds.get(name, 0.0) + float(seconds)
        return done.stdout

    def _stop(self, module: str, text: str, stderr: str) -> ProofStops:
        place = ERROR_PLACE.search(stderr)
        if place is None:
            return ProofStops(module, "", stderr)
        offset = sum(
            len(line) for line in text.splitlines(keepends=True)[: int(place.group(2)) - 1]
        )
        return ProofStops(module, declaration_at(text, offset), stderr)

    def write(self, module: str, lines: Iterator[str]) -> None:
        self.source(module).write_text("\n".join(lines) + "\n", encoding="ascii")


def run_tool(
    *command: str, cwd: Path, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Runs a program; `InputError` where it is not installed."""
    if shutil.which(command[0]) is None:
        raise InputError(
            f"the program `{command[0]}` is missing: install Coq 8.16 and OCaml"
            " (on Debian: apt install coq ocaml-nox)"
        )
    return subprocess.run(
        command, cwd=cwd, input=stdin, capture_output=True, text=True, check=False
    )
