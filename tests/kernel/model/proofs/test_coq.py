# SPDX-License-Identifier: BSD-2-Clause
"""The Coq sources as text: what they state and what they must not contain."""

import re
from pathlib import Path

import pytest

from kernel.model.proofs.coq import (
    DEFINITIONS,
    PROOFS,
    SOURCES,
    Build,
    ProofStops,
    declaration_at,
    run_tool,
    statements,
)
from sel4emu.errors import InputError

NUMBERED = {
    *(f"lemma_{number}" for number in range(1, 29)),
    *(f"theorem_{number}" for number in range(1, 5)),
    *(f"example_{number}" for number in range(1, 6)),
    *(f"decision_{number}" for number in range(1, 7)),
}
#: Words with which something could be taken for granted.
FORBIDDEN = re.compile(r"\b(?:Admitted|admit|Axiom|Axioms|Parameter|Parameters|Conjecture)\b")


def _text(module: str) -> str:
    return (SOURCES / f"{module}.v").read_text(encoding="ascii")


def test_every_number_is_stated() -> None:
    """Statements.v states each numbered statement once, in one line that ends in a full stop."""
    stated = statements(_text("Statements"))
    assert {each.name for each in stated} == NUMBERED and len(stated) == len(NUMBERED)
    assert all(each.text.endswith(".") for each in stated)
    assert stated[0].title == "Lemma 1"


def test_every_statement_is_proved_once() -> None:
    """There is one theorem for each statement, and it claims just that."""
    proofs = "\n".join(map(_text, PROOFS))
    claimed = re.findall(r"^Theorem (\w+) : (\w+)_statement\.$", proofs, re.MULTILINE)
    assert sorted(claimed) == sorted((name, name) for name in NUMBERED)


@pytest.mark.parametrize("path", sorted(SOURCES.glob("*.v")), ids=lambda path: path.name)
def test_source_keeps_the_rules(path: Path) -> None:
    """The licence line comes first, a comment says what the file is for, nothing is assumed."""
    licence, comment, *_ = path.read_text(encoding="ascii").splitlines()
    assert licence == "(* SPDX-License-Identifier: BSD-2-Clause *)"
    assert comment.startswith("(** ")
    assert not FORBIDDEN.search(path.read_text(encoding="ascii"))


def test_definitions_prove_nothing() -> None:
    """Who wants to know what is claimed reads no proof."""
    assert not any("Proof." in _text(module) for module in DEFINITIONS)


def test_every_source_is_used() -> None:
    """No proof lies outside the list that is compiled."""
    kept = {path.stem for path in SOURCES.glob("*.v")}
    assert kept == {*DEFINITIONS, *PROOFS, "Extract", "Refutation"}


def test_declaration_at() -> None:
    """A place belongs to the declaration that begins before it."""
    source = "(* a *)\nLemma one : True.\nProof. auto. Qed.\nTheorem two : True.\n"
    assert declaration_at(source, 0) == ""
    assert declaration_at(source, source.index("Qed")) == "one"
    assert declaration_at(source, len(source)) == "two"


def test_missing_tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Coq, one sentence says what to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match=r"`coqc` is missing.*apt install coq"):
        run_tool("coqc", cwd=tmp_path)


FAKE_COQC = """#!/bin/sh
echo 'Chars 8 - 17 [Lemma~one] 0.25 secs (0.u,0.s)'
echo 'Chars 27 - 31 [Qed.] 0.5 secs (0.u,0.s)'
test "$4" = Protection || exit 9
case "$5" in Bad.v) echo 'File "./Bad.v", line 2, characters 0-4:' >&2; exit 1;; esac
"""


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Build:
    """A folder to build in, with a `coqc` that refuses `Bad.v` in its second line."""
    tools = tmp_path / "tools"
    tools.mkdir()
    coqc = tools / "coqc"
    coqc.write_text(FAKE_COQC, encoding="ascii")
    coqc.chmod(0o755)
    monkeypatch.setenv("PATH", str(tools), prepend=":")
    folder = tmp_path / "build"
    folder.mkdir()
    return Build(folder)


def test_build_copies_and_times(build: Build) -> None:
    """The sources are copied, and each declaration is charged the seconds of its sentences."""
    assert build.source("Model").read_text(encoding="ascii") == _text("Model")
    build.write("Good", iter(["(* a *)", "Lemma one : True.", "Proof. Qed."]))
    build.compile("Good")
    assert build.seconds == {"one": 0.75}


def test_build_names_the_place(build: Build) -> None:
    """Where Coq refuses a file, the declaration is named."""
    build.write("Bad", iter(["Lemma one : True.", "Qed."]))
    with pytest.raises(ProofStops, match=r"Bad\.v, one: ") as stop:
        build.compile("Bad")
    assert stop.value.declaration == "one"
