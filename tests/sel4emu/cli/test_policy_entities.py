# SPDX-License-Identifier: BSD-2-Clause
"""`sel4emu boot --save` and what `sel4emu policy` says about the machine in the file."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import Result

from kernel.policy.savedfile import MAGIC, unpack
from userland.build import default_image

MakeImage = Callable[[str], Path]
Invoke = Callable[..., Result]

#: DebugExit is -19 in r7.
EXIT: Final = "mvn r7, #18\nswi #0\n"
ENDS_WELL: Final = f"_start: mov r0, #0\n{EXIT}"
ENDS_BADLY: Final = f"_start: mov r0, #7\n{EXIT}"
#: DebugPutChar is -8: one character, then nothing but waiting.
ENDLESS: Final = "_start: mov r0, #'H'\nmvn r7, #7\nswi #0\nforever: b forever\n"


@pytest.fixture(scope="module")
def default_saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default image's machine at its end: rm has made ping and pong."""
    path = tmp_path_factory.mktemp("saved") / "rm.saved"
    words = ["boot", "--quiet", "--save", path, default_image()]
    subprocess.run([sys.executable, "-m", "sel4emu", *map(str, words)], check=True, timeout=60)
    return path


@pytest.fixture
def numbers(invoke: Invoke, default_saved: Path) -> dict[str, str]:
    """The numbers of the named threads."""
    listed = json.loads(invoke("policy", "entities", default_saved, "--json").stdout)
    return {name: str(each["number"]) for each in listed["entities"] for name in each["names"]}


def test_every_end_of_a_run_is_saved(root_task: MakeImage, invoke: Invoke, tmp_path: Path) -> None:
    """Whatever the status is, and it stays what it was."""
    file = tmp_path / "machine"
    for source, words, status in (
        (ENDS_WELL, (), 0),
        (ENDS_BADLY, (), 1),
        (ENDLESS, ("--max-cycles", "500000"), 4),
    ):
        result = invoke("boot", "--quiet", "--save", file, *words, root_task(source))
        assert result.exit_code == status
        machine = unpack(file.read_bytes(), "it")
        assert machine.board == "kzm_arm11" and len(machine.ram) == 128 << 20
        assert invoke("policy", "subsystem", file, "0").exit_code == 0
        file.unlink()


def test_ctrl_c_saves_too(
    root_task: MakeImage, environment: dict[str, str], tmp_path: Path
) -> None:
    """A run that never ends is ended from outside, and its machine is there."""
    file = tmp_path / "machine"
    words = ["boot", "--quiet", "--save", str(file), str(root_task(ENDLESS))]
    command = [sys.executable, "-m", "sel4emu", *words]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.read(1) == b"H"
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
    assert file.read_bytes().startswith(MAGIC)


def test_the_options_are_saved(root_task: MakeImage, invoke: Invoke, tmp_path: Path) -> None:
    """Which kernel it was is in the file."""
    file = tmp_path / "machine"
    invoke("boot", "--slow", "--compat", "sel4-1.0.3", "--save", file, root_task(ENDS_WELL))
    options = unpack(file.read_bytes(), "it").options
    assert options.slow and options.compat and options.debug


@pytest.mark.parametrize("name", ["", "/nowhere/at/all", "/", "-", "/dev/stdout"])
def test_a_file_that_cannot_be_written(root_task: MakeImage, invoke: Invoke, name: str) -> None:
    """Found out before the run, in one sentence: the guest prints nothing."""
    result = invoke("boot", "--save", name, root_task(ENDLESS))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("sel4emu: error: ") and result.stderr.count("\n") == 1


def test_save_needs_the_kernel(bare_elf: MakeImage, invoke: Invoke, tmp_path: Path) -> None:
    """A bare image has no capabilities."""
    result = invoke("boot", "--bare", "--save", tmp_path / "x", bare_elf("_start: b _start\n"))
    assert result.exit_code == 2
    assert result.stderr == "sel4emu: error: --save cannot go with --bare.\n"
    assert not (tmp_path / "x").exists()


def test_threads_have_their_names(invoke: Invoke, default_saved: Path) -> None:
    """A line an entity: number, kind, address, size, names."""
    lines = [
        line.split() for line in invoke("policy", "entities", default_saved).stdout.split("\n")
    ]
    threads = [line for line in lines if "thread" in line]
    assert [(line[0], line[-1]) for line in threads] == [("0", "ping"), ("1", "pong"), ("2", "rm")]


def ask(invoke: Invoke, question: str, file: Path, *words: str) -> tuple[int, dict[str, Any]]:
    """Exit status and the answer as an object."""
    result = invoke("policy", question, file, "--json", *words)
    answer: dict[str, Any] = json.loads(result.stdout)
    return result.exit_code, answer


def test_ping_and_pong_cannot_leak(
    invoke: Invoke, default_saved: Path, numbers: dict[str, str]
) -> None:
    """Neither can by what the two do; each leak there is needs the manager, who made them both."""
    ping, pong, manager = numbers["ping"], numbers["pong"], numbers["rm"]
    for one, other in ((ping, pong), (pong, ping)):
        status, answer = ask(invoke, "leak", default_saved, one, other)
        assert status == 0 and answer["commands"]
        assert {step["holder"] for step in answer["path"]} == {int(manager)}
        gone = ("--without", manager)
        assert ask(invoke, "leak", default_saved, one, other, *gone)[0] == 1
        assert ask(invoke, "authority", default_saved, one, other, "W", *gone)[0] == 0
        assert ask(invoke, "authority", default_saved, one, other, "G", *gone)[0] == 1


def test_ping_and_pong_are_not_isolated(
    invoke: Invoke, default_saved: Path, numbers: dict[str, str]
) -> None:
    """They send to each other, with or without the manager."""
    ping, pong = numbers["ping"], numbers["pong"]
    for words in ((), ("--without", numbers["rm"])):
        status, answer = ask(invoke, "isolated", default_saved, ping, pong, *words)
        assert status == 1
        assert [step["rights"] for step in answer["path"]] == ["W"]
    members = ask(invoke, "subsystem", default_saved, ping, "--without", numbers["rm"])[1][
        "members"
    ]
    assert members == [int(ping)]


@pytest.mark.parametrize("length", [8, 20, 27, 28, 1000])
@pytest.mark.parametrize("question", ["entities", "subsystem"])
def test_a_damaged_file_is_one_sentence(
    invoke: Invoke, default_saved: Path, tmp_path: Path, length: int, question: str
) -> None:
    """Recognised by its magic, refused with status 2."""
    file = tmp_path / "damaged"
    file.write_bytes(default_saved.read_bytes()[:length])
    result = invoke("policy", question, file, *(["0"] if question == "subsystem" else []))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"sel4emu: error: {file}: expected a saved machine")
    assert result.stderr.count("\n") == 1


def test_a_state_in_text_has_no_entities_to_list(invoke: Invoke, tmp_path: Path) -> None:
    """It says which file would have."""
    file = tmp_path / "text"
    file.write_text("entities 2\n0 1 G\n")
    result = invoke("policy", "entities", file)
    assert result.exit_code == 2 and "sel4emu boot --save" in result.stderr


def test_without_takes_entities_that_are_there(invoke: Invoke, tmp_path: Path) -> None:
    """Also of a state in text; their capabilities are gone, and nobody else's."""
    file = tmp_path / "text"
    file.write_text("entities 4\n0 1 G\n0 2 G\n1 3 G\n")
    assert invoke("policy", "leak", file, "1", "2").exit_code == 0
    assert invoke("policy", "leak", file, "1", "2", "--without", "0").exit_code == 1
    assert invoke("policy", "leak", file, "1", "3", "--without", "0").exit_code == 0
    result = invoke("policy", "leak", file, "1", "3", "--without", "4")
    assert result.exit_code == 2
    assert result.stderr == "sel4emu: error: there is no entity 4: the state has 0 to 3\n"
