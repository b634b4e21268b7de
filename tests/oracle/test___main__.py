# SPDX-License-Identifier: BSD-2-Clause
"""The command that runs the programs on both machines, with kept answers in the place of QEMU."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from oracle import __main__ as command
from oracle import golden
from oracle.fields import Fields
from oracle.golden import read_golden
from oracle.program import Program

NAME = "arm_swap"
Answer = Callable[[dict[str, int | str]], None]


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Answer:
    """Has QEMU give the kept answer with these fields changed; answers are kept in a copy."""
    kept = read_golden(NAME)
    (tmp_path / f"{NAME}.json").write_bytes(golden.golden_path(NAME).read_bytes())
    monkeypatch.setattr(golden, "FOLDER", tmp_path)
    monkeypatch.setattr(command, "qemu_version", lambda: "9.9")

    def change(fields: dict[str, int | str]) -> None:
        def ask(programs: Sequence[Program]) -> list[Fields]:
            return [{**kept.fields, **fields} for _ in programs]

        monkeypatch.setattr(command, "ask_qemu", ask)

    return change


def test_same(answer: Answer, capsys: pytest.CaptureFixture[str]) -> None:
    """Both machines agree, and the kept answers are these: status 0."""
    answer({})
    assert command.main([NAME]) == 0
    printed = capsys.readouterr().out
    assert f"{NAME:32} same" in printed
    assert "0 differ" in printed
    assert "r0p4" in printed


def test_difference(answer: Answer, capsys: pytest.CaptureFixture[str]) -> None:
    """A difference names program, variant, field and both values, and says what was kept."""
    answer({"result[0]": 5})
    assert command.main([NAME]) == 1
    printed = capsys.readouterr().out
    assert f"{NAME:32} differs" in printed
    assert "timing full, r1p3: result[0]: QEMU 0x00000005, ours 0x8899aabb" in printed
    assert "result[0]: kept 0x8899aabb of QEMU" in printed
    assert "now 0x00000005 of QEMU 9.9" in printed


def test_record(answer: Answer, capsys: pytest.CaptureFixture[str]) -> None:
    """Recorded answers replace those that were kept, with the version; differences still show."""
    answer({"result[0]": 5})
    assert command.main([NAME, "--record"]) == 1
    assert "kept" not in capsys.readouterr().out
    assert read_golden(NAME).fields["result[0]"] == 5
    assert read_golden(NAME).version == "9.9"


def test_no_answers_kept(answer: Answer, capsys: pytest.CaptureFixture[str]) -> None:
    """A program whose answers were never recorded is not passed over."""
    answer({})
    golden.golden_path(NAME).unlink()
    assert command.main([NAME]) == 1
    assert "no answers are kept" in capsys.readouterr().out


def test_list_and_errors(capsys: pytest.CaptureFixture[str]) -> None:
    """The list needs no QEMU; an unknown name is one sentence and status 2."""
    assert command.main(["--list", NAME]) == 0
    assert "SWP and SWPB" in capsys.readouterr().out
    assert command.main(["nothing"]) == 2
    assert capsys.readouterr().err.startswith("error: nothing: expected")
