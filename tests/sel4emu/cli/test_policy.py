# SPDX-License-Identifier: BSD-2-Clause
"""`sel4emu policy`: answers, their reasons, and the exit status."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sel4emu.cli.commands import cli

#: 0 and 1 leak to each other; 2 is only written to; 3 makes things for 4.
STATE = """\
entities 6
0 1 RG
1 1 G      # a self-grant
1 2 W
3 4 RWGC
3 5 C
"""

Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ask(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Ask:
    """Run `sel4emu policy QUESTION state ...`: exit status, standard output and error."""
    file = tmp_path / "system.state"
    file.write_text(STATE)

    def run(question: str, *arguments: str, state: str | None = None) -> tuple[int, str, str]:
        words = ["policy", question, str(file) if state is None else state, *arguments]
        with pytest.raises(SystemExit) as ended:
            cli.main(words, prog_name="sel4emu")
        output = capfd.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, output.out, output.err

    return run


def ask_json(ask: Ask, *words: str) -> tuple[int, dict[str, Any]]:
    """Exit status and the answer as an object."""
    status, output, _errors = ask(*words, "--json")
    answer = json.loads(output)
    assert isinstance(answer, dict)
    return status, answer


def test_a_leak_that_is_there_already(ask: Ask) -> None:
    """Yes, with the path, and no command needed."""
    status, output, _errors = ask("leak", "0", "1")
    assert status == 0
    assert "0 holds RG over 1" in output
    assert "it holds it already" in output


def test_a_leak_that_takes_a_command(ask: Ask) -> None:
    """1 can only be reached from 0 by what 1 does; but 0 holds Grant over nobody's self."""
    status, answer = ask_json(ask, "leak", "1", "0")
    assert status == 0
    assert answer["approximation"] is True
    assert answer["commands"] is None
    assert answer["path"] == [{"holder": 0, "target": 1, "rights": "RG"}]


def test_no_leak_and_its_cut(ask: Ask) -> None:
    """No, with the two sides and what lies between them without Grant."""
    status, answer = ask_json(ask, "leak", "1", "2")
    assert status == 1
    assert answer["cut"]["size_of_first"] == 2
    assert answer["cut"]["size_of_second"] == 1
    assert answer["cut"]["between"] == [{"holder": 1, "target": 2, "rights": "W"}]


@pytest.mark.parametrize(("rights", "status"), [("W", 0), ("-", 0), ("G", 1), ("WR", 1)])
def test_authority_has_a_bound(ask: Ask, rights: str, status: int) -> None:
    """The subsystem of 0 has Write over 2 and never more (Theorem 2)."""
    found, answer = ask_json(ask, "authority", "0", "2", rights)
    assert found == status
    assert answer["bound"] == "W"


def test_subsystem_and_domain_are_lists(ask: Ask) -> None:
    """Both answer with the members, and status 0."""
    assert ask_json(ask, "subsystem", "0")[1]["members"] == [0, 1]
    assert ask_json(ask, "domain", "0")[1]["members"] == [0, 1, 2]
    status, output, _errors = ask("subsystem", "2")
    assert (status, output) == (0, "the subsystem of 2 has 1 entities: 2\n")


def test_isolation_both_ways(ask: Ask) -> None:
    """Yes with a cut, no with a path."""
    status, output, _errors = ask("isolated", "0", "3")
    assert status == 0
    assert "yes: 0 and 3 are isolated" in output
    status, answer = ask_json(ask, "isolated", "0", "2")
    assert status == 1
    assert [step["target"] for step in answer["path"]] == [1, 2]


@pytest.mark.parametrize(
    "words",
    [
        ("leak", "0", "6"),
        ("leak", "0", "-1"),
        ("leak", "0"),
        ("leak", "x", "1"),
        ("authority", "0", "1", "Q"),
        ("authority", "0", "1", ""),
        ("subsystem", "99999999999999999999"),
        ("nonsense", "0"),
    ],
)
def test_bad_input_is_one_sentence(ask: Ask, words: tuple[str, ...]) -> None:
    """Status 2, nothing on standard output, one line that begins with who complains."""
    status, output, errors = ask(*words)
    assert (status, output) == (2, "")
    assert errors.startswith("sel4emu: error: ")
    assert errors.count("\n") == 1


def test_a_state_that_is_no_file(ask: Ask, tmp_path: Path) -> None:
    """A missing file and a folder are bad input."""
    for state in (str(tmp_path / "missing"), str(tmp_path)):
        status, _output, errors = ask("leak", "0", "1", state=state)
        assert status == 2
        assert state in errors


def test_the_group_alone_names_its_questions(capfd: pytest.CaptureFixture[str]) -> None:
    """`sel4emu policy` says what can be asked."""
    with pytest.raises(SystemExit) as ended:
        cli.main(["policy"], prog_name="sel4emu")
    assert ended.value.code == 2
    assert "leak" in capfd.readouterr().err
