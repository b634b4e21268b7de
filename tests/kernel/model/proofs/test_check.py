# SPDX-License-Identifier: BSD-2-Clause
"""The check fails where something is missing, and says what."""

from pathlib import Path

import pytest

from kernel.model.proofs import check
from kernel.model.proofs.check import CLOSED, CheckFailed, assumption_lines, assumptions, compare
from kernel.model.proofs.coq import Build, Statement
from kernel.model.proofs.mutations import MUTATIONS

PRINTED = f"""Chars 0 - 9 [Require] 0.1 secs (0.u,0.s)
ASSUMPTIONS lemma_1
Chars 10 - 20 [Goal] 0. secs (0.u,0.s)
{CLOSED}
ASSUMPTIONS lemma_2
Axioms:
classic : forall P : Prop, P \\/ ~ P
"""


def test_assumptions_are_read() -> None:
    """What Coq prints after a theorem's name is about that theorem."""
    said = assumptions(PRINTED)
    assert said["lemma_1"] == CLOSED
    assert said["lemma_2"].startswith("Axioms: classic")


def test_theorem_is_held_against_its_statement() -> None:
    """Each theorem is given the type of its statement before its assumptions are printed."""
    text = "\n".join(assumption_lines([Statement("lemma_1", "Lemma 1", "it holds.")]))
    assert "checked_lemma_1 : Statements.lemma_1_statement := lemma_1." in text
    assert text.endswith("Print Assumptions checked_lemma_1.")


def test_models_that_differ() -> None:
    """The first different line is shown, also where one model says less."""
    compare(["a", "b"], ["a", "b"])
    with pytest.raises(CheckFailed, match=r"line 1 .*`b`.*`c`"):
        compare(["a", "b"], ["a", "c"])
    with pytest.raises(CheckFailed, match=r"line 1 .*`None`.*`b`"):
        compare(["a"], ["a", "b"])


def test_mutation_is_made(tmp_path: Path) -> None:
    """A mutation changes its file in the folder, and only there."""
    build = Build(tmp_path)
    check.mutate(build, MUTATIONS[0])
    text = (tmp_path / MUTATIONS[0].file).read_text(encoding="ascii")
    assert MUTATIONS[0].new in text and MUTATIONS[0].old not in text


def test_missing_tools(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without Coq the exit status is 2 and one sentence says what to install."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert check.main([]) == 2
    assert "apt install coq" in capsys.readouterr().err


def test_refused_proof(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A proof that Coq refuses ends the check with status 1 and names the file."""
    coqc = tmp_path / "coqc"
    coqc.write_text("#!/bin/sh\nexit 1\n", encoding="ascii")
    coqc.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert check.main([]) == 1
    assert "Model.v" in capsys.readouterr().err
